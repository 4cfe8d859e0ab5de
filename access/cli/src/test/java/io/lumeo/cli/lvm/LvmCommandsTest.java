package io.lumeo.cli.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.lvm.SimulatedHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What each command about a host asks of its LVM, to the letter, and how it tells what came of it.
class LvmCommandsTest {
  @TempDir Path folder;

  private final SimulatedHost host = HostFixture.example();
  private HostFixture lumeo;

  @BeforeEach
  void prepare() {
    lumeo = new HostFixture(folder, host);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lvm snapshot create vg/data s --store 20% --read-only | lvcreate -s -l 11 -pr -n s --addtag lumeo.managed
          lvm snapshot create /dev/vg/data s --store 100M       | lvcreate -s -l 25 -n s --addtag lumeo.managed
          lvm snapshot create vg/home s --tag a=b --inactive    | lvcreate -s -ky -n s --addtag a=b
          lvm snapshot create vg/home s                         | lvcreate -s -kn -n s
          lvm snapshot clone vg/home-snap c                     | lvcreate -s -kn -n c --addtag lumeo.clone
          lvm volume create vg v 41M                            | lvcreate -y -Wy -l 11 -n v
          lvm volume create vg/pool v 40M                       | lvcreate -T -V 41943040b -n v
          lvm volume extend vg/data +40M                        | lvextend -l 60 vg/data;resize2fs /dev/vg/data
          lvm volume extend vg/logs 300M                        | lvextend -l 75 vg/logs;xfs_growfs /var/log
          lvm volume extend vg/logs 300M --volume-only          | lvextend -l 75 vg/logs
          lvm volume trim vg/mail                               | fstrim -v /mail
          lvm volume rename vg/home house                       | lvrename vg home house
          lvm volume tag vg/data --add x --add y                | lvchange --addtag x --addtag y vg/data
          lvm volume tag vg/home-snap --remove lumeo.policy=p   | lvchange --deltag lumeo.policy=p vg/home-snap
          lvm volume deactivate vg/home                         | lvchange -an vg/home
          lvm volume remove vg/old                              | lvchange --addtag lumeo.trash-until=1772971200 --addtag lumeo.trash=old vg/old;lvrename vg old lumeo-trash-BRIEF-old
          lvm volume remove vg/old --keep-for 1h30m             | lvchange --addtag lumeo.trash-until=1772371800
          lvm pool create vg p 400M --chunk-size 128K           | lvcreate -y --type thin-pool -l 100 --poolmetadatasize 4194304b -c 131072b -n p
          lvm pool create vg p 400M --data-device /dev/sda      | lvcreate -y --type thin-pool -l 100
          lvm pool extend vg/pool --data +40M                   | lvextend -l 210 vg/pool
          lvm pool extend vg/pool --metadata 32M                | lvextend --poolmetadatasize 33554432b vg/pool
          lvm pool discard vg/pool no-passdown                  | lvchange --discards nopassdown vg/pool
          lvm pool autoextend vg/pool --threshold 70            | tee /etc/lvm/profile/lumeo-70-20.profile;lvchange --metadataprofile lumeo-70-20 vg/pool;lvchange --monitor y vg/pool
          lvm pool autoextend vg/pool --off                     | tee /etc/lvm/profile/lumeo-never.profile
          lvm group extend vg /dev/sdc                          | vgextend vg /dev/sdc
          lvm snapshot merge vg/home-snap                       | lvcreate -s -ky -n home-before-home-snap
          lvm snapshot merge vg/home-snap --no-safety           | lvconvert --merge -i 1 vg/home-snap
          """)
  void aDryRunPrintsExactlyWhatWouldBeRun(String line, String commands) throws IOException {
    var before = host.shape();
    var planned = lumeo.planned(line);
    var expected = List.of(commands.split(";", -1));
    assertThat(planned).hasSizeGreaterThanOrEqualTo(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      assertThat(planned.get(i)).startsWith(expected.get(i));
    }
    assertThat(host.shape()).as("nothing is done").isEqualTo(before);
    assertThat(folder.resolve("state")).doesNotExist();
  }

  @Test
  void aPlanForPeopleSaysWhatHoldsWhatIsRunAndWhatTakesItBack() {
    assertThat(lumeo.ok("lvm volume rename vg/home house --dry-run"))
        .matches(
            "(?s)plan [0-9A-Z]{26} for local\n.*steps:\n  1\\. .*lvm lvrename .* vg home house\n"
                + ".*undone by: lvm lvrename .* vg house home\nafterwards:\n  .*house.*");
    assertThat(lumeo.ok("lvm volume rename vg/home home --dry-run"))
        .startsWith("nothing to do:\n  ");
  }

  @Test
  void whatWasDoneIsTold() throws IOException {
    assertThat(lumeo.ok("lvm volume extend vg/data +40M"))
        .isEqualTo(
            """
            vg/data: 200 MiB → 240 MiB
            vg: 10 extents (40 MiB) taken
            the file system fills it
            vg: 10 extents (40 MiB) less free than before
            """);
    assertThat(lumeo.ok("lvm volume extend vg/data 240M"))
        .isEqualTo("nothing to do: vg/data is as large already\n");
    assertThat(lumeo.fields("lvm volume rename vg/home house"))
        .containsEntry("result", "done")
        .containsEntry("pending", List.of());
    assertThat(lumeo.ok("lvm volume deactivate vg/house --output yaml")).contains("result: done");
  }

  @Test
  void aMergeThatHasToWaitSaysForWhat() {
    host.thin("mail-snap", "pool", 100).tagged("lumeo.managed").of("mail");
    assertThat(lumeo.ok("lvm snapshot merge vg/mail-snap --yes"))
        .contains("not yet: the merge into vg/mail waits until vg/mail is not in use");
    assertThat(host.find("mail-before-mail-snap")).isPresent();
  }

  @Test
  void aClassicSnapshotsStoreIsExtendedFromWhatItIs() throws IOException {
    host.classic("snap", "data", 11);
    assertThat(lumeo.planned("lvm snapshot extend vg/snap +20M"))
        .containsExactly("lvextend -l 16 vg/snap");
    lumeo.fails(3, "vg/data is no snapshot", "lvm snapshot extend vg/data +20M");
  }

  @Test
  void whatIsRemovedGoesThroughTheTrash() throws IOException {
    lumeo.fails(2, "say --yes", "lvm volume remove vg/old");
    var declined = lumeo.answering("n", "lvm", "volume", "remove", "vg/old");
    assertThat(declined.exitCode()).isEqualTo(1);
    assertThat(declined.err()).contains("Go on? [y/N] ").contains("nothing was changed");

    lumeo.ok("lvm volume remove vg/old --yes --keep-for 1d");
    assertThat(lumeo.ok("lvm trash list"))
        .contains("WAS")
        .containsPattern("vg/lumeo-trash-\\w{8}-old +old +40 MiB +2026-03-02T12:00:00Z");
    lumeo.ok("lvm trash restore vg/old");
    assertThat(host.named("old").name()).isEqualTo("old");

    lumeo.ok("lvm volume remove vg/old --yes --keep-for 1d");
    lumeo.fails(10, "stays in the trash until", "lvm trash purge vg/old --yes");
    lumeo.now = lumeo.now.plus(Duration.ofDays(2));
    lumeo.ok("lvm trash purge vg/old --yes");
    assertThat(lumeo.json("lvm trash list")).isEqualTo(List.of());
    assertThat(host.find("old")).isEmpty();
  }

  @Test
  void twoThingsOfOneNameInTheTrashAreToldApart() throws IOException {
    lumeo.ok("lvm volume remove vg/old --yes");
    host.thick("old", 10).tagged("lumeo.managed");
    lumeo.ok("lvm volume remove vg/old --yes");
    lumeo.fails(10, "2 things in the trash were called vg/old", "lvm trash restore vg/old");
    var items = (List<?>) lumeo.json("lvm trash list");
    lumeo.ok("lvm trash restore " + ((Map<?, ?>) items.getLast()).get("volume"));
    assertThat(host.find("old")).isPresent();
  }

  @Test
  void groupMetadataGoBackOnlyWhereThatIsSafe() {
    host.withBackup(folder.resolve("state/vgcfg/b.vg").toString());
    lumeo.fails(10, "thin pool", "lvm group restore vg --backup b.vg --yes");
    lumeo.fails(2, "--backup", "lvm group restore vg");
  }

  @Test
  void aRepairAsksFirst() {
    lumeo.fails(10, "active", "lvm pool repair vg/pool --yes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          3  | there is no volume vg/nothing on local | lvm volume trim vg/nothing
          3  | there is no volume data on local       | lvm volume trim data
          3  | there is no volume group other         | lvm group extend other /dev/sdc
          3  | there is no thin pool vg               | lvm pool extend vg --data 1G
          10 | for itself                             | lvm volume rename vg/home snapshot1
          10 | is Lumeo's own record                  | lvm volume tag vg/data --add lumeo.managed
          10 | was not made by Lumeo                  | lvm volume remove vg/data --yes
          6  | free                                   | lvm volume create vg v 1T
          2  | 1% to 100%                             | lvm snapshot create vg/data s --store 200%
          2  | is not a size                          | lvm snapshot create vg/data s --store much
          2  | give --data or --metadata              | lvm pool extend vg/pool
          2  | give --data or --metadata              | lvm pool extend vg/pool --data 1G --metadata 1G
          2  | either --threshold PERCENT or --off    | lvm pool autoextend vg/pool
          2  | not one of ignore, no-passdown         | lvm pool discard vg/pool all
          2  | is no span of time                     | lvm volume remove vg/old --keep-for long
          2  | there is no command 'snapsot'          | lvm snapsot create vg/data s
          """)
  void whatCannotBeIsSaidInOneLine(int exitCode, String message, String line) {
    var before = host.shape();
    lumeo.fails(exitCode, message, line);
    assertThat(host.shape()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vg/$(reboot)",
        "vg/`id`",
        "-rf",
        "vg/a b",
        "vg/..",
        "vg/x;reboot",
        "vg/\u001b[31m",
        "vg/é"
      })
  void hostileNamesReachNoCommand(String name) {
    var before = host.shape();
    var found = lumeo.run("lvm", "volume", "trim", "--", name);
    assertThat(found.exitCode()).isEqualTo(3);
    assertThat(found.err().lines()).hasSize(1);
    assertThat(found.err()).doesNotContain("\u001b");
    var renamed = lumeo.run("lvm", "volume", "rename", "--", "vg/home", name);
    assertThat(renamed.exitCode()).isEqualTo(10);
    assertThat(renamed.err()).doesNotContain("\u001b");
    assertThat(host.shape()).isEqualTo(before);
  }

