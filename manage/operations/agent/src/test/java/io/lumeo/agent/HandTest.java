package io.lumeo.agent;

import static io.lumeo.agent.Workplace.GIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.audit.AuditRecord;
import io.lumeo.audit.AuditResult;
import io.lumeo.commands.Command;
import io.lumeo.storage.Change;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.testing.MemorySystem;
import io.lumeo.testing.MemorySystem.Mishap;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandTest {
  @TempDir Path folder;
  private Workplace place;
  private MemorySystem system;
  private String home;

  @BeforeEach
  void open() throws IOException {
    place = new Workplace(folder);
    system = new MemorySystem("host", place.time).group("vg0", 100 * GIB);
    system.thinPool("vg0", "thin", 50 * GIB, GIB);
    home = system.thinVolume("thin", "home", 10 * GIB);
  }

  @AfterEach
  void close() throws IOException {
    place.close();
  }

  private Decision.Act snapshot(String name) {
    return new Decision.Act(
        Intent.scheduled("policy:daily", "snapshot.create", "host", home),
        new Change.CreateSnapshot(home, name, null, false, true, new TreeSet<>()),
        "as scheduled");
  }

  private Upshot carryOut(Decision decision) throws IOException {
    return new RealHand(place.ledger(), place.time).carryOut(system, decision, Progress.none());
  }

  private List<String> lines() {
    return place.records().stream().map(HandTest::line).toList();
  }

  private static String line(AuditRecord one) {
    return one.entry().verb() + " " + one.entry().result().word();
  }

  @Test
  void aChangeHasALineBeforeItAndOneAfterItWithTheSameHash() throws IOException {
    assertThat(carryOut(snapshot("one")).isGood()).isTrue();

    assertThat(lines()).containsExactly("begin.snapshot.create done", "snapshot.create done");
    var hashes = place.records().stream().map(one -> one.entry().decision()).distinct().toList();
    assertThat(hashes).hasSize(1).first().asString().hasSize(64);
    assertThat(place.records())
        .allMatch(one -> one.entry().actor().equals("policy:daily"))
        .allMatch(one -> one.entry().targets().equals(List.of(home)))
        .allMatch(one -> one.entry().reason().startsWith("host: as scheduled"));
    assertThat(place.ledger().open("host")).isEmpty();
  }

  @Test
  void aRefusalByARuleIsRecordedAndNothingIsAskedOfTheSystem() throws IOException {
    var refused =
        carryOut(new Decision.Refuse(snapshot("one").intent(), "the pool is too full for it"));

    assertThat(refused).isEqualTo(new Upshot.Refused("the pool is too full for it"));
    assertThat(lines()).containsExactly("snapshot.create refused");
    assertThat(system.applied()).isEmpty();
  }

  @Test
  void aGuardOfTheSystemIsARefusalAndNotAFailure() throws IOException {
    carryOut(snapshot("one"));

    assertThat(carryOut(snapshot("one"))).isInstanceOf(Upshot.Refused.class);
    assertThat(lines()).last().isEqualTo("snapshot.create refused");
  }

  @Test
  void whatIsSoAlreadyIsDoneWithoutAChange() throws IOException {
    var decision =
        new Decision.Act(
            snapshot("one").intent(), new Change.GrowFileSystem(home), "it may be smaller");

    assertThat(carryOut(decision))
        .isInstanceOfSatisfying(
            Upshot.Done.class,
            done -> assertThat(done.outcome().result()).isEqualTo(Outcome.Result.UNCHANGED));
    assertThat(lines()).containsExactly("snapshot.create done");
    assertThat(system.applied()).isEmpty();
  }

  @Test
  void aDryHandSaysWhatWouldBeDoneAndChangesNothing() throws IOException {
    var dry = new DryHand(place.ledger());

    var would = dry.carryOut(system, snapshot("one"), Progress.none());
    var refused =
        dry.carryOut(system, new Decision.Refuse(snapshot("x").intent(), "no"), Progress.none());
    var impossible =
        dry.carryOut(
            system,
            new Decision.Act(
                snapshot("x").intent(), new Change.Trash(home, java.time.Duration.ZERO), "try"),
            Progress.none());

    assertThat(dry.isDry()).isTrue();
    assertThat(would.words()).isEqualTo("would take the thin snapshot one");
    assertThat(would.isGood()).isTrue();
    assertThat(refused.isGood()).isFalse();
    assertThat(impossible.words()).isEqualTo("home was not made by Lumeo");
    assertThat(lines()).containsOnly("snapshot.create dry-run").hasSize(3);
    assertThat(system.applied()).isEmpty();
  }

  @Test
  void aPoolThatMovesInBetweenIsPlannedForAgain() throws IOException {
    assertThat(carryOutWhile(1).isGood()).isTrue();

    assertThat(lines())
        .containsExactly(
            "begin.snapshot.create done",
            "snapshot.create failed",
            "begin.snapshot.create done",
            "snapshot.create done");
  }

  @Test
  void aPoolThatAlwaysMovesIsGivenUp() throws IOException {
    assertThat(carryOutWhile(100))
        .isInstanceOfSatisfying(
            Upshot.Failed.class, failed -> assertThat(failed.uncertain()).isFalse());
    assertThat(place.results("snapshot.create")).containsOnly(AuditResult.FAILED).hasSize(3);
  }

  /// Carries out while somebody else changes the group right before the first `times` plans are
  /// applied.
  private Upshot carryOutWhile(int times) throws IOException {
    var left = new int[] {times};
    var meddled =
        (StorageSystem)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {StorageSystem.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("apply") && left[0]-- > 0) {
                    system.touch("vg0");
                  }
                  try {
                    return method.invoke(system, arguments);
                  } catch (java.lang.reflect.InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return new RealHand(place.ledger(), place.time)
        .carryOut(meddled, snapshot("one"), Progress.none());
  }

  @Test
  void whateverADriverThrowsIsRecorded() throws IOException {
    for (var mishap : EnumSet.complementOf(EnumSet.of(Mishap.CRASHES, Mishap.CRASHES_AFTERWARDS))) {
      system.unreliable(new Random(1), 1, EnumSet.of(mishap));
      assertThat(carryOut(snapshot("s-" + mishap)).isGood()).isFalse();
      system.reliable();
    }
    assertThat(lines()).noneMatch(line -> line.startsWith("begin"));
    assertThat(place.results("snapshot.create")).containsOnly(AuditResult.FAILED);
  }

  @Test
  void aChangeThatFailsAfterItWasBegunHasBothLinesAndIsInDoubt() throws IOException {
    for (var mishap :
        List.of(Mishap.HANGS, Mishap.HANGS_AFTERWARDS, Mishap.ANSWERS_GARBAGE, Mishap.IS_UNDONE)) {
      var hand = new RealHand(place.ledger(), place.time);
      hand.inDoubt(false);
      var upshot = hand.carryOut(failingToApply(mishap), snapshot("s-" + mishap), Progress.none());
      assertThat(upshot.isGood()).isFalse();
      assertThat(hand.isInDoubt()).as(mishap.name()).isEqualTo(mishap != Mishap.IS_UNDONE);
    }
    assertThat(lines()).filteredOn(line -> line.startsWith("begin")).hasSize(4);
    assertThat(place.results("snapshot.create"))
        .containsExactly(
            AuditResult.PARTIAL, AuditResult.PARTIAL, AuditResult.PARTIAL, AuditResult.FAILED);
    assertThat(place.ledger().open("host")).isEmpty();
  }

  /// The system, with a mishap each time it applies a plan.
  private StorageSystem failingToApply(Mishap mishap) {
    return (StorageSystem)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {StorageSystem.class},
            (_, method, arguments) -> {
              if (method.getName().equals("apply")) {
                system.unreliable(new Random(1), 1, EnumSet.of(mishap));
              }
              try {
                return method.invoke(system, arguments);
              } catch (java.lang.reflect.InvocationTargetException e) {
                throw e.getCause();
              } finally {
                system.reliable();
              }
            });
  }

  @Test
  void nothingIsDoneThatCannotBeRecorded() throws IOException {
    place.close();

    assertThatThrownBy(() -> carryOut(snapshot("one"))).isInstanceOf(IOException.class);
    assertThat(system.applied()).isEmpty();
    place = new Workplace(folder);
    assertThat(place.ledger().open("host")).isEmpty();
  }

  @Test
  void aCrashInBetweenLeavesALineThatIsClosedAtTheNextStart() throws Exception {
    var crashing = failingToApply(Mishap.CRASHES_AFTERWARDS);
    assertThatThrownBy(() ->
            new RealHand(place.ledger(), place.time)
                .carryOut(crashing, snapshot("one"), Progress.none()))
        .isInstanceOf(MemorySystem.Crash.class);
    assertThat(lines()).containsExactly("begin.snapshot.create done");

    place.restart();
    assertThat(settle()).isTrue();

    assertThat(lines()).containsExactly("begin.snapshot.create done", "snapshot.create partial");
    assertThat(place.records().getLast().entry().reason()).contains("its end was not seen");
    assertThat(place.ledger().open("host")).isEmpty();
  }

  @Test
  void aCrashBeforeAnythingWasDoneIsClosedAsThat() throws Exception {
    var crashing = failingToApply(Mishap.CRASHES);
    assertThatThrownBy(() ->
            new RealHand(place.ledger(), place.time)
                .carryOut(crashing, snapshot("one"), Progress.none()))
        .isInstanceOf(MemorySystem.Crash.class);

    place.restart();
    assertThat(settle()).isTrue();

    assertThat(lines()).containsExactly("begin.snapshot.create done", "snapshot.create failed");
    assertThat(system.unfinished()).isEmpty();
    assertThat(system.applied()).isEmpty();
  }

  @Test
  void aHalfDonePlanOfAnotherProgramIsFinishedAndRecorded() throws Exception {
    system.thickVolume("vg0", "data", 10 * GIB);
    var data = system.inventory().volume("vg0/data").orElseThrow().uuid();
    var plan = system.plan(new Change.ExtendVolume(data, 20 * GIB, Change.WithFileSystem.GROW));
    system.unreliable(new Random(1), 1, EnumSet.of(Mishap.HALF));
    assertThatThrownBy(() -> system.apply(plan, Progress.none()))
        .isInstanceOf(StorageFailure.Partial.class);
    system.reliable();

    assertThat(settle()).isTrue();

    assertThat(lines()).containsExactly("begin.plan.finish done", "plan.finish done");
    var grown = system.inventory().volume(data).orElseThrow();
    assertThat(grown.fileSystem().usage().sizeBytes()).isEqualTo(grown.sizeBytes());
    assertThat(settle()).isTrue();
    assertThat(place.troubles().of("host")).isEmpty();
  }

  @Test
  void aPlanThatCannotBeFinishedIsTroubleUntilItIs() throws Exception {
    var crashing = failingToApply(Mishap.HANGS);
    new RealHand(place.ledger(), place.time).carryOut(crashing, snapshot("one"), Progress.none());

    var unwilling = failingTo("finish", system);
    assertThat(settlement(unwilling).settle()).isFalse();
    assertThat(place.troubles().of("host"))
        .singleElement()
        .satisfies(trouble -> {
          assertThat(trouble.kind()).isEqualTo(Trouble.Kind.PLAN_UNFINISHED);
          assertThat(trouble.reason()).contains("take the thin snapshot one");
        });

    assertThat(settle()).isTrue();
    assertThat(place.troubles().of("host")).isEmpty();
    assertThat(place.isIntact()).isTrue();
  }

  /// Somebody changes something by hand beside the agent: that is theirs to end while they live.
  @Test
  void whatAnotherProcessHasOpenIsLeftToItUntilItHasEnded() throws Exception {
    var act = snapshot("one");
    var plan = system.plan(act.change());
    place.ledger().begin(act.intent(), plan, "by hand");
    holds(Holder.of(ProcessHandle.current().parent().orElseThrow()));
    assertThat(settlement(system).isNeeded()).isFalse();
    assertThat(settle()).isTrue();
    assertThat(place.ledger().open("host")).hasSize(1);

    // A later process has the same number.
    holds(new Holder(ProcessHandle.current().parent().orElseThrow().pid(), 1));
    assertThat(settlement(system).isNeeded()).isTrue();
    assertThat(settle()).isTrue();
    assertThat(settlement(system).isNeeded()).isFalse();
    assertThat(place.ledger().elsewhere()).isEmpty();
    assertThat(lines()).containsExactly("begin.snapshot.create done", "snapshot.create failed");
  }

  private void holds(Holder holder) {
    place
        .state()
        .database()
        .write(handle ->
            handle.execute(
                "UPDATE ledger_holder SET process = ?, started = ?",
                holder.id(),
                holder.startMillis()));
  }

  private static StorageSystem failingTo(String method, StorageSystem system) {
    return (StorageSystem)
        Proxy.newProxyInstance(
            HandTest.class.getClassLoader(),
            new Class<?>[] {StorageSystem.class},
            (_, called, arguments) -> {
              if (called.getName().equals(method)) {
                throw new StorageFailure.Busy("somebody else is at it");
              }
              try {
                return called.invoke(system, arguments);
              } catch (java.lang.reflect.InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private boolean settle() throws Exception {
    return settlement(system).settle();
  }

  private Settlement settlement(StorageSystem with) {
    return new Settlement(
        Workplace.host(with),
        new RealHand(place.ledger(), place.time),
        place.ledger(),
        place.troubles(),
        place.time);
  }

  @Test
  void theRecordHoldsTheCommandsThatWereReallyRun() throws Exception {
    var commands =
        new Transcript(
            ScriptedCommands.answering(command ->
                command.program().equals("memory")
                    ? ScriptedCommands.failure(5, "no")
                    : ScriptedCommands.success("")),
            place.time);
    var running =
        (StorageSystem)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {StorageSystem.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("apply")) {
                    commands.run(Command.of("lvm", "fullreport"));
                    commands.run(Command.of(((Plan) arguments[0]).steps().getFirst().arguments()));
                  }
                  return method.invoke(system, arguments);
                });
    commands.run(Command.of("memory", "nobody listens"));
    new RealHand(place.ledger(), place.time).carryOut(running, snapshot("one"), Progress.none());

    assertThat(place.records("snapshot.create").getFirst().entry().executed())
        .singleElement()
        .satisfies(executed -> {
          assertThat(executed.argv()).containsExactly("memory", "take the thin snapshot one");
          assertThat(executed.exit()).isEqualTo(5);
        });
    assertThat(commands.host()).isEqualTo("scripted");
  }
}
