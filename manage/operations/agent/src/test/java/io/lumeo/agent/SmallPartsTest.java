package io.lumeo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lumeo.agent.Upshot.Done;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.configuration.HostSettings;
import io.lumeo.storage.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The parts of an agent that need no host.
class SmallPartsTest {

  @Test
  void aClockThatIsSetIsNoticedForADayAndThenBelieved() {
    var time = new ManualTime(Workplace.START);
    var watch = new ClockWatch(time);
    time.pass(Duration.ofHours(5));
    assertThat(watch.moved()).isZero();

    time.set(time.instant().plus(Duration.ofDays(30)));
    assertThat(watch.moved()).isEqualTo(Duration.ofDays(30));
    time.pass(Duration.ofHours(23));
    assertThat(watch.moved()).isEqualTo(Duration.ofDays(30));
    time.pass(Duration.ofHours(2));
    assertThat(watch.moved()).isZero();
  }

  @Test
  void aClockThatIsSetBackToWhatItWasHasNotMoved() {
    var time = new ManualTime(Workplace.START);
    var watch = new ClockWatch(time);
    time.set(time.instant().minus(Duration.ofHours(10)));
    assertThat(watch.moved()).isEqualTo(Duration.ofHours(-10));
    time.pass(Duration.ofMinutes(5));
    time.set(time.instant().plus(Duration.ofHours(10)));
    assertThat(watch.moved()).isZero();
  }

  @Test
  void aReloadThatIsAskedForWhileTheAgentOpensIsDoneOnceItIsThere() {
    var done = new AtomicInteger();
    var reloads = new Reloads();
    reloads.ask();
    reloads.ask();
    assertThat(done).hasValue(0);
    reloads.to(done::incrementAndGet);
    assertThat(done).hasValue(1);
    reloads.ask();
    assertThat(done).hasValue(2);

    var untroubled = new Reloads();
    untroubled.to(done::incrementAndGet);
    assertThat(done).hasValue(2);
  }

  @Test
  void theMachinesBellEndsAWaitOrLetsItPass() throws Exception {
    var bell = TimeSource.system().newBell();
    bell.await(Duration.ofMillis(1));
    bell.ring();
    bell.await(Duration.ofDays(1));
    bell.await(Duration.ofSeconds(-1));
    var woken = new AtomicBoolean();
    var waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                bell.await(Duration.ofDays(1));
                woken.set(true);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    bell.ring();
    waiting.join();
    assertThat(woken).isTrue();
    assertThat(TimeSource.system().nanos()).isLessThanOrEqualTo(TimeSource.system().nanos());
    assertThat(TimeSource.system().instant()).isAfter(Workplace.START.minus(Duration.ofDays(365)));
  }

  @Test
  void aLaneThatIsInterruptedEnds() throws Exception {
    var rounds = new AtomicInteger();
    var succeeded = new AtomicInteger();
    var lane =
        new Lane(
            new ManualTime(Workplace.START),
            () -> {
              rounds.incrementAndGet();
              return Instant.MAX;
            },
            () -> false,
            new Lane.Listener() {
              @Override
              public void failed(Exception problem) {
                throw new AssertionError(problem);
              }

              @Override
              public void succeeded() {
                succeeded.incrementAndGet();
              }
            });
    var thread = Thread.ofVirtual().start(lane);
    await().until(() -> rounds.get() == 1);
    lane.ring();
    await().until(() -> rounds.get() == 2);
    thread.interrupt();
    assertThat(thread.join(Duration.ofMinutes(1))).isTrue();
    assertThat(succeeded).hasValue(2);
  }

  /// Prometheus takes a counter that falls for one that began anew.
  @Test
  void countsOfRunsNeverFall(@TempDir Path folder) throws Exception {
    var task = Task.snapshot("hourly");
    try (var place = new Workplace(folder)) {
      for (var hour = 0; hour < 600; hour++) {
        var at = Workplace.START.plus(Duration.ofHours(hour));
        var result = hour % 3 == 0 ? RunRecord.Result.FAILED : RunRecord.Result.DONE;
        place.runs().add(task, "host", at, new RunRecord.End(at, result, ""));
        assertThat(place.runs().counts(task, "host").values().stream().mapToLong(n -> n).sum())
            .isEqualTo(hour + 1);
      }
      place.runs().forget(Workplace.START.plus(Duration.ofDays(1000)));
      place.restart();
      assertThat(place.runs().latest(task, "host", 1000)).hasSizeLessThan(600);
      assertThat(place.runs().counts(task, "host"))
          .isEqualTo(Map.of(RunRecord.Result.FAILED, 200L, RunRecord.Result.DONE, 400L));
      var at = Workplace.START.plus(Duration.ofDays(100));
      place.runs().begin(task, "host", at, at, at);
      place
          .runs()
          .end(
              place.runs().last(task, "host").orElseThrow(),
              new RunRecord.End(at, RunRecord.Result.PARTIAL, ""));
      assertThat(place.runs().counts(task, "host")).containsEntry(RunRecord.Result.PARTIAL, 1L);
      assertThat(place.runs().counts(task, "other")).isEmpty();
    }
  }

