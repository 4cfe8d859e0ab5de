package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.cli.lvm.HostFixture;
import io.lumeo.lvm.SimulatedHost;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every command about a host that destroys asks. A new one is missing here until it has its line.
@Timeout(60)
class HostConsentTest {
  private static final Set<String> ASKING =
      Set.of(
          "config rollback",
          "lvm group restore",
          "lvm pool repair",
          "lvm snapshot merge",
          "lvm trash purge",
          "lvm volume remove",
          "plan undo",
          "snapshot restore",
          "tune chunk-size",
          "tune layout",
          "tune snapshot-cost");

  @TempDir Path folder;

  private final SimulatedHost host = HostFixture.example();
  private HostFixture lumeo;

  @BeforeEach
  void configure() throws IOException {
    lumeo = new HostFixture(folder, host);
    write("first");
  }

  private void write(String name) throws IOException {
    Files.writeString(
        folder.resolve("lumeo.yaml"),
        """
        state: %1$s/state
        audit:
          file: %1$s/audit.jsonl
        hosts:
          - name: here
            kind: lvm
        trim:
          - name: %2$s
            volumes:
              - name: mail
            schedule: "@daily"
        """
            .formatted(folder, name));
  }

  private void asks(SimulatedHost asked, HostFixture commands, String line) throws IOException {
    var before = asked.shape();
    var configuration = Files.readString(folder.resolve("lumeo.yaml"));

    commands.fails(2, "nobody is there to be asked: say --yes to do it", line);
    var declined = commands.answering("n", line.split(" ", -1));

    assertThat(declined.err()).as(line).contains("Go on? [y/N]", "nothing was changed");
    assertThat(declined.exitCode()).as(line).isEqualTo(1);
    assertThat(asked.shape()).as(line).isEqualTo(before);
    assertThat(Files.readString(folder.resolve("lumeo.yaml"))).as(line).isEqualTo(configuration);
  }

  private void asks(String line) throws IOException {
    asks(host, lumeo, line);
  }

  @Test
  void noCommandIsForgotten() {
    var commands = new CommandTree(folder);
    var known = new TreeSet<>(ASKING);
    known.addAll(commands.having("--yes", "--dir"));

    assertThat(commands.having("--yes")).isEqualTo(known);
  }

  @Test
  void whatLosesDataAsks() throws IOException {
    asks("lvm snapshot merge vg/home-snap");
    asks("lvm snapshot merge vg/home-snap --no-safety");
    asks("lvm volume remove vg/old");
    asks("snapshot restore vg/home-snap --in-place");
    lumeo.ok("lvm volume remove vg/old --yes --keep-for 1d");
    lumeo.now = lumeo.now.plus(Duration.ofDays(2));
    asks("lvm trash purge vg/old");
  }

  @Test
  void groupMetadataAreNotPutBackUnasked() throws IOException {
    var plain = new SimulatedHost();
    plain.thick("data", 50);
    plain.withBackup(folder.resolve("state/vgcfg/b.vg").toString());
    var commands = new HostFixture(folder, plain);
    commands.ok("lvm volume deactivate vg/data");

    asks(plain, commands, "lvm group restore vg --backup b.vg");
  }

  @Test
  void aPlanIsNotTakenBackUnasked() throws IOException {
    host.beforeEachChange(arguments -> {
      if (arguments.toString().contains("old, lumeo-trash-")) {
        throw new SimulatedHost.Killed();
      }
    });
    try {
      lumeo.run("lvm", "volume", "remove", "vg/old", "--yes");
    } catch (SimulatedHost.Killed thatIsWanted) {
      assertThat(thatIsWanted).isNotNull();
    }
    host.beforeEachChange(_ -> {});
    var half = (Map<?, ?>) ((List<?>) lumeo.json("plan list")).getFirst();

    asks("plan undo " + half.get("id"));

    assertThat((List<?>) lumeo.json("plan list")).hasSize(1);
  }

  @Test
  void filesAreNotReplacedUnasked() throws IOException {
    lumeo.ok("config apply");
    write("second");
    lumeo.ok("config apply");

    asks("config rollback 1");

    assertThat((List<?>) lumeo.json("config history")).hasSize(2);
  }

  /// The guard comes before the question, and the simulated pool is active.
  @Test
  void aPoolInUseIsNotRepairedHoweverItIsAsked() {
    var before = host.shape();

    lumeo.fails(10, "is active", "lvm pool repair vg/pool");
    lumeo.fails(10, "is active", "lvm pool repair vg/pool --yes");

    assertThat(host.shape()).isEqualTo(before);
  }

  /// A study asks in the words of what it is about to do.
  @Test
  void nothingIsMeasuredUnasked() {
    var programs = new TreeSet<String>();
    var roomy =
        new HostFixture(
            folder,
            ScriptedCommands.answering(command -> {
              programs.add(String.join(" ", command.arguments().subList(0, 2)));
              return ScriptedCommands.success(
                  command.arguments().contains("vg_size,vg_free")
                      ? "2000000000000\t1000000000000"
                      : "");
            }));

    for (var study : List.of("chunk-size", "layout", "snapshot-cost")) {
      var outcome = roomy.run("tune", study, "--group", "vg");
      assertThat(outcome.err())
          .as(study)
          .startsWith("lumeo: make scratch volumes of up to ")
          .endsWith("; nobody is there to be asked: say --yes to do it\n")
          .hasLineCount(1);
      assertThat(outcome.exitCode()).as(study).isEqualTo(2);
      var declined = roomy.answering("n", "tune", study, "--group", "vg");
      assertThat(declined.err()).contains("Go on? [y/N]", "; nothing was touched");
      assertThat(declined.exitCode()).as(study).isEqualTo(1);
    }

    assertThat(programs).isSubsetOf("fio --version", "lvm lvs", "lvm vgs", "lvm pvs");
  }
}
