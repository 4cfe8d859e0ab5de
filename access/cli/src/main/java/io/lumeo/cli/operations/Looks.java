package io.lumeo.cli.operations;

import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Look;
import io.lumeo.configuration.Configuration;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A look at each host of a configuration, taken for a person's question.
record Looks(OperationsSession session) {

  /// One look at each of the wanted hosts. One that does not answer is a missed look.
  List<Look> take(Configuration configuration, @Nullable String wanted, boolean sudo)
      throws StorageFailure, IOException {
    var looks = new ArrayList<Look>();
    for (var settings : OperationsSession.hosts(configuration, wanted)) {
      looks.add(look(session.setup(configuration, settings, sudo)));
    }
    return looks;
  }

  private Look look(HostSetup host) {
    var time = session.surroundings().time();
    var began = time.nanos();
    try {
      var inventory = host.system().inventory();
      var cost = Duration.ofNanos(Math.max(0, time.nanos() - began));
      return new Look.Seen(host, time.instant(), inventory, List.of(), cost);
    } catch (StorageFailure failure) {
      return new Look.Missed(host, time.instant(), String.valueOf(failure.getMessage()), null);
    }
  }
}
