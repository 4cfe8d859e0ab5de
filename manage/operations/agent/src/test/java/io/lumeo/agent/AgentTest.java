package io.lumeo.agent;

import static io.lumeo.agent.Workplace.GIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.audit.AuditIndex;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditRecord;
import io.lumeo.audit.AuditResult;
import io.lumeo.configuration.Secrets;
import io.lumeo.policies.GrowthTarget;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import io.lumeo.storage.Change;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.testing.MemorySystem;
import io.lumeo.testing.MemorySystem.Mishap;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole process, with hosts in memory and time that the test moves.
class AgentTest {
  @TempDir Path folder;
  private final ManualTime time = new ManualTime(Workplace.START);
  private final Map<String, MemorySystem> systems = new ConcurrentHashMap<>();
  private final Watching watching = new Watching();
  private Path file;
  private String home;
  private Agent agent;
  private Thread running;

  /// A lookout that remembers what it was shown.
  private static final class Watching implements Lookout {
    final List<Look> looks = new CopyOnWriteArrayList<>();
    final List<Instant> performed = new CopyOnWriteArrayList<>();
    volatile boolean failing;
    volatile long rate;

    @Override
    public void look(Look look) {
      looks.add(look);
    }

    @Override
    public List<Duty> duties() {
      return List.of(
          new Duty() {
            @Override
            public String name() {
              return "counting";
            }

            @Override
            public Instant perform(Instant now) throws IOException {
              performed.add(now);
              if (failing) {
                throw new IOException("the disk is full");
              }
              return now.plusSeconds(60);
            }
          });
    }

    @Override
    public OptionalLong fillBytesPerHour(String system, String uuid, GrowthTarget target) {
      return rate == 0 ? OptionalLong.empty() : OptionalLong.of(rate);
    }

    @Override
    public Optional<Duration> timeToFull(String system, String uuid, GrowthTarget target) {
      return Optional.empty();
    }

    @Override
    public OptionalLong changedBytesPerHour(String system, String uuid) {
      return OptionalLong.empty();
    }

    boolean hasSeen(String host) {
      return looks.stream()
          .anyMatch(look -> look instanceof Look.Seen && look.host().name().equals(host));
    }
  }

  @BeforeEach
  void prepare() throws IOException {
    file = folder.resolve("lumeo.yaml");
    write("one", "");
    system("one");
    home = systems.get("one").contents().volume("vg0/home").orElseThrow().uuid();
  }

  private void write(String host, String more) throws IOException {
    Files.writeString(
        file,
        """
        state: %s
        audit:
          file: %s
        hosts:
          - name: %s
            kind: lvm
        policies:
          - id: nightly
            volumes:
              - name: home
            schedule: 0 1 * * *
        growth:
          - name: pools
            pool: vg0/*
            threshold: 80%%
            step: 20%%
        %s
        """
            .formatted(folder.resolve("state"), folder.resolve("audit.jsonl"), host, more));
  }

  private MemorySystem system(String name) {
    return systems.computeIfAbsent(
        name,
        made -> {
          var system = new MemorySystem(made, time).group("vg0", 100 * GIB);
          system.thinPool("vg0", "thin", 10 * GIB, GIB);
          system.thinVolume("thin", "home", 20 * GIB);
          return system;
        });
  }

  private Agent.Parts parts() {
    return new Agent.Parts(
        time,
        new Random(1),
        (settings, _) ->
            new HostSetup(
                settings,
                (StorageSystem) system(settings.name()),
                ScriptedCommands.answering(_ -> ScriptedCommands.success(""))),
        _ -> watching,
        new Secrets(name -> Optional.of("secret of " + name)));
  }

