package io.lumeo.thin;

import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A folder of small files on a disk whose power can fail. Bytes that no sync of their file covered
/// may then be lost or torn; and so may names that no sync of the folder covered: they are as they
/// were at some moment since.
final class CrashingFolder {
  private static final long MAX_FILE_BYTES = 1 << 20;

  /// What is in a file, under whatever name.
  static final class Content {
    private final CrashingDisk disk;
    private long sizeBytes;

    /// The sizes since the last sync, that one's first.
    private final List<Long> sizes = new ArrayList<>();

    private Content(CrashingDisk disk, long sizeBytes) {
      this.disk = disk;
      this.sizeBytes = sizeBytes;
      sizes.add(sizeBytes);
    }

    long sizeBytes() {
      return sizeBytes;
    }

    void read(long offset, MemorySegment target) throws IOException {
      disk.read(offset, target);
    }

    void write(long offset, MemorySegment source) throws IOException {
      disk.write(offset, source);
      resized(Math.max(sizeBytes, offset + source.byteSize()));
    }

    void truncate(long newSizeBytes) throws IOException {
      if (newSizeBytes < sizeBytes) {
        disk.discard(newSizeBytes, sizeBytes - newSizeBytes);
        resized(newSizeBytes);
      }
    }

    private void resized(long newSizeBytes) {
      sizeBytes = newSizeBytes;
      sizes.add(newSizeBytes);
    }

    void sync() throws IOException {
      disk.flush();
      sizes.clear();
      sizes.add(sizeBytes);
    }

    private Content crash(Random random) {
      return new Content(disk.crash(random), sizes.get(random.nextInt(sizes.size())));
    }
  }

  private final CrashingDisk names = new CrashingDisk(CrashingDisk.SECTOR_BYTES);
  private Map<String, Content> now;

  /// What was named how since the last sync of the folder, as it was then first.
  private final List<Map<String, Content>> past = new ArrayList<>();

  private Fault fault = Fault.NONE;

  CrashingFolder() {
    this(Map.of());
  }

  private CrashingFolder(Map<String, Content> files) {
    now = Map.copyOf(files);
    past.add(now);
  }

  /// The folder as it may be found when the power is back.
  CrashingFolder crash(Random random) {
    var survivors = new HashMap<String, Content>();
    var seen = new IdentityHashMap<Content, Content>();
    past.get(random.nextInt(past.size()))
        .forEach((name, content) ->
            survivors.put(name, seen.computeIfAbsent(content, file -> file.crash(random))));
    return new CrashingFolder(survivors);
  }

  /// Lets `fault` look at every operation on the folder and its files from now on.
  void inject(Fault looking) {
    fault = looking;
    names.inject(looking);
    now.values().forEach(content -> content.disk.inject(looking));
  }

  @Nullable Content find(String name) {
    return now.get(name);
  }

  Content create(String name) throws IOException {
    var disk = new CrashingDisk(MAX_FILE_BYTES);
    disk.inject(fault);
    var content = new Content(disk, 0);
    changeNames(files -> files.put(name, content));
    return content;
  }

  void delete(String name) throws IOException {
    changeNames(files -> files.remove(name));
  }

  /// Gives a file another name, at once and in place of the file that has it.
  void rename(String from, String to) throws IOException {
    changeNames(files -> files.put(to, files.remove(from)));
  }

  private interface NameChange {
    void apply(Map<String, Content> files);
  }

  private void changeNames(NameChange change) throws IOException {
    names.write(0, MemorySegment.ofArray(new byte[CrashingDisk.SECTOR_BYTES]));
    var changed = new HashMap<>(now);
    change.apply(changed);
    now = Map.copyOf(changed);
    past.add(now);
  }

  /// Makes the names durable, which a file's own sync does not.
  void sync() throws IOException {
    names.flush();
    past.clear();
    past.add(now);
  }
}
