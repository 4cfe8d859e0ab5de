package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// A pool beside a naive model of it: each device an array with one number per 4 KiB page. Random
/// operations are done to both; what the pool must say, and after a crash may say, the model knows.
///
/// The pages lie side by side, or spread out so that few of them need many mappings.
final class ModelPool {
  static final int PAGE = 4096;
  private static final int PAGES = 96;

  private final int pages;
  private final long strideBytes;
  private final long deviceBytes;
  private final Random random;
  final List<String> log = new ArrayList<>();

  /// The content of each device now.
  private final Map<ThinId, long[]> devices = new TreeMap<>();

  /// For each page, the values it had since the last durable moment: any of them may be found after
  /// a crash.
  private final Map<ThinId, List<Set<Long>>> possible = new HashMap<>();

  /// The sets of devices there were since the last durable moment.
  private final List<Set<ThinId>> possibleDevices = new ArrayList<>();

  /// The content of devices that were never written since they were made: snapshots have to be
  /// identical to the bit.
  private final Map<ThinId, long[]> untouched = new HashMap<>();

  private final Map<ThinId, ThinDevice> open = new HashMap<>();
  private Pool pool;
  private int nextId;
  private long nextValue = 1;

  /// What is kept of the pool beside its devices.
  private record Facts(long transactionId, boolean held, long dataBlocks, long metadataBlocks) {}

  private Facts facts;

  /// The facts there were since the last durable moment.
  private final Set<Facts> possibleFacts = new HashSet<>();

  ModelPool(Random random, Pool pool) {
    this(random, pool, PAGES, PAGE);
  }

  /// Devices of so many pages, `strideBytes` from the start of one to the start of the next.
  ModelPool(Random random, Pool pool, int pages, long strideBytes) {
    this.random = random;
    this.pool = pool;
    this.pages = pages;
    this.strideBytes = strideBytes;
    this.deviceBytes = pages * strideBytes;
    this.facts = factsOf(pool);
    durable();
  }

  private static Facts factsOf(Pool pool) {
    var status = pool.status();
    return new Facts(
        status.transactionId(),
        status.heldRoot() != null,
        status.dataTotalBlocks(),
        status.metadataTotalBlocks());
  }

  Map<ThinId, long[]> content() {
    return devices;
  }

  /// Goes on with the same pool opened again.
  void reopened(Pool again) {
    open.clear();
    pool = again;
  }

  /// Notes that everything so far is durable.
  void durable() {
    possibleDevices.clear();
    possibleDevices.add(Set.copyOf(devices.keySet()));
    possibleFacts.clear();
    possibleFacts.add(facts);
    possible.clear();
    devices.forEach((id, pages) -> {
      var sets = new ArrayList<Set<Long>>();
      for (long page : pages) {
        sets.add(new HashSet<>(Set.of(page)));
      }
      possible.put(id, sets);
    });
  }

  private void devicesChanged() {
    possibleDevices.add(Set.copyOf(devices.keySet()));
  }

  void step() throws IOException {
    int dice = random.nextInt(100);
    if (devices.isEmpty() || dice < 4) {
      create();
    } else if (dice < 50) {
      write(false);
    } else if (dice < 60) {
      write(true);
    } else if (dice < 70) {
      zero();
    } else if (dice < 79) {
      snapshot();
    } else if (dice < 83) {
      delete();
    } else if (dice < 86) {
      rollBack();
    } else if (dice < 93) {
      flush();
    } else if (dice < 97) {
      administer();
    } else {
      readSome();
    }
  }

  private void administer() throws IOException {
    switch (random.nextInt(4)) {
      case 0 ->
          message(
              "set_transaction_id %d %d"
                  .formatted(facts.transactionId(), facts.transactionId() + 1),
              new Facts(
                  facts.transactionId() + 1,
                  facts.held(),
                  facts.dataBlocks(),
                  facts.metadataBlocks()));
      case 1 ->
          message(
              facts.held() ? "release_metadata_snap" : "reserve_metadata_snap",
              new Facts(
                  facts.transactionId(),
                  !facts.held(),
                  facts.dataBlocks(),
                  facts.metadataBlocks()));
      case 2 -> {
        long blocks = facts.dataBlocks() + 1 + random.nextInt(8);
        expect(
            "extend data to " + blocks,
            new Facts(facts.transactionId(), facts.held(), blocks, facts.metadataBlocks()));
        pool.extendData(blocks * pool.status().dataBlockBytes());
        durable();
      }
      default -> {
        long blocks = facts.metadataBlocks() + 1 + random.nextInt(20);
        expect(
            "extend metadata to " + blocks,
            new Facts(facts.transactionId(), facts.held(), facts.dataBlocks(), blocks));
        pool.extendMetadata(blocks * PAGE);
        durable();
      }
    }
  }