  @Test
  void anUpshotSaysWhatCameOfIt() {
    assertThat(done(Outcome.Result.DONE, List.of("a", "b")).words()).isEqualTo("a; b");
    assertThat(done(Outcome.Result.DONE, List.of()).words()).isEqualTo("done");
    assertThat(done(Outcome.Result.UNCHANGED, List.of()).words()).isEqualTo("it was so already");
    assertThat(done(Outcome.Result.DELAYED, List.of()).words()).isEqualTo("it will be done later");
    assertThat(done(Outcome.Result.UNDONE, List.of()).words()).isEqualTo("it was taken back");
    assertThat(done(Outcome.Result.UNDONE, List.of()).isGood()).isFalse();
    assertThat(done(Outcome.Result.DELAYED, List.of()).isGood()).isTrue();
  }

  private static Done done(Outcome.Result result, List<String> effects) {
    return new Done(new Outcome("plan", result, List.of(), effects, List.of()));
  }

  @Test
  void aHostsCommandsMayTakeAsLongAsItsSettingsSay(@TempDir Path folder) throws Exception {
    var deadline = Duration.ofMinutes(7);
    var asked = new ArrayList<Duration>();
    var setup =
        HostSetup.lvm(
            new HostSettings("here", new HostSettings.LocalLvm(deadline)),
            notingDeadlines(asked),
            deadline,
            folder,
            TimeSource.system(),
            new Random(1));
    setup.commands().run(Command.of("true"));
    setup.commands().run(Command.of("true").within(Duration.ofSeconds(3)));
    assertThat(asked).containsExactly(deadline, Duration.ofSeconds(3));
    assertThat(List.of(setup.name(), setup.system().name(), setup.commands().host()))
        .containsOnly("here");
  }

  private static Commands notingDeadlines(List<Duration> deadlines) {
    return new Commands() {
      @Override
      public String host() {
        return "here";
      }

      @Override
      public CommandResult run(Command command) {
        deadlines.add(command.deadline());
        return new CommandResult(0, "", "", Duration.ZERO, false);
      }
    };
  }

  @Test
  void aSignalIsHeard() throws Exception {
    var heard = new AtomicBoolean();
    Signals.on("USR2", () -> heard.set(true));
    new ProcessBuilder("kill", "-USR2", Long.toString(ProcessHandle.current().pid()))
        .start()
        .waitFor();
    await().untilTrue(heard);
    assertThatThrownBy(() -> Signals.on("NONSENSE", () -> heard.set(false)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void runsAreForgottenAfterAWhileButForTheLastSuccess(@TempDir Path folder) throws Exception {
    try (var place = new Workplace(folder)) {
      var task = Task.snapshot("p");
      var runs = place.runs();
      var start = Workplace.START;
      for (var day = 0; day < 10; day++) {
        var at = start.plus(Duration.ofDays(day));
        runs.begin(task, "host", at, at, at);
        var run = runs.last(task, "host").orElseThrow();
        runs.end(
            run,
            new RunRecord.End(
                at, day < 8 ? RunRecord.Result.DONE : RunRecord.Result.FAILED, "day " + day));
      }
      runs.forget(start.plus(Duration.ofDays(30)));

      assertThat(runs.latest(task, "host", 100)).hasSize(3);
      assertThat(runs.lastSuccess(task, "host").orElseThrow().end().orElseThrow().detail())
          .isEqualTo("day 7");
      assertThat(runs.begin(task, "host", start.plus(Duration.ofDays(9)), start, start)).isFalse();
      assertThat(runs.skipped(Task.trim("x"), "host")).isZero();
      assertThat(new RunRecord(task, "host", start, start, Optional.empty()).succeeded()).isFalse();
      assertThat(RunRecord.Result.PARTIAL.word()).isEqualTo("partial");
    }
  }
}
