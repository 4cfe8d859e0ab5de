package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Repository;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The two scripts on machines that lack something: played by a path that has nothing but what a
/// test puts there.
class ScriptsIT {
  private static final String NO_JDK =
      "lumeo: needs a JDK 25 and found none; install temurin-25-jdk or openjdk-25-jdk, or point"
          + " JAVA_HOME at one\n";

  @TempDir Path scratch;

  private Path programs;

  @BeforeEach
  void aMachineWithoutPrograms() throws IOException {
    programs = Files.createDirectories(scratch.resolve("programs"));
  }

  private void program(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/bash\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// Lets the machine have this program.
  private void real(String program) throws IOException {
    program(programs.resolve(program), "exec " + Tool.find(program) + " \"$@\"");
  }

  /// Runs a script with the test's programs and variables, and nothing else.
  private Tool.Result run(Path script, List<String> variables, Object... arguments) {
    var line = new ArrayList<Object>(List.of("-i", "PATH=" + programs, "HOME=" + scratch));
    line.addAll(variables);
    line.addAll(List.of("/bin/bash", script));
    line.addAll(List.of(arguments));
    return Tool.named("env").run(line.toArray());
  }

  // bin/lumeo

  /// Lumeo as it is installed: the command and the archives, with a cache that is up to date.
  private Path installed() throws IOException {
    var home = scratch.resolve("lumeo");
    Files.createDirectories(home.resolve("lib"));
    Files.createFile(home.resolve("lib/server.jar"));
    Files.createFile(home.resolve("lumeo-25.0.1+8.aot"));
    Files.createDirectories(home.resolve("bin"));
    return Files.copy(Repository.path(Path.of("bin/lumeo")), home.resolve("bin/lumeo"));
  }

  /// A JDK that says where it is in place of running anything.
  private Path jdk(String place, String version) throws IOException {
    var home = scratch.resolve(place);
    program(home.resolve("bin/java"), "echo \"" + home + "\"");
    program(home.resolve("bin/javac"), "exit 1");
    Files.writeString(
        home.resolve("release"),
        "IMPLEMENTOR=\"Somebody\"\nJAVA_RUNTIME_VERSION=\"%s\"\n".formatted(version));
    return home;
  }

  private List<String> root() {
    return List.of("LUMEO_ROOT=" + scratch.resolve("root"));
  }

  @Test
  void withoutAJdkOneLineSaysWhatToInstall() throws IOException {
    jdk("root/usr/lib/jvm/java-21", "21.0.9+10");
    var outcome = run(installed(), root(), "--version").expectExit(1);
    assertThat(outcome.stderr()).isEqualTo(NO_JDK);
    assertThat(outcome.stdout()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "root/usr/lib/jvm/temurin-25-jdk-amd64",
        "root/opt/jdk-25",
        "root/opt/java/openjdk",
        "root/usr/local/openjdk-25",
        ".sdkman/candidates/java/current",
        ".sdkman/candidates/java/25-tem",
        ".jdks/temurin-25"
      })
  void aJdkIsFoundInTheUsualPlaces(String place) throws IOException {
    jdk("root/usr/lib/jvm/java-21", "21.0.9+10");
    var home = jdk(place, "25.0.1+8");
    assertThat(run(installed(), root(), "--version").expectSuccess().stdout())
        .isEqualTo(home + "\n");
  }

  @Test
  void whatJavaHomeNamesComesFirstIfItIsAJdk25() throws IOException {
    var usual = jdk("root/usr/lib/jvm/temurin-25-jdk-amd64", "25.0.1+8");
    var chosen = jdk("chosen", "25.0.1+8");
    var old = jdk("old", "17.0.1+12");
    var lumeo = installed();
    var variables = new ArrayList<>(root());
    variables.add("JAVA_HOME=" + chosen);
    assertThat(run(lumeo, variables).expectSuccess().stdout()).isEqualTo(chosen + "\n");
    variables.set(1, "JAVA_HOME=" + old);
    assertThat(run(lumeo, variables).expectSuccess().stdout()).isEqualTo(usual + "\n");
  }

  @Test
  void aJdkThatIsOnlyOnThePathIsFound() throws IOException {
    var home = jdk("somewhere/else", "25.0.1+8");
    Files.createSymbolicLink(programs.resolve("java"), home.resolve("bin/java"));
    real("readlink");
    assertThat(run(installed(), root()).expectSuccess().stdout()).isEqualTo(home + "\n");
  }

  /// A JVM for a moment does without the second compiler, and so does the agent, which is to be
  /// small and does little; a server must not.
  @Test
  void theServerAndTheAgentRunWithTheOptionsOfWhatRunsForWeeks() throws IOException {
    var home = jdk("root/opt/jdk-25", "25.0.1+8");
    program(home.resolve("bin/java"), "echo \"$*\"");
    var lumeo = installed();
    for (var words : List.of(List.of("up", "--help"), List.of("--debug", "up", "pool"))) {
      assertThat(run(lumeo, root(), words.toArray()).expectSuccess().stdout())
          .as("%s", words)
          .contains(" -Xmx192m ")
          .doesNotContain("TieredStopAtLevel");
    }
    assertThat(run(lumeo, root(), "agent", "--help").expectSuccess().stdout())
        .contains(" -Xmx192m ", " -Xmn16m ", " -XX:TieredStopAtLevel=1 ");
    for (var other : List.of("list", "up", "agent")) {
      assertThat(run(lumeo, root(), "pool", other).expectSuccess().stdout())
          .as(other)
          .contains(" -XX:TieredStopAtLevel=1 ")
          .doesNotContain(" -Xmx192m ");
    }
  }

  @Test
  void withoutMavenACheckoutSaysWhatToInstall() throws IOException {
    jdk("root/opt/jdk-25", "25.0.1+8");
    var checkout = installed().getParent().getParent();
    var sources = Files.createDirectories(checkout.resolve("server/src"));

    var outcome = run(checkout.resolve("bin/lumeo"), root(), "up").expectExit(1);

    assertThat(outcome.stderr())
        .isEqualTo("lumeo: needs Maven to build itself on first use; install the package maven\n");
    assertThat(outcome.stdout()).isEmpty();
    assertThat(checkout.resolve("server").toFile().list()).containsExactly("src");
    assertThat(sources).isEmptyDirectory();
  }

  // ./dev

  /// The script where nothing of the checkout can be hurt: a check begins by removing its log.
  private Path dev() throws IOException {
    Files.createDirectories(scratch.resolve("quality/rig"));
    var packages = Path.of("quality/rig/packages.txt");
    Files.copy(Repository.path(packages), scratch.resolve(packages));
    for (var program : List.of("dirname", "rm", "sort", "cat", "grep")) {
      real(program);
    }
    program(programs.resolve("id"), "echo 1000");
    return Files.copy(Repository.path(Path.of("dev")), scratch.resolve("dev"));
  }

  private static List<String> javaHome() {
    return List.of("JAVA_HOME=" + System.getProperty("java.home"));
  }

  @Test
  void devAlonePrintsItsMenu() throws IOException {
    var script = dev();
    var menu = run(script, List.of()).expectSuccess().stdout();
    assertThat(menu.lines())
        .isNotEmpty()
        .allMatch(line -> line.startsWith("./dev ") || line.startsWith("            "))
        .anyMatch(line -> line.matches("\\./dev check {2,}everything CI runs: .*"))
        .anyMatch(line -> line.matches("\\./dev run \\[DIR\\] {2,}build, then lumeo up .*"));
    assertThat(run(script, List.of(), "nonsense").expectExit(2).stderr())
        .isEqualTo("dev: no such verb: nonsense\n" + menu);
  }

  @Test
  void withoutMavenACheckNamesItWhenItMayNotInstallIt() throws IOException {
    var outcome = run(dev(), javaHome(), "check").expectExit(1);
    assertThat(outcome.stderr())
        .isEqualTo(
            "dev: missing: maven. Install them (on Debian: sudo apt-get install maven) and run this"
                + " again\n");
    assertThat(outcome.stdout()).endsWith("check: FAILED at: JDK and Maven\n");
  }

  @Test
  void aCheckNamesEveryPackageThatIsMissingWhenItMayNotInstallThem() throws IOException {
    var script = dev();
    for (var present : List.of("mvn", "fio", "qemu-img", "qemu-io", "shellcheck")) {
      program(programs.resolve(present), "exit 1");
    }
    var outcome = run(script, javaHome(), "check").expectExit(1);
    assertThat(outcome.stderr())
        .matches(
            "(?s)dev: missing: (.+)\\. Install them \\(on Debian: sudo apt-get install \\1\\) and"
                + " run this again\n")
        .containsPattern(" curl ")
        .containsPattern(" jq ")
        .as("one of its programs is missing")
        .containsPattern(" qemu-utils ")
        .doesNotContainPattern(" fio ")
        .doesNotContainPattern(" shellcheck ");
    assertThat(outcome.stdout()).endsWith("check: FAILED at: programs the tests need\n");
  }

  /// A Debian whose packages are empty programs: it notes what it is asked, and whether services
  /// may be started.
  @Test
  void asRootACheckInstallsWhatIsMissingAndSaysWhat() throws IOException {
    var script = dev();
    var policy = Files.createDirectories(scratch.resolve("root/usr/sbin")).resolve("policy-rc.d");
    var log = scratch.resolve("apt.log");
    program(programs.resolve("id"), "echo 0");
    for (var program : List.of("chmod", "tail")) {
      real(program);
    }
    program(
        programs.resolve("apt-get"),
        """
        services=started
        [ ! -x "%1$s" ] || services="$(tail -n 1 "%1$s")"
        echo "$services: $*" >>"%2$s"
        case $* in *" maven") printf '#!/bin/bash\n' >"%3$s/mvn"; chmod 755 "%3$s/mvn" ;; esac
        """
            .formatted(policy, log, programs));
    var variables = new ArrayList<>(javaHome());
    variables.addAll(root());

    var outcome = run(script, variables, "check");

    var said =
        outcome
            .stdout()
            .lines()
            .filter(line -> line.startsWith("installing from Debian: "))
            .map(line -> line.substring("installing from Debian: ".length()))
            .toList();
    assertThat(said).hasSize(2);
    assertThat(said.getFirst()).isEqualTo("maven");
    assertThat(said.getLast().split(" ", -1))
        .contains("curl", "jq", "qemu-utils")
        .doesNotHaveDuplicates();
    assertThat(Files.readAllLines(log))
        .containsExactly(
            "started: -qq -o Acquire::Retries=3 update",
            installing("maven"),
            "started: -qq -o Acquire::Retries=3 update",
            installing(said.getLast()));
    assertThat(policy).doesNotExist();
    assertThat(outcome.stdout()).endsWith("check: FAILED at: thin-provisioning-tools 1.x\n");
  }

  private static String installing(String packages) {
    return "exit 101: -qq -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install --no-install-recommends "
        + packages;
  }

  @Test
  void aCheckFailsWhenATestWasSkipped() throws IOException {
    var script = dev();
    Files.writeString(scratch.resolve("quality/rig/packages.txt"), "# nothing\n");
    program(scratch.resolve("quality/rig/fetch-trixie-tools"), "exit 0");
    for (var program : List.of("mkdir", "tee", "sed", "awk")) {
      real(program);
    }
    program(programs.resolve("git"), "echo dev");
    program(programs.resolve("shellcheck"), "exit 0");
    var tests = "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: ";
    program(programs.resolve("mvn"), "echo '" + tests + "0'");
    assertThat(run(script, javaHome(), "check").expectSuccess().stdout())
        .contains("tests: 3 run, 0 failed, 0 skipped")
        .endsWith("check: passed\n");
    program(programs.resolve("mvn"), "echo '" + tests + "1'");
    assertThat(run(script, javaHome(), "check").expectExit(1).stdout())
        .contains("tests: 3 run, 0 failed, 1 skipped")
        .endsWith("check: FAILED at: no test was skipped\n");
  }
}
