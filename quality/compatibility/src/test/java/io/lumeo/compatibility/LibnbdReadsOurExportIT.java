package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our exports under the NBD project's own client library.
class LibnbdReadsOurExportIT {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 128 * MIB;

  @TempDir Path directory;
  private ServedPool pool;

  @BeforeEach
  void serve() throws IOException {
    pool = ServedPool.in(directory);
    pool.createVolume("vol0", SIZE);
  }

  @AfterEach
  void stop() throws IOException {
    pool.close();
  }

  @Test
  void nbdinfoSeesEveryExportAndWhatItCan() throws IOException {
    pool.createVolume("vol1", SIZE);
    pool.createSnapshot("snap", "vol0");
    String list = nbdinfo("--list", "--json", "nbd+unix:///?socket=" + pool.socket());
    assertThat(list)
        .contains("\"export-name\": \"vol0\"", "\"export-name\": \"vol1\"")
        .doesNotContain("\"export-name\": \"snap\""); // served to those who name it

    String volume = nbdinfo("--json", pool.uri("vol0"));
    assertThat(volume)
        .contains(
            "\"protocol\": \"newstyle-fixed\"",
            "\"structured\": true",
            "\"base:allocation\"",
            "\"export-size\": " + SIZE,
            "\"is_read_only\": false",
            "\"can_multi_conn\": true",
            "\"can_trim\": true",
            "\"can_zero\": true",
            "\"can_fast_zero\": true",
            "\"can_fua\": true",
            "\"can_flush\": true",
            "\"can_cache\": true",
            "\"can_df\": true");
    assertThat(nbdinfo("--json", pool.uri("snap"))).contains("\"is_read_only\": true");
    for (var question : new String[] {"write", "trim", "zero", "flush", "fua", "multi-conn"}) {
      nbdinfo("--can", question, pool.uri("vol0"));
    }
  }

  @Test
  void theMapTellsHolesFromData() throws IOException {
    try (var device = pool.volumes().open("vol0")) {
      device.write(MIB, MemorySegment.ofArray(Contents.random(new Random(1), (int) MIB)));
    }
    assertThat(map("vol0"))
        .containsExactly(
            "0 1048576 3 hole,zero", "1048576 1048576 0 data", "2097152 132120576 3 hole,zero");
    pool.createSnapshot("snap", "vol0");
    // A write to a shared block needs space, so it may not be told as allocated.
    assertThat(map("vol0"))
        .containsExactly(
            "0 1048576 3 hole,zero", "1048576 1048576 1 hole", "2097152 132120576 3 hole,zero");
  }

  private List<String> map(String volume) {
    return nbdinfo("--map", pool.uri(volume))
        .lines()
        .map(line -> line.strip().replaceAll("\\s+", " "))
        .toList();
  }

  @Test
  void nbdcopyCopiesBothWaysOverSeveralConnections() throws IOException {
    var source = directory.resolve("source");
    var random = new Random(2);
    try (var file = FileDevice.create(source, SIZE)) {
      for (int i = 0; i < 60; i++) {
        file.write(
            random.nextLong(SIZE - MIB),
            MemorySegment.ofArray(Contents.random(random, 1 + random.nextInt((int) MIB))));
      }
    }
    var back = directory.resolve("back");
    FileDevice.create(back, SIZE).close();
    nbdcopy("--connections=4", "--flush", source, pool.uri("vol0"));
    nbdcopy("--connections=4", pool.uri("vol0"), back);
    Tool.named("cmp").run(source, back).expectSuccess();

    pool.createVolume("vol1", SIZE);
    nbdcopy(
        "--connections=2",
        "--requests=32",
        "--destination-is-zero",
        pool.uri("vol0"),
        pool.uri("vol1"));
    try (var first = pool.volumes().open("vol0");
        var second = pool.volumes().open("vol1");
        var file = FileDevice.open(source, FileDevice.Access.READ_ONLY)) {
      assertThat(Contents.sha256(first)).isEqualTo(Contents.sha256(file));
      assertThat(Contents.sha256(second)).isEqualTo(Contents.sha256(file));
    }
    assertThat(pool.mappedBytes("vol1")).isLessThanOrEqualTo(pool.mappedBytes("vol0"));
  }

