package io.lumeo.cli.operations;

import io.lumeo.cli.Size;
import io.lumeo.configuration.Hook;
import io.lumeo.configuration.PolicySettings;
import io.lumeo.configuration.Selector;
import io.lumeo.configuration.VerificationSettings;
import io.lumeo.policies.Amount;
import io.lumeo.policies.MinimumFree;
import io.lumeo.rest.Records;
import java.util.ArrayList;
import java.util.List;

/// The parts of a policy in words.
final class PolicyWords {
  private PolicyWords() {}

  /// `db*:vg0/pg-* [production]`.
  static String selector(Selector selector) {
    var tags = selector.tags().isEmpty() ? "" : " " + selector.tags();
    return "%s:%s/%s%s".formatted(selector.host(), selector.pool(), selector.name(), tags);
  }

  /// `10 %, else delete-oldest`.
  static String minimumFree(MinimumFree rule) {
    return "%s, else %s".formatted(amount(rule.free()), Records.word(rule.action()));
  }

  private static String amount(Amount amount) {
    return switch (amount) {
      case Amount.Bytes(var bytes) -> Size.human(bytes);
      case Amount.Percent(var percent) -> percent + " %";
    };
  }

  /// `before: /usr/bin/x`, without arguments, which may hold a secret.
  static List<String> hooks(PolicySettings settings) {
    var words = new ArrayList<String>();
    settings.before().forEach(hook -> words.add("before: " + program(hook)));
    settings.after().forEach(hook -> words.add("after: " + program(hook)));
    return words;
  }

  private static String program(Hook hook) {
    return hook.command().getFirst();
  }

  /// `30 4 * * 0 UTC, 1 sentinels`.
  static String verification(VerificationSettings settings) {
    return "%s %s, %d sentinels%s"
        .formatted(
            settings.timetable().schedule(),
            settings.timetable().zone(),
            settings.sentinels().size(),
            settings.manifest().map(file -> ", manifest " + file).orElse(""));
  }
}
