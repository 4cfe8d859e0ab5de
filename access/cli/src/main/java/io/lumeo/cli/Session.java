package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.pools.VolumeService;
import io.lumeo.pools.VolumeView;
import io.lumeo.thin.Progress;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What the commands have in common: the pool, the console, and the ways to look, change and
/// destroy.
final class Session {
  private final Connector connector;
  private final Console console;

  Session(Connector connector, Console console) {
    this.connector = connector;
    this.console = console;
  }

  /// Something to do with a pool.
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T with(VolumeService pool) throws IOException;
  }

  /// A check, before a change, of what can be known before it.
  @FunctionalInterface
  interface Check {
    void with(VolumeService pool) throws IOException;
  }

  /// What is said after a change.
  @FunctionalInterface
  interface Report<T> {
    String of(T result);
  }

  Console console() {
    return console;
  }

  Printer printer(Ask ask) {
    return new Printer(console.out(), ask.output);
  }

  /// Looks at the pool and changes nothing.
  <T> T look(Where where, Work<T> work) throws IOException {
    try (var pool = connector.connect(where)) {
      return work.with(pool);
    }
  }

  /// Changes the pool, or with `--dry-run` checks what can be checked and says what would be done.
  ///
  /// @param what the change as an order: "create volume 'v' of 10 GiB"
  <T> void change(Change change, String what, Check check, Work<T> work, Report<T> report)
      throws IOException {
    try (var pool = connector.connect(change)) {
      check.with(pool);
      if (change.dryRun) {
        plan(change, what);
        return;
      }
      var result = work.with(pool);
      printer(change).done(report.of(result), result);
    }
  }

  /// Changes the pool after asking; without a person to ask, `--yes` has to be there.
  ///
  /// @param question what is lost, told by the pool; null when nothing is
  <T> void destroy(
      Destroy destroy, String what, Work<@Nullable String> question, Work<T> work, Report<T> report)
      throws IOException {
    try (var pool = connector.connect(destroy)) {
      var loss = question.with(pool);
      if (destroy.dryRun) {
        plan(destroy, what);
        return;
      }
      if (loss != null) {
        requireConsent(destroy, loss);
      }
      var result = work.with(pool);
      printer(destroy).done(report.of(result), result);
    }
  }

  void plan(Change change, String what) {
    printer(change).done("would " + what, new Plan(what, true));
  }

  /// What `--dry-run` says in JSON and YAML.
  public record Plan(String action, boolean dryRun) {}

  /// Asks whether to go on.
  ///
  /// @throws StorageException.InvalidArgument if there is nobody to ask
  /// @throws Declined if the answer is not yes
  void requireConsent(Destroy destroy, String loss) throws IOException {
    console.requireConsent(destroy.yes, loss);
  }

  /// A bar for work that is watched.
  ProgressBar bar(Ask ask, String label) {
    boolean shown = console.interactive() && ask.output == OutputFormat.TABLE;
    return new ProgressBar(console.err(), label, shown);
  }

  /// Does long work under a bar.
  <T> T watched(Ask ask, String label, Watched<T> work) throws IOException {
    try (var bar = bar(ask, label)) {
      return work.with(bar);
    }
  }

  /// Long work that tells how far it is.
  @FunctionalInterface
  interface Watched<T> {
    T with(Progress progress) throws IOException;
  }

  /// The volume of this name, which is not a snapshot.
  static VolumeView volume(VolumeService pool, String name) throws IOException {
    var volume = pool.get(name);
    if (volume.isSnapshot()) {
      throw new StorageException.NotFound(
          "'%s' is a snapshot, not a volume; see 'lumeo snapshot --help'".formatted(name));
    }
    return volume;
  }

  /// The snapshot of this name.
  static VolumeView snapshot(VolumeService pool, String name) throws IOException {
    var snapshot = pool.get(name);
    if (!snapshot.isSnapshot()) {
      throw new StorageException.NotFound(
          "'%s' is a volume, not a snapshot; see 'lumeo volume --help'".formatted(name));
    }
    return snapshot;
  }

  /// Refuses to change what is mounted by `volume mount`, server or no server.
  static void requireUnmounted(Where where, String name) throws IOException {
    if (!where.isDirectory()) {
      return;
    }
    var mountPoint = new Mounts(where.directory(), new Tools()).mountPoint(name);
    if (mountPoint.isPresent()) {
      throw new StorageException.Busy(
          "'%s' is mounted at %s; unmount it first with 'lumeo volume umount %s'"
              .formatted(name, mountPoint.get(), name));
    }
  }

  /// Refuses a name that is taken.
  static void requireFree(VolumeService pool, String name) throws IOException {
    io.lumeo.thin.Volumes.checkName(name);
    try {
      pool.get(name);
    } catch (StorageException.NotFound _) {
      return;
    }
    throw new StorageException.AlreadyExists(
        "there is a volume or snapshot '%s' already; choose another name".formatted(name));
  }
}