  @Test
  void whatTheHostIsCalledCannotPaintTheTerminal() {
    host.thick("evil", 10).tagged("\u001b]0;owned\u0007");
    assertThat(lumeo.ok("host show")).contains("?]0;owned?").doesNotContain("\u001b");
    assertThat(lumeo.ok("host show --output json")).doesNotContain("\u001b");
    assertThat(lumeo.ok("host show --output yaml")).doesNotContain("\u001b");
  }

  @Test
  void aHostIsShown() throws IOException {
    host.classic("snap", "data", 11);
    assertThat(lumeo.ok("host show --devices"))
        .containsPattern("vg +volume-group +7.81 GiB")
        .containsPattern("vg/pool +thin-pool +800 MiB +720 MiB +10.0 +10.0")
        .containsPattern("vg/home-snap +thin-snapshot +400 MiB +\\S+ +home")
        .containsPattern("vg/data +thick +200 MiB +- +- +ext4 at /srv")
        .containsPattern("/dev/sda +vg ");
    assertThat(lumeo.fields("host show"))
        .containsKeys("system", "takenAt", "pools", "volumes", "devices", "warnings");
    assertThat(lumeo.ok("host usage")).contains("NAME");
    lumeo.fails(3, "nothing is known of the use of vg/data", "host usage vg/data");
  }

