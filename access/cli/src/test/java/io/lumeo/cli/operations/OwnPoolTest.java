package io.lumeo.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.Agent;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.TimeSource;
import io.lumeo.agent.watch.Watch;
import io.lumeo.cli.lvm.HostFixture;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.Secrets;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.ScriptedCommands;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A pool of Lumeo's own is looked after as the volume groups of a host are. It is a real one, in
/// files that nobody serves.
class OwnPoolTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  private final List<List<String>> programs = new ArrayList<>();
  private HostFixture lumeo;
  private Path pool;

  @BeforeEach
  void make() throws IOException {
    lumeo =
        new HostFixture(
            folder,
            ScriptedCommands.answering(command -> {
              programs.add(command.arguments());
              return ScriptedCommands.success("");
            }));
    // The pool writes down by the machine's clock when a snapshot was made.
    lumeo.now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    pool = Files.createDirectory(folder.resolve("images"));
    var format = new Volumes.Format(64 << 10, 32L * MIB, 4L * MIB, PoolOptions.DEFAULT);
    try (var volumes = Volumes.create(PoolFiles.in(pool), format)) {
      volumes.createVolume("web", 64L * MIB, Set.of(), null, null);
      volumes.createVolume("scratch", MIB, Set.of(), null, null);
    }
    Files.writeString(
        folder.resolve("lumeo.yaml"),
        """
        state: %1$s/state
        audit:
          file: %1$s/audit.jsonl
        metrics:
          port: 0
        hosts:
          - name: images
            kind: pool
            folder: %2$s
        policies:
          - id: nightly
            volumes:
              - pool: pool
                name: web
            schedule: "@daily"
            retention:
              daily: 0
              weekly: 0
              monthly: 0
              last: 1
              minKeep: 1
            before:
              - command: [/bin/quiesce, web]
        growth:
          - name: pools
            pool: pool
            threshold: 80%%
            step: 16MiB
            maximum: 40MiB
        trim:
          - name: weekly
            volumes:
              - name: web
            schedule: 0 3 * * 6
        """
            .formatted(folder, pool));
  }

  private void write(int firstMib, int mib, int value) throws IOException {
    try (var volumes = Volumes.open(PoolFiles.in(pool), null);
        var web = volumes.open("web")) {
      var bytes = MemorySegment.ofArray(new byte[mib * MIB]).fill((byte) value);
      web.write((long) firstMib * MIB, bytes);
      web.flush();
    }
  }

  private List<?> volumes() throws IOException {
    return (List<?>) lumeo.fields("host show --host images").get("volumes");
  }

  private List<String> snapshots() throws IOException {
    return volumes().stream()
        .map(Map.class::cast)
        .filter(volume -> volume.get("kind").equals("thin-snapshot"))
        .map(volume -> String.valueOf(volume.get("name")))
        .sorted()
        .toList();
  }

  private long dataBytes() throws IOException {
    var found = (List<?>) lumeo.fields("host show --host images").get("pools");
    var data = (Map<?, ?>) ((Map<?, ?>) found.getFirst()).get("data");
    return (Long) data.get("sizeBytes");
  }

  @Test
  void itIsShownAsAHostIs() {
    assertThat(lumeo.ok("host show --host images"))
        .containsPattern("pool +lumeo-pool +32 MiB")
        .containsPattern("pool/web +thin +64 MiB");
    assertThat(lumeo.ok("host usage --host images")).contains("pool/web");
    lumeo.fails(7, "a Lumeo pool", "lvm volume deactivate pool/web --host images");
  }

  @Test
  void aPolicyMakesItsSnapshotAndRetentionSaysWhyItStays() throws IOException {
    write(0, 4, 7);
    assertThat(lumeo.ok("policy run nightly --dry-run"))
        .containsPattern("images +pool/web +would +would ");
    assertThat(snapshots()).isEmpty();

    assertThat(lumeo.ok("policy run nightly")).containsPattern("images +pool/web +done ");
    assertThat(programs).containsExactly(List.of("/bin/quiesce", "web"));
    var first = snapshots().getFirst();
    assertThat(first).startsWith("web-nightly-");
    assertThat(lumeo.ok("host show --host images"))
        .containsPattern(first + " +thin-snapshot .*lumeo.managed,.*lumeo.policy=nightly");
    lumeo.now = lumeo.now.plusSeconds(60);
    assertThat(lumeo.ok("retention explain nightly"))
        .containsPattern("images +pool/web +" + first + " +\\S+ +.*keep");

    assertThat(lumeo.ok("policy run nightly")).containsPattern(first + " +done ");
    assertThat(snapshots()).anyMatch(name -> name.startsWith("lumeo-trash-"));
    assertThat(lumeo.ok("lvm trash list --host images")).contains(first);
    lumeo.ok("lvm trash restore pool/" + first + " --host images");
    assertThat(snapshots()).hasSize(2).contains(first);
    assertThat(lumeo.ok("audit verify")).contains("are as they were written");
  }

  @Test
  void thePoolGrowsUpToItsMaximum() throws IOException {
    assertThat(lumeo.ok("grow explain")).containsPattern("images +pool data +nothing ");
    write(0, 28, 7);
    assertThat(lumeo.ok("grow explain")).containsPattern("images +pool data +grow ");
    assertThat(lumeo.ok("grow run")).containsPattern("images +pool data +done ");
    assertThat(dataBytes()).isEqualTo(40L * MIB);
    write(28, 10, 7);
    lumeo.now = lumeo.now.plus(Duration.ofHours(1));
    assertThat(lumeo.run("grow", "run").out()).containsPattern("images +pool data +refused ");
    assertThat(dataBytes()).isEqualTo(40L * MIB);
  }

  @Test
  void aTrimGivesBlocksOfZeroesBack() throws IOException {
    write(0, 8, 7);
    write(0, 8, 0);
    assertThat(lumeo.ok("trim weekly"))
        .containsPattern("images +pool/web +done ")
        .contains("8 MiB given back");
  }

  @Test
  void itsPlansAndLocksAreWhereTheAgentHasThem() {
    lumeo.ok("lvm volume rename pool/scratch spare --host images");
    assertThat(folder.resolve("state/plans/images/ended")).isDirectory();
  }

  @Test
  @Timeout(60)
  void theAgentLetsItGrow() throws Exception {
    write(0, 28, 7);
    var parts =
        new Agent.Parts(
            TimeSource.system(),
            new Random(1),
            this::open,
            Watch.factory("test"),
            new Secrets(_ -> Optional.empty()));
    try (var agent = Agent.open(folder.resolve("lumeo.yaml"), parts)) {
      var running =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  agent.run();
                } catch (IOException | InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      while (!hasGrown()) {
        assertThat(running.isAlive()).isTrue();
        Thread.onSpinWait();
      }
      agent.stop();
      running.join();
    }
    assertThat(dataBytes()).isEqualTo(40L * MIB);
  }

  private boolean hasGrown() throws IOException {
    return Files.readString(folder.resolve("audit.jsonl")).contains("\"grow.pool-data\"");
  }

  private HostSetup open(HostSettings settings, Path state) {
    try {
      return new ConfiguredHosts(lumeo.surroundings()).setup(settings, state, false);
    } catch (StorageFailure e) {
      throw new AssertionError(e);
    }
  }
}
