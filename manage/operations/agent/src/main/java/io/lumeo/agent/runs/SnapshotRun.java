package io.lumeo.agent.runs;

import io.lumeo.agent.Decision;
import io.lumeo.agent.Foresight;
import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Intent;
import io.lumeo.agent.Ledger;
import io.lumeo.agent.Upshot;
import io.lumeo.policies.RunKey;
import io.lumeo.storage.Change;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// The snapshots of one policy on one host, at one scheduled instant.
///
/// Whatever would be refused is found before a hook has stopped anybody's work. After the hooks
/// that come before were begun, those that come after run, whatever happened.
public final class SnapshotRun {
  private final Hand hand;
  private final Foresight foresight;
  private final InstantSource clock;
  private final Hooks hooks;
  private final Removal removal;

  public SnapshotRun(Hand hand, Ledger ledger, Foresight foresight, InstantSource clock) {
    this.hand = hand;
    this.foresight = foresight;
    this.clock = clock;
    this.hooks = new Hooks(ledger);
    this.removal = new Removal(hand);
  }

  /// A snapshot that is to be made.
  private record Wanted(Volume volume, SnapshotChoice.Make choice) {}

  /// Makes the run's snapshots of `volumes`. Those it has made already are left as they are, so it
  /// may be called again for a run that was interrupted.
  ///
  /// @param volumes the uuids of the volumes
  /// @throws StorageFailure if the host cannot be looked at; nothing was done then
  /// @throws IOException if it cannot be recorded
  public RunReport run(HostSetup host, PolicyTerms terms, RunKey key, Collection<String> volumes)
      throws StorageFailure, IOException, InterruptedException {
    var report = new RunReport.Builder();
    var inventory = host.system().inventory();
    var wanted = new ArrayList<Wanted>();
    for (var uuid : volumes) {
      var volume = inventory.volume(uuid);
      if (volume.isPresent()) {
        inventory = choose(host, terms, key, volume.get(), inventory, wanted, report);
      }
    }
    if (terms.settings().together() && !report.build().lines().isEmpty()) {
      leaveAll(host, terms, wanted, inventory, report);
      return report.build();
    }
    if (wanted.isEmpty()) {
      return report.build();
    }
    if (hand.isDry()) {
      make(host, terms, wanted, inventory, report);
    } else {
      makeBetweenHooks(host, terms, key, wanted, inventory, report);
    }
    return report.build();
  }

  /// Decides about one volume, and deletes what has to go first.
  ///
  /// @return the host as it is then
  private Inventory choose(
      HostSetup host,
      PolicyTerms terms,
      RunKey key,
      Volume volume,
      Inventory before,
      List<Wanted> wanted,
      RunReport.Builder report)
      throws StorageFailure, IOException {
    var inventory = before;
    while (true) {
      var name = Holdings.name(inventory, volume);
      switch (choice(host, terms, key, inventory, volume)) {
        case SnapshotChoice.Make make -> {
          wanted.add(new Wanted(volume, make));
          return inventory;
        }
        case SnapshotChoice.Made _ -> {
          return inventory;
        }
        case SnapshotChoice.Refused(var reason) -> {
          report.add(name, refuse(host, terms, volume, reason));
          return inventory;
        }
        case SnapshotChoice.DeleteFirst(var snapshot, var reason) -> {
          var removed = removal.removeNow(host, terms.actor(), snapshot.uuid(), reason);
          if (hand.isDry() || !removed.isGood()) {
            report.add(name, removed);
            return inventory;
          }
          inventory = host.system().inventory();
        }
      }
    }
  }

  private SnapshotChoice choice(
      HostSetup host, PolicyTerms terms, RunKey key, Inventory inventory, Volume volume) {
    return SnapshotChoice.of(
        new SnapshotChoice.Question(
            terms,
            key,
            inventory,
            volume,
            foresight.changedBytesPerHour(host.name(), volume.uuid()),
            clock.instant()));
  }