  private void message(String message, Facts after) throws IOException {
    expect(message, after);
    pool.message(message);
    durable();
  }

  private void expect(String what, Facts after) {
    log.add(what);
    facts = after;
    possibleFacts.add(after);
  }

  private ThinId any() {
    return List.copyOf(devices.keySet()).get(random.nextInt(devices.size()));
  }

  private ThinDevice device(ThinId id) throws IOException {
    var device = open.get(id);
    if (device == null) {
      device = pool.openDevice(id, deviceBytes, false, null);
      open.put(id, device);
    }
    return device;
  }

  private void create() throws IOException {
    var id = new ThinId(nextId++);
    log.add("create " + id);
    devices.put(id, new long[pages]);
    possible.put(id, pagesOf(new long[pages]));
    devicesChanged();
    pool.createThin(id);
  }

  private static List<Set<Long>> pagesOf(long[] pages) {
    var sets = new ArrayList<Set<Long>>();
    for (long page : pages) {
      sets.add(new HashSet<>(Set.of(page)));
    }
    return sets;
  }

  private void write(boolean large) throws IOException {
    var id = any();
    int length = large ? 1 + random.nextInt(pages / 2) : 1 + random.nextInt(3);
    int first = random.nextInt(pages - length + 1);
    long value = nextValue++;
    boolean through = random.nextInt(6) == 0;
    log.add(
        "%s %s pages %d+%d = %d"
            .formatted(through ? "write through" : "write", id, first, length, value));
    set(id, first, length, value);
    if (strideBytes == PAGE) {
      write(id, first, page(value, length), through);
    } else {
      for (int page = first; page < first + length; page++) {
        write(id, page, page(value, 1), through);
      }
    }
  }

  private void write(ThinId id, int first, MemorySegment bytes, boolean through)
      throws IOException {
    if (through) {
      device(id).writeThrough(first * strideBytes, bytes);
      writtenThrough(id, first, (int) (bytes.byteSize() / PAGE));
    } else {
      device(id).write(first * strideBytes, bytes);
    }
  }

  /// Notes that these pages are durable, and with them the device; of others nothing is promised.
  private void writtenThrough(ThinId id, int first, int length) {
    possibleDevices.removeIf(ids -> !ids.contains(id));
    for (int page = first; page < first + length; page++) {
      possible.get(id).set(page, new HashSet<>(Set.of(devices.get(id)[page])));
    }
  }

  private void set(ThinId id, int first, int length, long value) {
    untouched.remove(id);
    for (int page = first; page < first + length; page++) {
      devices.get(id)[page] = value;
      possible.get(id).get(page).add(value);
    }
  }

  static MemorySegment page(long value, int pages) {
    var bytes = MemorySegment.ofArray(new byte[pages * PAGE]);
    for (long at = 0; at < bytes.byteSize(); at += 8) {
      bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
    }
    return bytes;
  }

  private void zero() throws IOException {
    var id = any();
    int length = 1 + random.nextInt(pages / 2);
    int first = random.nextInt(pages - length + 1);
    int kind = random.nextInt(3);
    log.add("zero %s pages %d+%d kind %d".formatted(id, first, length, kind));
    set(id, first, length, 0);
    var device = device(id);
    long offset = first * strideBytes;
    long bytes = length * strideBytes;
    switch (kind) {
      case 0 -> device.discard(offset, bytes);
      case 1 -> device.writeZeroes(offset, bytes, ZeroMode.MAY_PUNCH);
      default ->
          device.writeZeroes(
              offset, bytes, strideBytes == PAGE ? ZeroMode.KEEP_ALLOCATED : ZeroMode.MAY_PUNCH);
    }
  }

