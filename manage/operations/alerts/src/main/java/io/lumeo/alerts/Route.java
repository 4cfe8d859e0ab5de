package io.lumeo.alerts;

/// Which alerts go to a channel.
///
/// @param from the mildest severity that it is told of
public record Route(Channel channel, Severity from) {

  /// Everything goes there.
  public static Route all(Channel channel) {
    return new Route(channel, Severity.INFO);
  }

  boolean takes(Notice notice) {
    return notice.severity().compareTo(from) >= 0;
  }
}
