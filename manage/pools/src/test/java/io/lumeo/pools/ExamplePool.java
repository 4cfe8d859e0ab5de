package io.lumeo.pools;

import io.lumeo.block.StorageException;
import io.lumeo.storage.Change;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// A real pool that is served by this process, as a server would, and can be made to fail at any
/// change: what is asked of it goes through a [VolumeService] that counts.
final class ExamplePool implements PoolAccess, AutoCloseable {
  static final long BLOCK = 64 << 10;
  static final long MIB = 1 << 20;
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Set<String> CHANGES =
      Set.of("changePool", "create", "snapshot", "change", "rollback", "trim", "delete");

  /// What happens at a change.
  enum Trouble {
    /// Our process ends right before it is asked for.
    DIES_BEFORE,
    /// Our process ends right after it was done.
    DIES_AFTER,
    /// It is refused.
    FAILS,
    /// It is done, and the answer is lost.
    ANSWER_IS_LOST,
    /// It is not done, and from then on the server does not answer.
    SERVER_IS_GONE
  }

  /// The end of our process.
  static final class Killed extends Error {
    private static final long serialVersionUID = 1;

    Killed() {
      super("killed");
    }
  }

  final Volumes volumes;
  final List<ExportView> exports = new ArrayList<>();
  private final Path folder;
  private Trouble trouble = Trouble.FAILS;
  private int troubleAt = -1;
  private int changes;
  private boolean metTrouble;
  private boolean gone;
  Instant now = NOW;
  PoolSystem system;

  ExamplePool(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder);
    var options = PoolOptions.DEFAULT.withErrorIfNoSpace(true);
    volumes =
        Volumes.create(PoolFiles.in(folder), new Volumes.Format(BLOCK, 16 * MIB, 2 * MIB, options));
    system = another();
  }

  /// The same pool as another process sees it, after a crash of this one.
  PoolSystem another() {
    InstantSource clock = () -> now;
    return new PoolSystem("pool", this, folder.resolve("state"), clock, new Random(1));
  }

  /// Lets the change of that number, counted from 0 and from now, meet trouble.
  void troubleAt(int change, Trouble what) {
    trouble = what;
    troubleAt = change;
    changes = 0;
    metTrouble = false;
  }

  void noMoreTrouble() {
    troubleAt = -1;
    gone = false;
  }

  boolean metTrouble() {
    return metTrouble;
  }

  @Override
  public VolumeService connect() throws IOException {
    var local = new LocalVolumes(volumes, () -> List.copyOf(exports));
    return (VolumeService)
        Proxy.newProxyInstance(
            VolumeService.class.getClassLoader(),
            new Class<?>[] {VolumeService.class},
            (_, method, arguments) -> {
              if (method.getName().equals("close")) {
                return null; // it stays open, as in a server
              }
              return answer(local, method, arguments);
            });
  }

  private Object answer(VolumeService local, Method method, Object[] arguments) throws Throwable {
    if (gone) {
      throw new StorageException.Failed("the server does not answer");
    }
    boolean troubled = CHANGES.contains(method.getName()) && changes++ == troubleAt;
    if (troubled) {
      metTrouble = true;
      before();
    }
    try {
      var answer = method.invoke(local, arguments);
      if (troubled) {
        after();
      }
      return answer;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private void before() throws IOException {
    switch (trouble) {
      case DIES_BEFORE -> throw new Killed();
      case FAILS -> throw new StorageException.InvalidArgument("not today");
      case SERVER_IS_GONE -> {
        gone = true;
        throw new StorageException.Failed("the server does not answer");
      }
      case DIES_AFTER, ANSWER_IS_LOST -> {}
    }
  }

  private void after() throws IOException {
    switch (trouble) {
      case DIES_AFTER -> throw new Killed();
      case ANSWER_IS_LOST -> throw new StorageException.Failed("the answer was cut");
      case DIES_BEFORE, FAILS, SERVER_IS_GONE -> {}
    }
  }

  @Override
  public List<String> options() {
    return List.of("--dir", "/srv/pool");
  }

  Outcome apply(Change change) throws StorageFailure {
    return apply(system.plan(change));
  }

  Outcome apply(Plan plan) throws StorageFailure {
    return system.apply(plan, Progress.none());
  }

  Volume volume(String name) throws StorageFailure {
    return system
        .inventory()
        .volume("pool/" + name)
        .orElseThrow(() -> new AssertionError("no volume " + name));
  }

  boolean has(String name) throws StorageFailure {
    return system.inventory().volume("pool/" + name).isPresent();
  }

  String uuid(String name) throws StorageFailure {
    return volume(name).uuid();
  }

  String pool() {
    return volumes.uuid().toString();
  }

  /// A volume that Lumeo made.
  String made(String name) throws StorageFailure {
    apply(new Change.CreateVolume(pool(), name, MIB, tags()));
    return uuid(name);
  }

  /// A volume that a person made.
  String foreign(String name) throws IOException, StorageFailure {
    volumes.createVolume(name, MIB, Set.of(), null, null);
    return uuid(name);
  }

  /// A snapshot that Lumeo made.
  String snapshot(String origin, String name) throws StorageFailure {
    apply(new Change.CreateSnapshot(uuid(origin), name, null, true, true, tags()));
    return uuid(name);
  }

  void write(String name, int value) throws IOException {
    try (var device = volumes.open(name)) {
      device.write(0, MemorySegment.ofArray(new byte[(int) BLOCK]).fill((byte) value));
      device.flush();
    }
  }

  int read(String name) throws IOException {
    try (var device = volumes.open(name)) {
      var one = MemorySegment.ofArray(new byte[1]);
      device.read(0, one);
      return one.get(ValueLayout.JAVA_BYTE, 0);
    }
  }

  /// Lets a client have the volume open.
  void connectClient(String name) {
    exports.add(new ExportView(name, null, null, MIB, false, 1, List.of("127.0.0.1:4711")));
  }

  static SortedSet<String> tags(String... tags) {
    return new TreeSet<>(List.of(tags));
  }

  @Override
  public void close() throws IOException {
    volumes.close();
  }
}
