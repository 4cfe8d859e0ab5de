package io.lumeo.lvm;

/// A string of attribute letters, read by position as the manual counts them: from 1. What is
/// beyond its end is `-`, so that a string from an older LVM is read as having nothing there.
record Letters(String text) {

  char at(int position) {
    return position <= text.length() ? text.charAt(position - 1) : '-';
  }

  boolean is(int position, char letter) {
    return at(position) == letter;
  }
}
