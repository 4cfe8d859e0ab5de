package io.lumeo.alerts;

import java.util.function.Predicate;

/// Which alerts go to a channel.
///
/// @param from the mildest severity that it is told of
/// @param rules by name, whose alerts it is told of
/// @param retries how often what it did not take is tried again
public record Route(Channel channel, Severity from, Predicate<String> rules, RetryPolicy retries) {

  /// Everything goes there.
  public static Route all(Channel channel) {
    return new Route(channel, Severity.INFO, rule -> true, RetryPolicy.defaults());
  }

  /// The same for what is this grave and graver.
  public Route from(Severity mildest) {
    return new Route(channel, mildest, rules, retries);
  }

  /// The same for these rules only.
  public Route of(Predicate<String> chosen) {
    return new Route(channel, from, chosen, retries);
  }

  /// The same with other retries.
  public Route retrying(RetryPolicy policy) {
    return new Route(channel, from, rules, policy);
  }

  boolean takes(Notice notice) {
    return notice.severity().compareTo(from) >= 0 && rules.test(notice.alert().rule());
  }
}