  @Test
  void theHostIsFoundByTheConfigurationOrBySsh() throws IOException {
    lumeo.ok("host show --host root@db1");
    lumeo.ok("host show --host db2 --sudo");
    assertThat(lumeo.connections).containsExactly("root@db1", "sudo db2");
    Files.writeString(
        folder.resolve("lumeo.yaml"),
        """
        state: %s
        audit:
          file: %s
        hosts:
          - name: here
            kind: lvm
          - name: database
            kind: lvm
            ssh: root@db1
          - name: images
            kind: pool
            folder: /srv/images
        """
            .formatted(folder.resolve("elsewhere"), folder.resolve("audit.jsonl")));
    lumeo.connections.clear();
    assertThat(lumeo.ok("lvm volume rename vg/home house --dry-run")).contains(" for here\n");
    assertThat(lumeo.ok("lvm volume rename vg/home house --dry-run --host root@db1"))
        .contains(" for database\n");
    lumeo.ok("lvm volume rename vg/home house --host database");
    assertThat(lumeo.connections).containsExactly("local", "root@db1", "root@db1");
    assertThat(folder.resolve("elsewhere/plans/database/ended")).isDirectory();
    lumeo.fails(3, "there is no pool in /srv/images", "host show --host images");
    assertThat(lumeo.ok("lvm volume rename vg/house home --dry-run --config none"))
        .contains(" for local\n");

    Files.writeString(folder.resolve("lumeo.yaml"), "hots: []\n");
    lumeo.fails(2, "lumeo.yaml:1:1", "host show");
    lumeo.environment.put("LUMEO_CONFIG", "none");
    lumeo.environment.put("LUMEO_STATE", folder.resolve("mine").toString());
    lumeo.ok("lvm volume rename vg/house home");
    assertThat(folder.resolve("mine/plans/local/ended")).isDirectory();
  }

