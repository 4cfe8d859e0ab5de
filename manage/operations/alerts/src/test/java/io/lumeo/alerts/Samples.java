package io.lumeo.alerts;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Messages to be sent, and channels that take them.
final class Samples {
  static final Instant AT = Instant.parse("2026-03-01T12:00:00Z");

  private Samples() {}

  static Message firing(String lv) {
    return message(notice(Notice.Kind.FIRING, lv));
  }

  static Message resolved(String lv) {
    return message(notice(Notice.Kind.RESOLVED, lv));
  }

  static Message message(Notice... notices) {
    return new Message("1772366400000-00ff", AT, List.of(notices));
  }

  static Notice notice(Notice.Kind kind, String lv) {
    var labels = new TreeMap<>(Map.of("host", "db1", "vg", "vg0", "pool", "", "lv", lv));
    var alert =
        new Alert(
            "SnapshotStoreFull",
            labels,
            0.95,
            2,
            null,
            null,
            AT,
            List.of(AT.minusSeconds(90)),
            null);
    var rule = Rules.defaults().getFirst();
    return new Notice(
        kind,
        alert,
        Severity.CRITICAL,
        AlertText.of(rule, alert, AT),
        AT.minusSeconds(90),
        kind == Notice.Kind.RESOLVED ? AT : null);
  }

  /// A channel that keeps what it is given, or refuses it.
  static final class Kept implements Channel {
    final List<Message> messages = new ArrayList<>();
    private final String name;
    private final boolean wantsWhatStands;
    int refusals;
    boolean refusesForGood;

    Kept(String name) {
      this(name, false);
    }

    Kept(String name, boolean wantsWhatStands) {
      this.name = name;
      this.wantsWhatStands = wantsWhatStands;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public boolean wantsWhatStands() {
      return wantsWhatStands;
    }

    @Override
    public void deliver(Message message) throws DeliveryFailure {
      if (refusesForGood) {
        throw DeliveryFailure.lasting("never");
      }
      if (refusals > 0) {
        refusals--;
        throw DeliveryFailure.passing("not now");
      }
      messages.add(message);
    }

    List<String> subjects() {
      return messages.stream().map(Message::subject).toList();
    }
  }
}
