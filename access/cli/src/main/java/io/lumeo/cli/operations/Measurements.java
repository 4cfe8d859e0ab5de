package io.lumeo.cli.operations;

import io.lumeo.agent.Foresight;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Look;
import io.lumeo.agent.watch.OnDemand;
import io.lumeo.configuration.Configuration;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import io.lumeo.storage.Inventory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What an agent has measured, for a person who decides by hand as it would. Nothing is foreseen
/// where nothing was measured.
record Measurements(Configuration configuration, Optional<Database> state)
    implements AutoCloseable {

  /// Those of a configuration's state file, which stays open until this is closed.
  static Measurements open(Configuration configuration) throws StateException {
    return new Measurements(configuration, OperationsSession.stateOf(configuration, "samples"));
  }

  /// What comes of them on a host.
  ///
  /// @param inventory of the host, taken at `now`
  Foresight foresee(HostSetup host, Inventory inventory, Instant now) {
    return state
        .map(database -> {
          var look = new Look.Seen(host, now, inventory, List.of(), Duration.ZERO);
          return new OnDemand(configuration, database, List.of(look)).foresight(now);
        })
        .orElseGet(Foresight::none);
  }

  @Override
  public void close() {
    state.ifPresent(Database::close);
  }
}
