package io.lumeo.cli;

import java.io.IOException;

/// The person said no.
public final class Declined extends IOException {
  private static final long serialVersionUID = 1;

  Declined() {
    super("nothing was changed");
  }
}