  @Test
  void everyCommandAndFlagDoesWhatTheProtocolSays() {
    var script =
        """
        import errno
        h.add_meta_context("base:allocation")
        h.connect_uri("%1$s")
        h.set_strict_mode(0)
        assert h.get_size() == %2$d
        assert h.get_block_size(nbd.SIZE_MINIMUM) == 1
        assert h.get_block_size(nbd.SIZE_MAXIMUM) >= 32 << 20

        def fails(number, call):
            try:
                call()
            except nbd.Error as error:
                assert error.errnum == number, (error.errnum, number, str(error))
                return
            assert False, "errno %%d was expected" %% number

        block = bytes(range(256)) * 256
        h.pwrite(block, 0)
        h.pwrite(block, 100001, nbd.CMD_FLAG_FUA)
        assert h.pread(65536, 0) == block
        assert h.pread(65536, 100001) == block
        assert h.pread(1, 65535, nbd.CMD_FLAG_DF) == b"\\xff"
        h.flush()
        h.cache(65536, 0)

        # A sparse read may come in several pieces, holes among them; with DF in one.
        pieces = []
        def piece(data, offset, status, error):
            pieces.append((offset, len(data), status))
        buffer = h.pread_structured(4 << 20, 0, piece)
        assert buffer[:65536] == block and not any(buffer[262144:])
        assert sum(length for (_, length, _) in pieces) == 4 << 20, pieces
        assert any(status == nbd.READ_HOLE for (_, _, status) in pieces), pieces
        pieces.clear()
        h.pread_structured(1 << 20, 0, piece, nbd.CMD_FLAG_DF)
        assert len(pieces) == 1, pieces

        extents = []
        def visit(context, offset, entries, error):
            extents.extend(zip(entries[::2], entries[1::2]))
        h.block_status(%2$d, 0, visit)
        assert sum(length for (length, _) in extents) <= %2$d
        assert extents[0][1] == 0 and extents[-1][1] == 3, extents
        extents.clear()
        h.block_status(%2$d, 0, visit, nbd.CMD_FLAG_REQ_ONE)
        assert len(extents) == 1, extents

        h.trim(65536, 0)
        assert not any(h.pread(65536, 0))
        h.pwrite(block, 0)
        h.zero(30000, 10)
        assert h.pread(65536, 0) == block[:10] + bytes(30000) + block[30010:]
        h.zero(65536, 0, nbd.CMD_FLAG_NO_HOLE)
        extents.clear()
        h.block_status(65536, 0, visit)
        assert all(flags & nbd.STATE_HOLE == 0 for (_, flags) in extents), extents

        # Punching is fast; keeping the space means writing, which is not.
        pattern = block * 16
        h.pwrite(pattern, 8 << 20)
        h.zero(1 << 20, 8 << 20, nbd.CMD_FLAG_FAST_ZERO)
        assert not any(h.pread(1 << 20, 8 << 20))
        h.pwrite(pattern, 8 << 20)
        fails(errno.EOPNOTSUPP, lambda: h.zero(
            1 << 20, 8 << 20, nbd.CMD_FLAG_FAST_ZERO | nbd.CMD_FLAG_NO_HOLE))
        assert h.pread(1 << 20, 8 << 20) == pattern

        fails(errno.ENOSPC, lambda: h.pwrite(block, %2$d - 1))
        fails(errno.EINVAL, lambda: h.pread(65536, %2$d - 1))
        fails(errno.EINVAL, lambda: h.trim(65536, %2$d - 1))
        fails(errno.ENOSPC, lambda: h.zero(65536, %2$d - 1))
        assert h.pread(65536, 100001)[-10:] == block[-10:]
        h.shutdown()
        """
            .formatted(pool.uri("vol0"), SIZE);
    nbdShell(script);
  }

  @Test
  void connectionsSeeEachOthersWrites() throws IOException {
    var script =
        """
        second = nbd.NBD()
        h.connect_uri("%1$s")
        second.connect_uri("%1$s")
        assert h.can_multi_conn()
        for i in range(200):
            data = bytes([i]) * 4096
            h.pwrite(data, i * 70000)
            assert second.pread(4096, i * 70000) == data
        second.flush()
        third = nbd.NBD()
        third.connect_uri("%1$s")
        for i in range(200):
            assert third.pread(4096, i * 70000) == bytes([i]) * 4096
        """
            .formatted(pool.uri("vol0"));
    nbdShell(script);
  }

  @Test
  void aSnapshotAndAMissingVolumeAreRefusedProperly() throws IOException {
    pool.createSnapshot("snap", "vol0");
    var script =
        """
        import errno
        h.set_strict_mode(0)
        h.connect_uri("%s")
        assert h.is_read_only()
        for change in (lambda: h.pwrite(b"x", 0), lambda: h.trim(1, 0), lambda: h.zero(1, 0)):
            try:
                change()
                assert False, "a snapshot was changed"
            except nbd.Error as error:
                assert error.errnum == errno.EPERM, error
        """
            .formatted(pool.uri("snap"));
    nbdShell(script);
    assertThat(Tool.named("nbdinfo").run(pool.uri("missing")).exit()).isNotZero();
  }

  /// As `nbdsh -c`, which would take whichever Python comes first.
  private static void nbdShell(String script) {
    Tool.of(List.of("/usr/bin/python3"))
        .run("-c", "import nbd\nh = nbd.NBD()\n" + script)
        .expectSuccess();
  }

  private static String nbdinfo(Object... arguments) {
    return Tool.named("nbdinfo").run(arguments).expectSuccess().stdout();
  }

  private static void nbdcopy(Object... arguments) {
    Tool.named("nbdcopy").run(arguments).expectSuccess();
  }
}
