package io.lumeo.cli.operations;

import static java.util.concurrent.CompletableFuture.supplyAsync;

import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Look;
import io.lumeo.configuration.Configuration;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// A look at each host of a configuration, taken for a person's question.
record Looks(OperationsSession session) {

  /// How many hosts are looked at side by side: most of a look is waiting for another machine, but
  /// each `ssh` is a process here.
  private static final int AT_ONCE = 16;

  /// One look at each of the wanted hosts. One that does not answer is a missed look.
  List<Look> take(Configuration configuration, @Nullable String wanted, boolean sudo)
      throws StorageFailure, IOException {
    var hosts = new ArrayList<HostSetup>();
    for (var settings : OperationsSession.hosts(configuration, wanted)) {
      hosts.add(session.setup(configuration, settings, sudo));
    }
    try (var threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      var looks = hosts.stream().map(host -> supplyAsync(() -> look(host), threads)).toList();
      return looks.stream().map(CompletableFuture::join).toList();
    }
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