  @Test
  void destinationsHaveNamesOfTheirOwn() throws IOException {
    var names = new java.util.HashSet<Object>();
    for (var destination : List.of("db1", "root@db1", "root_40db1", "ssh://root@db1:22", "../x")) {
      var plan =
          (Map<?, ?>) lumeo.json("lvm volume rename vg/home house --dry-run --host " + destination);
      names.add(plan.get("host"));
      assertThat(String.valueOf(plan.get("host"))).matches("ssh-[A-Za-z0-9._-]+");
    }
    assertThat(names).hasSize(5);
  }

  @Test
  void aPlanThatWasBegunIsListedFinishedOrTakenBack() throws IOException {
    breakBefore("resize2fs", "lvm volume extend vg/data +40M");
    var half = (Map<?, ?>) ((List<?>) lumeo.json("plan list")).getFirst();
    var id = String.valueOf(half.get("id"));
    assertThat(lumeo.ok("plan list"))
        .containsPattern(
            id + " +extend-volume +2026-03-01T12:00:00Z +\\d/4 +vg/data: 200 MiB → 240");
    assertThat(lumeo.ok("plan show " + id)).contains("lvextend").contains("of 4 steps are known");
    lumeo.fails(10, "cannot be taken back", "plan undo --yes " + id);
    lumeo.fails(2, "say --yes", "plan undo " + id);
    assertThat(lumeo.ok("plan finish --dry-run " + id)).contains("resize2fs /dev/vg/data");
    assertThat(lumeo.ok("plan finish " + id)).contains("the file system fills it");
    assertThat(lumeo.json("plan list")).isEqualTo(List.of());
    lumeo.fails(3, "there is no unfinished plan " + id, "plan finish " + id);

    breakBefore("old, lumeo-trash-", "lvm volume remove vg/old --yes");
    id = String.valueOf(((Map<?, ?>) ((List<?>) lumeo.json("plan list")).getFirst()).get("id"));
    assertThat(lumeo.ok("plan undo --dry-run " + id)).contains("undone by");
    assertThat(lumeo.ok("plan undo --yes " + id))
        .isEqualTo("plan %s has ended: it was taken back\n".formatted(id));
    assertThat(host.shape()).doesNotContain("lumeo.trash");
  }

  /// Lets the process die right before that command.
  private void breakBefore(String word, String line) {
    host.beforeEachChange(arguments -> {
      if (arguments.toString().contains(word)) {
        throw new SimulatedHost.Killed();
      }
    });
    try {
      lumeo.run(line.split(" ", -1));
    } catch (SimulatedHost.Killed thatIsWanted) {
      assertThat(thatIsWanted).isNotNull();
    }
    host.beforeEachChange(arguments -> {});
  }

  @Test
  void anInterruptedPlanTakesBackWhatItDid() throws IOException {
    host.beforeEachChange(arguments -> lumeo.stopped = true);
    lumeo.fails(1, "was stopped before it could", "lvm volume remove vg/old --yes");
    host.beforeEachChange(arguments -> {});
    assertThat(host.shape()).doesNotContain("lumeo.trash");
    assertThat(lumeo.json("plan list")).isEqualTo(List.of());
  }

  @Test
  void progressIsShownToPeopleOnly() {
    var shown = lumeo.answering("y", "lvm", "volume", "rename", "vg/home", "house");
    assertThat(shown.err()).contains("\r\u001b[K[").endsWith("\r\u001b[K");
    var structured =
        lumeo.answering("y", "lvm", "volume", "rename", "vg/house", "home", "-o", "json");
    assertThat(structured.err()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "UNREACHABLE,12,does not answer",
    "FAILS,9,Something is wrong",
    "HANGS,12,did not end in time",
    "NOT_STARTED,9,could not be started"
  })
  void aHostInTroubleHasItsExitCode(SimulatedHost.Trouble trouble, int exitCode, String message) {
    host.inject(trouble, 0);
    lumeo.fails(exitCode, message, "host show");
  }
}
