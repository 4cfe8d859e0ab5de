package io.lumeo.testing;

import java.io.IOException;

/// The power went away; what was not durable is lost or torn. See [PowerSupply].
public final class PowerCut extends IOException {
  private static final long serialVersionUID = 1;

  PowerCut(long operation) {
    super("the power was cut at operation " + operation);
  }
}
