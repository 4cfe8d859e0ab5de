package io.lumeo.lvm;

/// What LVM says to a yes-or-no question. It does not know much about what is not active.
enum Answer {
  YES,
  NO,
  UNKNOWN;

  boolean isYes() {
    return this == YES;
  }
}
