package io.lumeo.alerts;

/// A receiver did not take a message: which, why, and what to do, in one line and without secrets.
public final class DeliveryFailure extends Exception {
  private static final long serialVersionUID = 1;
  private final boolean isPermanent;

  private DeliveryFailure(String message, boolean isPermanent) {
    super(Words.oneLine(message));
    this.isPermanent = isPermanent;
  }

  /// It may be taken later: the receiver is away, slow or busy.
  public static DeliveryFailure passing(String message) {
    return new DeliveryFailure(message, false);
  }

  /// It will never be taken as it is.
  public static DeliveryFailure lasting(String message) {
    return new DeliveryFailure(message, true);
  }

  /// Whether trying again is in vain.
  public boolean isPermanent() {
    return isPermanent;
  }
}
