package io.lumeo.agent.runs;

import static io.lumeo.agent.Workplace.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.DryHand;
import io.lumeo.agent.Foresight;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.RealHand;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.agent.Upshot;
import io.lumeo.agent.Workplace;
import io.lumeo.configuration.TrashSettings;
import io.lumeo.policies.RunKey;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.storage.Change;
import io.lumeo.storage.Plan;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.MemorySystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ten years of a policy on one host, through the same code as a real agent's: with restarts,
/// downtime and clocks that are set. No run is made twice, none is lost, nothing wrong is deleted,
/// and a dry run says what the run does.
class TenYearsTest {
  private static final Instant END = Workplace.START.plus(Duration.ofDays(3653));

  /// Ten years in one folder.
  private static final class History implements AutoCloseable {
    private final Path folder;
    private final Workplace place;
    private final MemorySystem system;
    private final HostSetup host;
    private final PolicyTerms terms;
    private final ZoneId zone;
    private Duration clockMoved = Duration.ZERO;
    private Protection protection;

    History(String schedule, String zone) throws IOException {
      // A folder in memory, where there is one: each of some ten thousand records is synced.
      var memory = Path.of("/dev/shm");
      folder =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "ten-years")
              : Files.createTempDirectory("ten-years");
      place = new Workplace(folder);
      system = new MemorySystem("host", place.time).group("vg0", 100 * GIB);
      system.thinPool("vg0", "thin", 50 * GIB, GIB);
      system.thinVolume("thin", "home", 10 * GIB);
      host = Workplace.host(system);
      this.zone = ZoneId.of(zone);
      terms =
          PolicyTerms.of(
              place
                  .configure(
                      """
                      policies:
                        - id: p
                          volumes:
                            - name: home
                          schedule: %s
                          zone: %s
                          jitter: 5m
                      """
                          .formatted(schedule, zone))
                  .policies()
                  .getFirst());
      protection = protection();
    }

    private Protection protection() {
      return new Protection(
          host,
          new RealHand(place.ledger(), place.time),
          place.ledger(),
          place.runs(),
          place.troubles(),
          Foresight.none(),
          place.time,
          () -> clockMoved,
          Set.of(),
          TrashSettings::standard);
    }

    Instant round() throws Exception {
      return protection.round(List.of(terms));
    }

    void restart() throws IOException {
      place.restart();
      protection = protection();
    }

    List<Plan> applied(Class<? extends Change> kind) {
      return system.applied().stream().filter(plan -> kind.isInstance(plan.change())).toList();
    }

    /// The runs of which a snapshot was made, in the order in which they were.
    List<RunKey> made() {
      return applied(Change.CreateSnapshot.class).stream()
          .map(plan -> SnapshotTags.run(((Change.CreateSnapshot) plan.change()).tags()))
          .toList();
    }

    /// Names of the snapshots there are.
    Set<String> present() throws StorageFailure {
      var names = new TreeSet<String>();
      Holdings.snapshotVolumes(system.inventory()).forEach(volume -> names.add(volume.name()));
      return names;
    }