  private void snapshot() throws IOException {
    int count = 1 + random.nextInt(2);
    var pairs = new ArrayList<Pool.SnapshotPair>();
    for (int i = 0; i < count; i++) {
      var origin = any();
      var id = new ThinId(nextId++);
      log.add("snapshot %s of %s".formatted(id, origin));
      pairs.add(new Pool.SnapshotPair(id, origin));
      devices.put(id, devices.get(origin).clone());
      possible.put(id, pagesOf(devices.get(origin)));
      untouched.put(id, devices.get(origin).clone());
    }
    devicesChanged();
    pool.createSnapshots(pairs);
  }

  private void delete() throws IOException {
    if (devices.size() < 4) {
      return;
    }
    var id = any();
    log.add("delete " + id);
    var device = open.remove(id);
    if (device != null) {
      device.close();
    }
    devices.remove(id);
    devicesChanged();
    pool.delete(id);
  }

  private void rollBack() throws IOException {
    var target = any();
    var source = any();
    if (target.equals(source)) {
      return;
    }
    log.add("roll back %s to %s".formatted(target, source));
    long[] values = devices.get(source).clone();
    for (int page = 0; page < pages; page++) {
      set(target, page, 1, values[page]);
    }
    pool.rollBack(target, source);
  }

  private void flush() throws IOException {
    log.add("flush");
    pool.commit();
    durable();
  }

  private void readSome() throws IOException {
    var id = any();
    checkDevice(id, devices.get(id), "read of " + id);
  }

  /// Everything the pool says is what the model says.
  void checkAll() throws IOException {
    assertThat(factsOf(pool)).isEqualTo(facts);
    assertThat(pool.devices().stream().map(DeviceDetails::id))
        .containsExactlyElementsOf(devices.keySet());
    for (var device : devices.entrySet()) {
      checkDevice(device.getKey(), device.getValue(), "device " + device.getKey());
    }
  }

  private void checkDevice(ThinId id, long[] expected, String what) throws IOException {
    assertThat(read(device(id))).as(what).containsExactly(expected);
  }

  /// The value of each page; fails when a page is not of one value.
  private long[] read(ThinDevice device) throws IOException {
    var bytes = readPages(device);
    var values = new long[pages];
    for (int page = 0; page < pages; page++) {
      values[page] = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) page * PAGE);
      for (long at = 0; at < PAGE; at += 8) {
        long value = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) page * PAGE + at);
        if (value != values[page]) {
          values[page] = Long.MIN_VALUE;
        }
      }
    }
    return values;
  }

  /// The pages, side by side.
  private MemorySegment readPages(ThinDevice device) throws IOException {
    var bytes = MemorySegment.ofArray(new byte[pages * PAGE]);
    if (strideBytes == PAGE) {
      device.read(0, bytes);
    } else {
      for (int page = 0; page < pages; page++) {
        device.read(page * strideBytes, bytes.asSlice((long) page * PAGE, PAGE));
      }
    }
    return bytes;
  }

  /// What was found after a crash is something that may be found, sector by sector. Changes nothing
  /// of the model, so that many crashes can be looked at from one moment.
  void checkAfterCrash(Pool found) throws IOException {
    assertThat(possibleFacts).contains(factsOf(found));
    var ids = new HashSet<ThinId>();
    found.devices().forEach(details -> ids.add(details.id()));
    assertThat(possibleDevices).as("the devices found").contains(ids);
    for (var id : ids) {
      try (var device = found.openDevice(id, deviceBytes, true, null)) {
        checkAfterCrash(id, readPages(device));
      }
    }
  }

  private void checkAfterCrash(ThinId id, MemorySegment bytes) {
    long[] exact = untouched.get(id);
    for (int page = 0; page < pages; page++) {
      var allowed = exact != null ? Set.of(exact[page]) : possible.get(id).get(page);
      long last = Long.MIN_VALUE;
      for (long at = 0; at < PAGE; at += 8) {
        long value = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) page * PAGE + at);
        if (value != last && !allowed.contains(value)) {
          throw new AssertionError(
              "device %s page %d has %d, possible are %s".formatted(id, page, value, allowed));
        }
        last = value;
      }
    }
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    devices.forEach((id, pages) -> text.append(id).append(Arrays.toString(pages)).append('\n'));
    return text.toString();
  }
}
