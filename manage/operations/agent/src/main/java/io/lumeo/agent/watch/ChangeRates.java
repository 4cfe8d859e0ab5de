package io.lumeo.agent.watch;

import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// How much of a volume is overwritten for the first time in an hour, as the stores of its classic
/// snapshots have shown: what the next store is sized by. Kept in the state file, since there is
/// often no snapshot left when the next is made. Safe for use by several threads.
final class ChangeRates {
  private static final String COMPONENT = "change-rates";
  private static final List<String> SCRIPTS =
      List.of(
          """
          CREATE TABLE change_rate (
            system TEXT NOT NULL,
            uuid TEXT NOT NULL,
            bytes_per_hour INTEGER NOT NULL,
            seen INTEGER NOT NULL,
            PRIMARY KEY (system, uuid)
          ) WITHOUT ROWID;
          """);

  /// Younger snapshots have seen too little.
  private static final Duration LEAST_AGE = Duration.ofMinutes(10);

  private static final Duration KEPT = Duration.ofDays(90);

  private final Database database;

  private ChangeRates(Database database) {
    this.database = database;
  }

  /// @throws StateException if a newer program wrote the state file
  static ChangeRates open(Database database) throws StateException {
    database.migrate(COMPONENT, SCRIPTS);
    return new ChangeRates(database);
  }

  /// The rates in a state file that is open to be read only, where perhaps nobody has kept any.
  static ChangeRates view(Database database) {
    return new ChangeRates(database);
  }

  /// Takes what the snapshots of a host show now.
  void note(Inventory inventory, Instant now) {
    var rates = of(inventory, now);
    if (rates.isEmpty()) {
      return;
    }
    database.write(handle -> {
      rates.forEach((uuid, rate) ->
          handle.execute(
              "INSERT OR REPLACE INTO change_rate VALUES (?, ?, ?, ?)",
              inventory.system(),
              uuid,
              rate,
              now.toEpochMilli()));
      return handle.execute(
          "DELETE FROM change_rate WHERE seen < ?", now.minus(KEPT).toEpochMilli());
    });
  }

  /// The rate of each origin with a classic snapshot, by its uuid. Of several snapshots the fastest
  /// counts: what is overwritten twice, an older one has seen once.
  static Map<String, Long> of(Inventory inventory, Instant now) {
    var rates = new HashMap<String, Long>();
    for (var volume : inventory.volumes()) {
      var origin = volume.origin();
      var created = volume.createdAt();
      var store = volume.data();
      if (volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT
          && volume.health().state() != Health.State.INVALID
          && origin != null
          && created != null
          && store != null
          && !created.plus(LEAST_AGE).isAfter(now)) {
        var hours = Duration.between(created, now).toMillis() / 3_600_000.0;
        rates.merge(origin, (long) Math.ceil(store.usedBytes() / hours), Math::max);
      }
    }
    return rates;
  }

  /// The last that was seen of a volume; empty when nothing was.
  OptionalLong bytesPerHour(String system, String uuid) {
    if (!database.knows(COMPONENT)) {
      return OptionalLong.empty();
    }
    var rate =
        database.read(handle ->
            handle
                .select(
                    "SELECT bytes_per_hour FROM change_rate WHERE system = ? AND uuid = ?",
                    system,
                    uuid)
                .mapTo(Long.class)
                .findOne());
    return rate.map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }
}