    /// What 7 daily, 4 weekly and 12 monthly keep of `instants`, in the simplest way there is.
    Set<String> kept(List<Instant> instants) {
      var kept = new TreeSet<String>();
      keep(instants, 7, LocalDate::toString, kept);
      keep(
          instants,
          4,
          day ->
              day.get(IsoFields.WEEK_BASED_YEAR) + "/" + day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR),
          kept);
      keep(instants, 12, day -> day.getYear() + "/" + day.getMonthValue(), kept);
      return kept;
    }

    private void keep(
        List<Instant> instants, int count, Function<LocalDate, String> bucket, Set<String> kept) {
      var newest = new LinkedHashMap<String, Instant>();
      for (var instant : instants.reversed()) {
        newest.putIfAbsent(bucket.apply(instant.atZone(zone).toLocalDate()), instant);
      }
      newest.values().stream()
          .limit(count)
          .map(instant -> new RunKey("p", instant).snapshotName("home"))
          .forEach(kept::add);
    }

    @Override
    public void close() throws IOException {
      place.close();
      try (var files = Files.walk(folder)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Europe/Berlin", "Australia/Lord_Howe"})
  void everyScheduledRunIsMadeOnceAndTheRightSnapshotsAreLeft(String zone) throws Exception {
    try (var history = new History("30 2 * * *", zone)) {
      var next = history.round();
      var days = 0;
      while (next.isBefore(END)) {
        history.place.time.passUntil(next);
        days++;
        if (days % 300 == 0) {
          history.restart();
        }
        next = days % 50 == 0 ? foretoldRound(history) : history.round();
        if (days % 50 == 0) {
          assertThat(history.present()).isEqualTo(history.kept(scheduled(history, next)));
        }
      }
      assertThat(history.made().stream().map(RunKey::scheduledAt).toList())
          .isEqualTo(scheduled(history, next));
      assertThat(history.place.isIntact()).isTrue();
    }
  }

  /// Everything that was scheduled since the beginning and is due before `next`.
  private static List<Instant> scheduled(History history, Instant next) {
    var instants = new ArrayList<Instant>();
    var timetable = history.terms.timetable();
    for (var at = timetable.next(Workplace.START);
        timetable.dueAt(at).isBefore(next);
        at = timetable.next(at)) {
      instants.add(at);
    }
    return instants;
  }

  /// The next round, of which a dry run of the same moment has said all: which snapshots it makes,
  /// and which it deletes now that these are there.
  private static Instant foretoldRound(History history) throws Exception {
    var before = history.present();
    var foretold = foretold(history);
    assertThat(history.present()).as("a dry run changes nothing").isEqualTo(before);
    var next = history.round();
    var after = history.present();
    var happened = new TreeSet<String>();
    after.stream().filter(name -> !before.contains(name)).forEach(name -> happened.add("+" + name));
    before.stream().filter(name -> !after.contains(name)).forEach(name -> happened.add("-" + name));
    assertThat(happened).isEqualTo(foretold);
    return next;
  }

  private static Set<String> foretold(History history) throws Exception {
    var now = history.place.time.instant();
    var due = history.terms.timetable().newestDue(now);
    var dry = new DryHand(history.place.ledger());
    var made =
        history.place.runs().isBegun(Task.snapshot("p"), "host", due)
            ? new RunReport(List.of())
            : new SnapshotRun(dry, history.place.ledger(), Foresight.none(), history.place.time)
                .run(
                    history.host,
                    history.terms,
                    new RunKey("p", due),
                    Holdings.uuids(history.terms.volumes("host", history.system.inventory())));
    var deleted =
        new RetentionRun(dry, TrashSettings::standard)
            .runAfter(made, history.host, history.terms, Set.of(), now, history.clockMoved);
    var foretold = new TreeSet<String>();
    for (var line : made.lines()) {
      if (line.upshot() instanceof Upshot.Would(var plan)
          && plan.change() instanceof Change.CreateSnapshot change) {
        foretold.add("+" + change.name());
      }
    }
    deleted.lines().forEach(line -> foretold.add("-" + line.object()));
    return foretold;
  }

  @Test
  void downtimeLosesNoRunWithoutSayingSo() throws Exception {
    var random = new Random(42);
    try (var history = new History("30 2 * * *", "Europe/Berlin")) {
      var next = history.round();
      while (next.isBefore(END)) {
        history.place.time.passUntil(next);
        var isDown = random.nextInt(20) == 0;
        if (isDown) {
          history.place.time.pass(Duration.ofHours(random.nextInt(24 * 40)));
          if (random.nextInt(4) == 0) {
            history.restart();
          }
        }
        next = isDown ? foretoldRound(history) : history.round();
      }
      var made = history.made();
      var all = scheduled(history, next);
      assertThat(made).doesNotHaveDuplicates();
      assertThat(all).containsAll(made.stream().map(RunKey::scheduledAt).toList());
      assertThat(made.size() + history.place.runs().skipped(Task.snapshot("p"), "host"))
          .isEqualTo(all.size());
      assertThat(history.present()).hasSizeGreaterThanOrEqualTo(7);
    }
  }

  @Test
  void clocksThatAreSetMakeNoRunTwiceAndDeleteNothingWrong() throws Exception {
    var random = new Random(7);
    try (var history = new History("0 */6 * * *", "America/New_York")) {
      var trashed = new HashSet<String>();
      var jumps = 0;
      history.round();
      for (var step = 0; step < 1500; step++) {
        history.place.time.pass(Duration.ofHours(6));
        history.clockMoved = Duration.ZERO;
        if (random.nextInt(30) == 0) {
          var jump = Duration.ofHours(random.nextInt(24 * 60) - 24L * 30);
          history.place.time.set(history.place.time.instant().plus(jump));
          history.clockMoved = jump;
          jumps++;
          if (random.nextInt(4) == 0) {
            history.restart();
          }
        }
        var before = history.applied(Change.Trash.class).size();
        if (step % 50 == 0 || !history.clockMoved.isZero()) {
          foretoldRound(history);
        } else {
          history.round();
        }
        if (history.clockMoved.abs().compareTo(Duration.ofHours(6)) > 0) {
          assertThat(history.applied(Change.Trash.class)).hasSize(before);
        }
        assertThat(history.present().size()).isGreaterThanOrEqualTo(Math.min(2, step));
      }
      assertThat(jumps).isGreaterThan(25);
      assertThat(history.made()).doesNotHaveDuplicates();
      for (var plan : history.applied(Change.Trash.class)) {
        assertThat(trashed.add(((Change.Trash) plan.change()).volume())).isTrue();
      }
      assertThat(history.place.runs().underWay("host")).isEmpty();
      assertThat(history.place.runs().latest(Task.snapshot("p"), "host", Integer.MAX_VALUE))
          .allMatch(RunRecord::succeeded);
    }
  }

  @Test
  void aSecondAgentOnTheSameStateWouldFindEveryRunBegun() throws Exception {
    try (var history = new History("30 * * * *", "UTC")) {
      var next = history.round();
      for (var hour = 0; hour < 50; hour++) {
        history.place.time.passUntil(next);
        next = history.round();
        history.restart();
        assertThat(history.round()).isEqualTo(next);
      }
      assertThat(history.made()).hasSize(50).doesNotHaveDuplicates();
    }
  }
}
