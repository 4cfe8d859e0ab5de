package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.commands.CommandResult;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.ScriptedCommands;
import io.lumeo.testing.SeededTest;
import io.lumeo.testing.Transcript;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The example host as two LVMs reported it in the rig; [LvmInventoryIT] records it.
class RecordedHostTest {
  private static final Instant NOW = Instant.parse("2026-11-26T22:00:00Z");

  @ParameterizedTest
  @ValueSource(strings = {"debian12.transcript", "debian13.transcript"})
  void itIsWhatItWas(String recording) throws StorageFailure {
    var host = Transcript.ofLvmHost(recording).replay();
    var state = read(Transcript.ofLvmHost(recording));
    ExampleHost.check(state);
    ExampleHost.checkSamples(state, new UsageReader(host).usage(state));
    assertThat(state.takenAt()).isEqualTo(NOW);
  }

  @ParameterizedTest
  @ValueSource(strings = {"debian12.transcript", "debian13.transcript"})
  void lettersAndFieldsAgreeAboutAllOfIt(String recording) throws StorageFailure {
    assertThat(Contradictions.in(read(Transcript.ofLvmHost(recording)).report())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"debian12.transcript", "debian13.transcript"})
  void aMessageBeforeTheReportIsAWarning(String recording) throws StorageFailure {
    var transcript = Transcript.ofLvmHost(recording);
    var state =
        read(
            transcript.with(
                "lvm fullreport", old -> says("  WARNING: something new\n" + old.stdout(), old)));
    ExampleHost.check(state);
    assertThat(state.warnings()).contains("WARNING: something new");
  }

  @ParameterizedTest
  @ValueSource(strings = {"debian12.transcript", "debian13.transcript"})
  void theKernelsSilenceIsAWarningToo(String recording) throws StorageFailure {
    var state =
        read(
            Transcript.ofLvmHost(recording)
                .with(
                    "dmsetup info",
                    _ -> new CommandResult(1, "", "no kernel", Duration.ZERO, false)));
    assertThat(state.status()).isEmpty();
    assertThat(state.warnings()).anyMatch(line -> line.contains("no kernel"));
    var pool = InventoryMapping.of("x", state).pool("pool").orElseThrow();
    assertThat(pool.data().ratio()).as("from LVM's percentage").isBetween(0.1, 0.9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"debian12.transcript", "debian13.transcript"})
  void anLvmThatDoesNotSayItsVersionIsNoLvm(String recording) {
    var transcript = Transcript.ofLvmHost(recording).with("lvm version", old -> says("hello", old));
    assertThatThrownBy(() -> read(transcript))
        .isInstanceOf(StorageFailure.CommandFailed.class)
        .hasMessageContaining("version");
  }

  @Test
  void aMessageInsideTheReportMakesLvmBeAskedOnceMoreToBeQuiet() throws Exception {
    var transcript = Transcript.ofLvmHost("debian12.transcript");
    var good = transcript.output("lvm fullreport");
    var asked = new ArrayList<Boolean>();
    var host =
        ScriptedCommands.answering(command -> {
          boolean quiet = command.arguments().contains("-qq");
          asked.add(quiet);
          return ScriptedCommands.success(
              quiet ? good : good.replaceFirst("\"vg\"", "  a thin pool is nearly full\n\"vg\""));
        });
    var reader = new LvmReader(host, InstantSource.fixed(NOW));
    assertThat(reader.report().groups()).hasSize(3);
    assertThat(asked).containsExactly(false, true);
  }

  @Test
  void aReportThatStaysUnreadableIsAFailure() {
    var reader =
        new LvmReader(
            ScriptedCommands.answering(_ -> ScriptedCommands.success("{\"report\": oops")),
            InstantSource.fixed(NOW));
    assertThatThrownBy(reader::report)
        .isInstanceOf(StorageFailure.CommandFailed.class)
        .hasMessageContaining("scripted");
    var failing =
        new LvmReader(
            ScriptedCommands.answering(_ -> ScriptedCommands.failure(5, "no locks")),
            InstantSource.fixed(NOW));
    assertThatThrownBy(failing::report).hasMessageContaining("no locks");
  }

  /// Whatever a host does, looking at it ends in a look or in a failure of storage's own.
  @SeededTest
  void anUnreliableHostIsReadOrFails(Random random) {
    var recorded = Transcript.ofLvmHost("debian13.transcript");
    for (int i = 0; i < 50; i++) {
      var host =
          ScriptedCommands.answering(command ->
                  recorded
                      .answer(command)
                      .orElse(ScriptedCommands.failure(2, "never asked when all was well")))
              .unreliable(random, 0.08);
      try {
        var state = new LvmReader(host, InstantSource.fixed(NOW)).read();
        InventoryMapping.of("host", state);
        new UsageReader(host).usage(state);
      } catch (StorageFailure expected) {
        assertThat(host.happened()).as(expected.getMessage()).isNotEmpty();
      } finally {
        assertThat(Thread.interrupted())
            .isEqualTo(host.happened().contains(ScriptedCommands.Mishap.IS_INTERRUPTED));
      }
    }
  }

  private static CommandResult says(String stdout, CommandResult old) {
    return new CommandResult(old.exit(), stdout, old.stderr(), old.duration(), false);
  }

  private static HostState read(Transcript transcript) throws StorageFailure {
    return new LvmReader(transcript.replay(), InstantSource.fixed(NOW)).read();
  }
}
