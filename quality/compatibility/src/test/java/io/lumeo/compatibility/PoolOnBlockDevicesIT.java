package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.nbd.NbdClient;
import io.lumeo.testing.ThinTools;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A pool whose metadata and data are block devices, from its making to its growth, by the command
/// and the server. Needs root, for loop devices.
class PoolOnBlockDevicesIT {
  private static final int MIB = 1 << 20;

  @TempDir Path scratch;
  private Disk metadata;
  private Disk data;

  /// A loop device and the file behind it.
  private record Disk(Path device, Path backing) {
    static Disk of(Path backing, long sizeBytes) throws IOException {
      FileDevice.create(backing, sizeBytes).close();
      return new Disk(Path.of(losetup("--find", "--show", backing)), backing);
    }

    void grow(long newSizeBytes) throws IOException {
      try (var file = FileDevice.open(backing, FileDevice.Access.READ_WRITE)) {
        file.extend(newSizeBytes);
      }
      losetup("--set-capacity", device);
    }
  }

  @BeforeEach
  void attach() throws IOException {
    metadata = Disk.of(scratch.resolve("metadata"), 16 * MIB);
    data = Disk.of(scratch.resolve("data"), 64 * MIB);
  }

  @AfterEach
  void detach() {
    losetup("--detach", metadata.device());
    losetup("--detach", data.device());
  }

  @Test
  void itIsMadeServedSnapshottedGrownAndSoundInTheEnd() throws IOException {
    assertThat(lumeo("pool", "create").expectSuccess().stdout())
        .contains("pool of 64 MiB in blocks of 64 KiB made");
    ThinTools.expectClean(metadata.device());
    var first = Contents.random(new Random(1), 40 * MIB);
    var second = Contents.random(new Random(2), 40 * MIB);

    try (var server = up()) {
      served("volume", "create", "v", "96M").expectSuccess();
      write("v", first);
      served("snapshot", "create", "v", "s").expectSuccess();

      data.grow(128 * MIB);
      assertThat(served("pool", "extend", "--data-size", "128M").expectSuccess().stdout())
          .contains("128 MiB of data");
      write("v", second);
      assertThat(read("s", first.length)).isEqualTo(first);
      stop(server);
    }

    assertThat(lumeo("pool", "check").expectSuccess().stdout())
        .startsWith("sound: 2 devices, 1280 data blocks");
    ThinTools.expectClean(metadata.device());

    metadata.grow(32 * MIB);
    assertThat(lumeo("pool", "extend", "--meta-size", "32M").expectSuccess().stdout())
        .contains("32 MiB of metadata");
    ThinTools.expectClean(metadata.device());
    try (var server = up()) {
      assertThat(read("s", first.length)).isEqualTo(first);
      assertThat(read("v", second.length)).isEqualTo(second);
      assertThat(served("pool", "status").expectSuccess().stdout())
          .contains("/8192 1280/2048 - rw ");
      stop(server);
    }
  }

  @Test
  void itGrowsNoFurtherThanItsDevices() throws IOException {
    lumeo("pool", "create").expectSuccess();
    assertThat(lumeo("pool", "extend", "--data-size", "128M").expectExit(7).stderr())
        .contains("is a block device of 67108864 bytes; grow it with the tool that made it first");
    assertThat(lumeo("pool", "extend", "--meta-size", "32M").expectExit(7).stderr())
        .contains("is a block device of 16777216 bytes; grow it with the tool that made it first");
    lumeo("pool", "check").expectSuccess();
    ThinTools.expectClean(metadata.device());
    assertThat(lumeo("pool", "status").expectSuccess().stdout()).contains("/4096 0/1024 - rw ");
  }

  @Test
  void withoutACatalogueNothingIsMade() throws IOException {
    var refused =
        Tool.of(LumeoUp.command())
            .run("pool", "create", "--meta", metadata.device(), "--data", data.device())
            .expectExit(2);
    assertThat(refused.stderr()).contains("say where with --catalogue FILE");
    try (var file = FileDevice.open(metadata.backing(), FileDevice.Access.READ_ONLY)) {
      assertThat(Contents.read(file, 0, 16 * MIB)).containsOnly(0);
    }
  }

  @Test
  void whatHoldsAPoolIsNotMadeOver() throws IOException {
    lumeo("pool", "create").expectSuccess();
    byte[] before;
    try (var device = FileDevice.open(metadata.device(), FileDevice.Access.READ_ONLY)) {
      before = Contents.read(device, 0, 16 * MIB);
    }
    Files.delete(catalogue());
    assertThat(lumeo("pool", "create").expectExit(4).stderr()).contains("has something in it");
    try (var device = FileDevice.open(metadata.device(), FileDevice.Access.READ_ONLY)) {
      assertThat(Arrays.equals(Contents.read(device, 0, 16 * MIB), before)).isTrue();
    }
  }

  private Path catalogue() {
    return scratch.resolve("names");
  }

  private Path directory() {
    return scratch.resolve("served");
  }

  private List<Object> where() {
    return List.of(
        "--meta", metadata.device(), "--data", data.device(), "--catalogue", catalogue());
  }

  /// A command that opens the pool itself.
  private Tool.Result lumeo(Object... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(where());
    return Tool.of(LumeoUp.command()).run(all.toArray());
  }

  /// A command that the server carries out.
  private Tool.Result served(Object... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--dir", directory()));
    return Tool.of(LumeoUp.command()).run(all.toArray());
  }

  private Tool.Background up() {
    var words = new ArrayList<Object>(List.of("up", directory(), "--nbd", "unix", "--rest", "0"));
    words.addAll(where());
    return Tool.of(LumeoUp.command())
        .start(words.toArray())
        .await(() -> Files.exists(directory().resolve("server.json")));
  }

  private static void stop(Tool.Background server) {
    Tool.named("kill").run("-TERM", server.pid()).expectSuccess();
    assertThat(server.awaitEnd()).as(server.output()).isZero();
  }

  private NbdClient connect(String volume) throws IOException {
    return NbdClient.connect(UnixDomainSocketAddress.of(directory().resolve("nbd.sock")), volume);
  }

  private void write(String volume, byte[] bytes) throws IOException {
    try (var client = connect(volume)) {
      client.write(0, MemorySegment.ofArray(bytes));
      client.flush();
    }
  }

  private byte[] read(String volume, int lengthBytes) throws IOException {
    try (var client = connect(volume)) {
      return Contents.read(client, 0, lengthBytes);
    }
  }

  private static String losetup(Object... arguments) {
    return Tool.named("losetup").run(arguments).expectSuccess().stdout().strip();
  }
}