  private Upshot refuse(HostSetup host, PolicyTerms terms, Volume volume, String reason)
      throws IOException {
    return hand.carryOut(
        host.system(),
        new Decision.Refuse(intent(host, terms, "snapshot.create", volume.uuid()), reason),
        Progress.none());
  }

  private static Intent intent(HostSetup host, PolicyTerms terms, String verb, String uuid) {
    return Intent.scheduled(terms.actor(), verb, host.name(), uuid);
  }

  /// One of a group cannot be taken, so none is.
  private void leaveAll(
      HostSetup host,
      PolicyTerms terms,
      List<Wanted> wanted,
      Inventory inventory,
      RunReport.Builder report)
      throws IOException {
    for (var one : wanted) {
      report.add(
          Holdings.name(inventory, one.volume()),
          refuse(
              host,
              terms,
              one.volume(),
              "the volumes of policy %s are taken together, and another of them cannot be"
                  .formatted(terms.id())));
    }
  }

  private void makeBetweenHooks(
      HostSetup host,
      PolicyTerms terms,
      RunKey key,
      List<Wanted> wanted,
      Inventory inventory,
      RunReport.Builder report)
      throws IOException, InterruptedException {
    try {
      var before = hooks.before(host, terms, key);
      if (before.isGood()) {
        make(host, terms, wanted, inventory, report);
      } else {
        report.add("before", before);
      }
    } finally {
      afterwards(host, terms, key, report);
    }
  }

  /// An interrupted agent still lets a database go on that it has stopped.
  private void afterwards(HostSetup host, PolicyTerms terms, RunKey key, RunReport.Builder report)
      throws IOException, InterruptedException {
    var interrupted = Thread.interrupted();
    try {
      var after = hooks.after(host, terms, key);
      if (!after.isGood()) {
        report.add("after", after);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Runs only the hooks that come after: for a run that a crash ended between the two.
  public Upshot runHooksAfter(HostSetup host, PolicyTerms terms, RunKey key)
      throws IOException, InterruptedException {
    return hooks.after(host, terms, key);
  }

  private void make(
      HostSetup host,
      PolicyTerms terms,
      List<Wanted> wanted,
      Inventory inventory,
      RunReport.Builder report)
      throws IOException {
    var made = new ArrayList<Change.CreateSnapshot>();
    Optional<String> trouble = Optional.empty();
    for (var one : wanted) {
      var name = Holdings.name(inventory, one.volume());
      var upshot =
          hand.carryOut(
              host.system(),
              new Decision.Act(
                  intent(host, terms, "snapshot.create", one.volume().uuid()),
                  one.choice().change(),
                  one.choice().reason()),
              Progress.none());
      report.add(name, upshot);
      if (upshot.isGood()) {
        made.add(one.choice().change());
      } else if (terms.settings().together()) {
        trouble = Optional.of("%s failed: %s".formatted(name, upshot.words()));
        break;
      }
    }
    if (trouble.isPresent() && !hand.isDry()) {
      takeBack(host, terms, made, trouble.get(), report);
    }
  }

  /// A group of which one is missing is worth nothing: what was made of it goes at once.
  private void takeBack(
      HostSetup host,
      PolicyTerms terms,
      List<Change.CreateSnapshot> made,
      String reason,
      RunReport.Builder report)
      throws IOException {
    try {
      var inventory = host.system().inventory();
      for (var change : made) {
        for (var snapshot : inventory.volumes()) {
          if (snapshot.isSnapshot() && snapshot.tags().containsAll(change.tags())) {
            var removed =
                removal.removeNow(
                    host, terms.actor(), snapshot.uuid(), "its group is not complete: " + reason);
            if (!removed.isGood()) {
              report.add(Holdings.name(inventory, snapshot), removed);
            }
          }
        }
      }
    } catch (StorageFailure failure) {
      report.add(
          "group",
          new Upshot.Failed(
              "the snapshots that were made of it could not be removed: " + failure.getMessage(),
              true));
    }
  }
}
