package io.lumeo.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationSourceTest {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;
  private Path main;
  private Path more;
  private Database database;
  private Instant now = START;
  private ConfigurationHistory history;
  private ConfigurationSource source;

  @BeforeEach
  void open() throws IOException {
    main = folder.resolve("etc/lumeo.yaml");
    more = folder.resolve("etc/conf.d");
    Files.createDirectories(more);
    database = Database.open(folder.resolve("state.db"));
    history = ConfigurationHistory.open(database, () -> now);
    source = new ConfigurationSource(new ConfigurationFolder(main), Sample.READER, history);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void write(String text) throws IOException {
    Files.writeString(main, text);
  }

  private ConfigurationSource.Change.Applied reload() {
    return (ConfigurationSource.Change.Applied) source.reload("anna", "a test");
  }

  private List<String> refused(ConfigurationSource.Change change) {
    assertThat(change).isInstanceOf(ConfigurationSource.Change.Refused.class);
    return ((ConfigurationSource.Change.Refused) change)
        .mistakes().stream().map(Mistake::toString).toList();
  }

  private Duration poll() {
    return source.current().orElseThrow().monitors().pollInterval();
  }

  @Test
  void aBadFileIsRefusedAndTheOldOneGoesOn() throws IOException {
    write("monitors: {pollInterval: 5s}\n");
    assertThat(source.current()).isEmpty();
    reload();
    write("monitors: {pollInterval: 5}\n");
    assertThat(refused(source.reload("anna", "a slip")))
        .singleElement()
        .asString()
        .startsWith("lumeo.yaml:1:26: monitors.pollInterval: 5 has no unit");
    Files.delete(main);
    assertThat(refused(source.reload("anna", "gone")))
        .singleElement()
        .asString()
        .contains("there is no " + main);
    assertThat(poll()).isEqualTo(Duration.ofSeconds(5));
    assertThat(history.versions()).hasSize(1);
  }

  @Test
  void everyVersionIsKeptWithItsAuthorAndTime() throws IOException {
    write("monitors: {pollInterval: 5s}\n");
    var first = reload().version();
    now = now.plusSeconds(60);
    assertThat(reload().version()).isEqualTo(first);
    write("monitors: {pollInterval: 6s}\n");
    Files.writeString(more.resolve("b.yaml"), "hosts: [{name: b, kind: lvm}]\n");
    Files.writeString(more.resolve("a.yaml"), "hosts: [{name: a, kind: lvm}]\n");
    Files.writeString(more.resolve(".hidden.yaml"), "nonsense\n");
    Files.writeString(more.resolve("a.yaml~"), "nonsense\n");
    var second =
        ((ConfigurationSource.Change.Applied) source.reload("bert\u001b[31m", "more hosts"));
    assertThat(second.configuration().hosts())
        .extracting(HostSettings::name)
        .containsExactly("a", "b");
    assertThat(history.versions())
        .containsExactly(
            new ConfigurationHistory.Version(
                2, START.plusSeconds(60), "bert\uFFFD[31m", "more hosts", second.version().hash()),
            new ConfigurationHistory.Version(1, START, "anna", "a test", first.hash()));
    assertThat(history.diff(1, 2).orElseThrow())
        .isEqualTo(
            """
            --- lumeo.yaml (version 1)
            +++ lumeo.yaml (version 2)
            @@ -1,1 +1,1 @@
            -monitors: {pollInterval: 5s}
            +monitors: {pollInterval: 6s}
            --- conf.d/a.yaml (version 1)
            +++ conf.d/a.yaml (version 2)
            @@ -0,0 +1,1 @@
            +hosts: [{name: a, kind: lvm}]
            --- conf.d/b.yaml (version 1)
            +++ conf.d/b.yaml (version 2)
            @@ -0,0 +1,1 @@
            +hosts: [{name: b, kind: lvm}]
            """);
    assertThat(history.diff(1, 7)).isEmpty();
    assertThat(ConfigurationHistory.view(database).versions()).hasSize(2);
  }

  @Test
  void goingBackIsANewVersionAndLosesNothing() throws IOException {
    write("monitors: {pollInterval: 5s}\n");
    Files.setPosixFilePermissions(main, PosixFilePermissions.fromString("rw-r-----"));
    Files.writeString(more.resolve("a.yaml"), "hosts: [{name: a, kind: lvm}]\n");
    reload();
    write("monitors: {pollInterval: 6s}\n");
    Files.delete(more.resolve("a.yaml"));
    Files.writeString(more.resolve("b.yaml"), "hosts: [{name: b, kind: lvm}]\n");
    reload();
    write("monitors: {pollInterval: nonsense}\n");

    assertThat(source.rollBack(1, "bert", "was better"))
        .isInstanceOf(ConfigurationSource.Change.Applied.class);
    assertThat(poll()).isEqualTo(Duration.ofSeconds(5));
    assertThat(Files.readString(main)).isEqualTo("monitors: {pollInterval: 5s}\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(main)))
        .isEqualTo("rw-r-----");
    assertThat(more).isDirectoryContaining("glob:**/a.yaml");
    assertThat(more).isDirectoryNotContaining("glob:**/b.yaml");
    assertThat(history.versions())
        .extracting(ConfigurationHistory.Version::reason)
        .containsExactly(
            "back to 1: was better", "as found before going back to 1", "a test", "a test");
    assertThat(history.sources(3).orElseThrow().getFirst().text()).contains("nonsense");

    assertThat(refused(source.rollBack(3, "bert", "why not")))
        .singleElement()
        .asString()
        .contains("nonsense");
    assertThat(refused(source.rollBack(99, "bert", "why not")))
        .singleElement()
        .asString()
        .contains("there is no version 99");
    assertThat(poll()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void aRemovedFileComesBack() throws IOException {
    write("monitors: {pollInterval: 5s}\n");
    reload();
    Files.delete(main);
    assertThat(source.rollBack(1, "bert", "it is gone"))
        .isInstanceOf(ConfigurationSource.Change.Applied.class);
    assertThat(main).hasContent("monitors: {pollInterval: 5s}\n");
  }

  @Test
  void aSourceThatCannotBeReadIsNamed() throws IOException {
    var reader = new ConfigurationFolder(main);
    assertThatThrownBy(reader::read).hasMessageContaining("there is no " + main);
    Files.createDirectory(main);
    assertThatThrownBy(reader::read).hasMessageContaining("is not a file");
    Files.delete(main);
    Files.write(main, new byte[] {(byte) 0xFF, 0});
    assertThatThrownBy(reader::read).hasMessageContaining("is not UTF-8");
    Files.write(main, new byte[(4 << 20) + 1]);
    assertThatThrownBy(reader::read).hasMessageContaining("is larger than");
    write("");
    for (int i = 0; i < 201; i++) {
      Files.createFile(more.resolve("%03d.yaml".formatted(i)));
    }
    assertThatThrownBy(reader::read).hasMessageContaining("has more than 200 files");
    var outside = List.of(new SourceText("conf.d/../../x.yaml", ""));
    assertThatThrownBy(() -> reader.replace(outside)).hasMessageContaining("is no file");
  }

  @Test
  void withoutConfDTheMainFileIsAll() throws IOException {
    Files.delete(more);
    write("state: /a\n");
    assertThat(new ConfigurationFolder(main).read())
        .containsExactly(new SourceText("lumeo.yaml", "state: /a\n"));
  }
}