  /// A machine that has much else to do is given time.
  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofMinutes(1));
  }

  private void start() throws IOException {
    agent = Agent.open(file, parts());
    running =
        Thread.ofVirtual()
            .start(() -> {
              try {
                agent.run();
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            });
  }

  @AfterEach
  void stop() throws Exception {
    if (agent != null) {
      agent.stop();
      running.join();
      agent.close();
    }
  }

  private List<AuditRecord> records(String verb) {
    return AuditIndex.view(agent.state().database())
        .find(AuditQuery.latest(10_000))
        .reversed()
        .stream()
        .filter(one -> one.entry().verb().equals(verb))
        .toList();
  }

  @Test
  void itLooksAtItsHostsAndMakesWhatIsDue() throws Exception {
    start();
    await().until(() -> watching.hasSeen("one") && !watching.performed.isEmpty());
    await()
        .until(() -> {
          time.pass(Duration.ofSeconds(2));
          return agent.state().runs().firstSeen(Task.snapshot("nightly"), "one").isPresent();
        });
    var began = time.instant();
    await()
        .until(() -> {
          time.pass(Duration.ofMinutes(30));
          return agent.state().runs().lastSuccess(Task.snapshot("nightly"), "one").isPresent();
        });

    assertThat(time.instant()).isAfter(began);
    assertThat(system("one").contents().snapshotsOf(home)).hasSize(1);
    await().until(() -> watching.performed.size() > 1);
    assertThat(watching.looks).allMatch(Look.Seen.class::isInstance);
    assertThat(records("agent.start")).hasSize(1);
  }

  @Test
  void whatFillsGrowsAtTheNextPoll() throws Exception {
    start();
    await().until(() -> watching.hasSeen("one"));
    system("one").write(home, 9 * GIB);
    await()
        .until(() -> {
          time.pass(Duration.ofSeconds(30));
          return !records("grow.pool-data").isEmpty();
        });

    assertThat(system("one").contents().pool("thin").orElseThrow().data().sizeBytes())
        .isEqualTo(12 * GIB);
    assertThat(watching.looks)
        .anySatisfy(look ->
            assertThat(((Look.Seen) look).usage())
                .anyMatch(sample -> sample.data() != null && sample.data().usedBytes() == 9 * GIB));
  }

  @Test
  void aHostThatDoesNotAnswerIsShownAsThatAndLookedAtAgain() throws Exception {
    system("one").unreliable(new Random(1), 1, EnumSet.of(Mishap.IS_NOT_REACHED));
    start();
    await().until(() -> watching.looks.stream().anyMatch(Look.Missed.class::isInstance));
    assertThat(((Look.Missed) watching.looks.getFirst()).reason()).contains("one does not answer");
    assertThat(((Look.Missed) watching.looks.getFirst()).last()).isNull();

    system("one").reliable();
    await()
        .until(() -> {
          time.pass(Duration.ofSeconds(15));
          return watching.hasSeen("one");
        });
  }

  @Test
  void aDriverThatBreaksEndsNoLane() throws Exception {
    system("one").unreliable(new Random(1), 1, EnumSet.of(Mishap.ANSWERS_GARBAGE));
    start();
    await().until(() -> !records("agent.start").isEmpty());
    time.pass(Duration.ofMinutes(1));
    system("one").reliable();
    await()
        .until(() -> {
          time.pass(Duration.ofMinutes(1));
          return watching.hasSeen("one");
        });
  }

  @Test
  void aNewConfigurationComesIntoForceAndABadOneDoesNot() throws Exception {
    start();
    await().until(() -> watching.hasSeen("one"));
    write("two", "");
    agent.reload();
    await().until(() -> watching.hasSeen("two"));
    assertThat(agent.state().configuration().get().hosts().getFirst().name()).isEqualTo("two");
    var looks = watching.looks.size();

    Files.writeString(file, "nonsense: true\n");
    agent.reload();
    await().until(() -> records("config.reload").size() == 2);

    assertThat(records("config.reload"))
        .extracting(one -> one.entry().result())
        .containsExactly(AuditResult.DONE, AuditResult.REFUSED);
    assertThat(records("config.reload").getLast().entry().reason())
        .contains("the old configuration goes on: lumeo.yaml:1:1");
    assertThat(agent.state().configuration().get().hosts().getFirst().name()).isEqualTo("two");
    time.pass(Duration.ofMinutes(1));
    await().until(() -> watching.looks.size() > looks);
    assertThat(watching.looks.subList(looks, watching.looks.size()))
        .allMatch(look -> look.host().name().equals("two"));
  }

  @Test
  void whereTheStateLiesChangesOnlyAtTheNextStart() throws Exception {
    start();
    await().until(() -> watching.hasSeen("one"));
    Files.writeString(file, Files.readString(file).replace("audit.jsonl", "other.jsonl"));
    agent.reload();
    await().until(() -> !records("config.reload").isEmpty());

    assertThat(records("config.reload").getFirst().entry().reason())
        .contains("at the next start only");
  }

  @Test
  void aSecondAgentOnTheSameStateRefusesToStart() throws Exception {
    start();
    await().until(() -> watching.hasSeen("one"));

    assertThatThrownBy(() -> Agent.open(file, parts()))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("is in use by process");
  }

  @Test
  void aConfigurationThatIsNotRightIsRefusedWithAllItsMistakes() throws Exception {
    Files.writeString(file, "state: /x\nhosts: 7\nnonsense: 1\n");

    assertThatThrownBy(() -> Agent.open(file, parts()))
        .isInstanceOf(AgentRefused.class)
        .hasMessageContaining("lumeo.yaml:2:")
        .hasMessageContaining("lumeo.yaml:3:");
  }

  @Test
  void itStopsCleanlyAndASecondOneCanStart() throws Exception {
    start();
    await().until(() -> watching.hasSeen("one"));
    agent.stop();
    running.join();
    assertThat(records("agent.stop")).hasSize(1);
    agent.close();
    watching.looks.clear();
    start();
    await().until(() -> watching.hasSeen("one"));
  }

  @Test
  void whatAnAgentBeforeItLeftIsSettledBeforeAnythingElse() throws Exception {
    var raw = system("one").thickVolume("vg0", "raw", GIB);
    var plan =
        system("one").plan(new Change.ExtendVolume(raw, 2 * GIB, Change.WithFileSystem.GROW));
    system("one").unreliable(new Random(1), 1, EnumSet.of(Mishap.HALF));
    assertThatThrownBy(() -> system("one").apply(plan, Progress.none()))
        .isInstanceOf(StorageFailure.Partial.class);
    system("one").reliable();
    start();
    await().until(() -> !records("plan.finish").isEmpty());

    var grown = system("one").contents().volume(raw).orElseThrow();
    assertThat(grown.fileSystem().usage().sizeBytes()).isEqualTo(2 * GIB);
  }

  @Test
  void aDutyThatFailsIsTriedAgainAndTold() throws Exception {
    watching.failing = true;
    start();
    await()
        .until(() ->
            agent.state().troubles().all().stream()
                .anyMatch(trouble -> trouble.kind() == Trouble.Kind.RECORD_FAILED));
    watching.failing = false;
    var before = watching.performed.size();
    await()
        .until(() -> {
          time.pass(Duration.ofMinutes(1));
          return watching.performed.size() > before;
        });
    await().until(() -> agent.state().troubles().all().isEmpty());
  }

  @Test
  void itLooksMoreOftenWhereSomethingFills() throws Exception {
    watching.rate = 100 * GIB;
    start();
    await().until(() -> watching.hasSeen("one"));
    await()
        .until(() -> {
          time.pass(Duration.ofSeconds(2));
          return watching.looks.size() > 5;
        });
    assertThat(Duration.between(Workplace.START, time.instant()).toMinutes()).isLessThan(30);
  }

  @Test
  void secretsOfTheConfigurationAreKnownToTheRecord() throws Exception {
    write(
        "one",
        """
        channels:
          - name: hook
            kind: webhook
            url: env:HOOK
            secret: env:KEY
          - name: mail
            kind: smtp
            server: mail.example.com
            user: lumeo
            password: env:PASSWORD
            from: a@example.com
            to: [b@example.com]
          - name: am
            kind: alertmanager
            url: https://alertmanager.example.com
            token: env:TOKEN
          - name: pager
            kind: command
            command: [/bin/page]
        """);
    start();
    await().until(() -> watching.hasSeen("one"));
    agent
        .state()
        .ledger()
        .note(
            Intent.scheduled("agent", "test", "one", "x"),
            AuditResult.DONE,
            "secret of HOOK, secret of KEY, secret of PASSWORD, secret of TOKEN");

    assertThat(records("test").getFirst().entry().reason()).isEqualTo("one: ***, ***, ***, ***");
  }

  @Test
  void theStateCanBeReadBesideIt() throws Exception {
    start();
    await().until(() -> watching.hasSeen("one"));
    var views = new ArrayList<Trouble>();
    try (var database = Database.openToRead(folder.resolve("state/state.db"))) {
      views.addAll(Troubles.view(database).of("one"));
      assertThat(RunBook.view(database).underWay("one")).isEmpty();
    }
    assertThat(views).isEmpty();
  }

  @Test
  void asAProcessItReloadsAtSighupAndEndsWhenInterrupted() throws Exception {
    var ended = new CopyOnWriteArrayList<Exception>();
    var heard = new ConcurrentHashMap<String, Runnable>();
    var process =
        Thread.ofPlatform()
            .start(() -> {
              try {
                AgentProcess.run(file, parts(), heard::put);
              } catch (IOException | InterruptedException e) {
                ended.add(e);
              }
            });
    await().until(() -> watching.hasSeen("one"));
    write("two", "");
    heard.get("HUP").run();
    await().until(() -> watching.hasSeen("two"));
    process.interrupt();
    process.join();

    assertThat(ended).singleElement().isInstanceOf(InterruptedException.class);
    try (var database = Database.openToRead(folder.resolve("state/state.db"))) {
      assertThat(AuditIndex.view(database).find(AuditQuery.latest(1)).getFirst().entry().verb())
          .isEqualTo("agent.stop");
    }
  }
}
