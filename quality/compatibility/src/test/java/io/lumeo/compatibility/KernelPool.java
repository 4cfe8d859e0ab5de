package io.lumeo.compatibility;

import io.lumeo.testing.KernelRig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A pool that the kernel's dm-thin has active in a guest, on the same two files that our engine
/// uses before and after.
final class KernelPool implements AutoCloseable {
  private static final int SECTOR_BYTES = 512;

  private final KernelRig guest;
  private final long blockBytes;
  private List<String> features = List.of();

  private KernelPool(KernelRig guest, long blockBytes) {
    this.guest = guest;
    this.blockBytes = blockBytes;
  }

  /// Boots a guest and activates the pool in it; a metadata file of zeroes is formatted by that.
  static KernelPool activate(Path metadata, Path data, long blockBytes) throws IOException {
    return activate(List.of(metadata, data), blockBytes, Files.size(data));
  }

  /// As above, with only the first `dataBytes` of the data file given to the pool; files after the
  /// first two are further disks of the guest.
  static KernelPool activate(List<Path> disks, long blockBytes, long dataBytes) {
    var pool = new KernelPool(KernelRig.boot(disks), blockBytes);
    pool.create(dataBytes);
    return pool;
  }

  /// Deactivates the pool and activates it with these features, such as `read_only`.
  void reactivate(long dataBytes, String... wanted) {
    guest.run("dmsetup", "remove", "pool").expectSuccess();
    features = List.of(wanted);
    create(dataBytes);
  }

  private void create(long dataBytes) {
    guest.run("dmsetup", "create", "pool", "--table", table(dataBytes)).expectSuccess();
  }

  private String table(long dataBytes) {
    var parameters = new ArrayList<>(List.of(Integer.toString(features.size())));
    parameters.addAll(features);
    return "0 %d thin-pool %s %s %d 0 %s"
        .formatted(
            dataBytes / SECTOR_BYTES,
            guest.disk(0),
            guest.disk(1),
            blockBytes / SECTOR_BYTES,
            String.join(" ", parameters));
  }

  /// Gives the active pool more of the data file.
  void extendData(long newDataBytes) {
    reload(newDataBytes, features.toArray(String[]::new));
  }

  /// Gives the active pool another size of data and other features.
  void reload(long newDataBytes, String... wanted) {
    features = List.of(wanted);
    guest.run("dmsetup", "suspend", "pool").expectSuccess();
    guest.run("dmsetup", "reload", "pool", "--table", table(newDataBytes)).expectSuccess();
    guest.run("dmsetup", "resume", "pool").expectSuccess();
  }

  KernelRig guest() {
    return guest;
  }

  void message(String message) {
    guest.run("dmsetup", "message", "pool", "0", message).expectSuccess();
  }

  /// What comes after `0 <length> thin-pool` in the status.
  String statusLine() {
    return guest
        .run("dmsetup", "status", "pool")
        .expectSuccess()
        .stdout()
        .strip()
        .replaceFirst("^0 \\d+ thin-pool ", "");
  }

  /// Makes the thin device of that id `/dev/mapper/v<id>`.
  void open(int id, long sizeBytes) {
    open(id, sizeBytes, "");
  }

  /// As above, with the guest's disk of that index as its external origin.
  void openOverOrigin(int id, long sizeBytes, int disk) {
    open(id, sizeBytes, " " + guest.disk(disk));
  }

  private void open(int id, long sizeBytes, String origin) {
    guest
        .run(
            "dmsetup",
            "create",
            "v" + id,
            "--table",
            "0 %d thin /dev/mapper/pool %d%s".formatted(sizeBytes / SECTOR_BYTES, id, origin))
        .expectSuccess();
  }

  void close(int id) {
    guest.run("dmsetup", "remove", "v" + id).expectSuccess();
  }

  /// Takes a snapshot of an open device.
  void snapshot(int id, int origin) {
    guest.run("dmsetup", "suspend", "v" + origin).expectSuccess();
    message("create_snap %d %d".formatted(id, origin));
    guest.run("dmsetup", "resume", "v" + origin).expectSuccess();
  }

  String sha256(int id) {
    return guest.run("sha256sum", "/dev/mapper/v" + id).expectSuccess().stdout().split(" ", 2)[0];
  }

  /// Writes the host's file to an open device; offset in units of 512 bytes.
  void write(int id, long offset, Path source) {
    guest
        .run(
            "dd",
            "if=" + source,
            "of=/dev/mapper/v" + id,
            "bs=64k",
            "seek=" + offset,
            "oflag=seek_bytes",
            "conv=notrunc,fsync",
            "status=none")
        .expectSuccess();
  }

  void discard(int id, long offset, long lengthBytes) {
    guest.run("blkdiscard", "-o", offset, "-l", lengthBytes, "/dev/mapper/v" + id).expectSuccess();
  }

  /// Deactivates the pool, whose devices must be closed, and powers the guest off.
  @Override
  public void close() {
    try (guest) {
      guest.run("dmsetup", "remove", "pool").expectSuccess();
    }
  }
}
