package io.lumeo.testing;

import io.lumeo.storage.Change;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.UnfinishedPlan;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Volume;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A storage system in memory that keeps the promises of [StorageSystem]: plans hold for one
/// sequence, a plan that was begun is found again, what Lumeo did not make is never removed. It can
/// be as unreliable as one is told by a seed.
///
/// ```
/// var host = new MemorySystem("host", clock).group("vg0", 100 * GIB).thinPool("vg0", "thin", 50 * GIB, GIB);
/// host.thinVolume("thin", "home", 10 * GIB);
/// ```
///
/// Safe for use by several threads.
public final class MemorySystem implements StorageSystem {

  /// What can go wrong with one call.
  public enum Mishap {
    /// Nothing is done, and it says so.
    FAILS,
    /// Nothing is done, and nobody knows.
    HANGS,
    /// It is done, and nobody knows.
    HANGS_AFTERWARDS,
    /// The first step is done and the plan stays unfinished.
    HALF,
    /// It is begun and taken back.
    IS_UNDONE,
    /// The host cannot be reached; nothing is done.
    IS_NOT_REACHED,
    /// It is done, and what it says makes no sense.
    ANSWERS_GARBAGE,
    /// It is done, and the process ends before it hears of that.
    CRASHES_AFTERWARDS,
    /// The process ends before it is done.
    CRASHES
  }

  /// The process ended: no handler of a failure must see it.
  public static final class Crash extends Error {
    private static final long serialVersionUID = 1;

    Crash() {
      super("the process ends here");
    }
  }

  private final String name;
  private final InstantSource clock;
  private final MemoryStore store = new MemoryStore();
  private final Map<String, UnfinishedPlan> unfinished = new LinkedHashMap<>();
  private final List<Plan> applied = new ArrayList<>();
  private final List<InspectionRequest> inspections = new ArrayList<>();
  private Random random = new Random(0);
  private double probability;
  private List<Mishap> mishaps = List.of();
  private int lastPlan;

  public MemorySystem(String name, InstantSource clock) {
    this.name = name;
    this.clock = clock;
  }

  // --- what is there

  /// With a volume group of one device.
  public synchronized MemorySystem group(String group, long sizeBytes) {
    var made = new MemoryStore.Group(store.nextUuid("vg"), group);
    store.groups.put(made.uuid, made);
    plans().addDevice(made, "/dev/" + made.uuid, sizeBytes);
    return this;
  }

  /// With a device that holds something, so that no group may be given it.
  public synchronized MemorySystem deviceInUse(String path) {
    store.devicesInUse.add(path);
    return this;
  }

  /// With a thin pool in a group.
  public synchronized MemorySystem thinPool(
      String group, String pool, long dataBytes, long metadataBytes) {
    var made = new MemoryStore.ThinPool(store.nextUuid("pool"), pool, groupNamed(group));
    made.dataBytes = dataBytes;
    made.metadataBytes = metadataBytes;
    store.pools.put(made.uuid, made);
    return this;
  }

  /// Makes a thin volume with a file system, mounted.
  ///
  /// @return its uuid
  public synchronized String thinVolume(String pool, String volume, long sizeBytes) {
    var thin = poolNamed(pool);
    return add(volume, Volume.Kind.THIN, thin.group, thin, sizeBytes);
  }

  /// Makes a thick volume with a file system, mounted.
  ///
  /// @return its uuid
  public synchronized String thickVolume(String group, String volume, long sizeBytes) {
    return add(volume, Volume.Kind.THICK, groupNamed(group), null, sizeBytes);
  }

  private String add(
      String volume,
      Volume.Kind kind,
      MemoryStore.Group group,
      MemoryStore.@Nullable ThinPool pool,
      long sizeBytes) {
    var made =
        new MemoryStore.Content(
            store.nextUuid("vol"), volume, kind, group, pool, null, clock.instant());
    made.sizeBytes = sizeBytes;
    made.fileSystemBytes = sizeBytes;
    store.volumes.put(made.uuid, made);
    return made.uuid;
  }

  private MemoryStore.Group groupNamed(String group) {
    return store.groups.values().stream()
        .filter(one -> one.name.equals(group))
        .findFirst()
        .orElseThrow();
  }

  private MemoryStore.ThinPool poolNamed(String pool) {
    return store.pools.values().stream()
        .filter(one -> one.name.equals(pool))
        .findFirst()
        .orElseThrow();
  }

  // --- what others do to it

  /// Somebody writes new files to a volume: its file system, its pool and the stores of its classic
  /// snapshots fill.
  public synchronized void write(String uuid, long bytes) {
    var volume = content(uuid);
    volume.fileSystemUsed = Math.min(volume.fileSystemBytes, volume.fileSystemUsed + bytes);
    var pool = volume.pool;
    if (pool != null) {
      var room = Math.min(bytes, pool.dataBytes - pool.dataUsed);
      pool.dataUsed += room;
      volume.mappedBytes = Math.min(volume.sizeBytes, volume.mappedBytes + room);
    }
    for (var snapshot : store.volumes.values()) {
      if (uuid.equals(snapshot.origin)) {
        snapshot.storeUsed += bytes;
      }
    }
  }

  /// Somebody deletes files of a volume; their blocks stay in the pool until they are trimmed.
  public synchronized void delete(String uuid, long bytes) {
    var volume = content(uuid);
    volume.fileSystemUsed = Math.max(0, volume.fileSystemUsed - bytes);
  }

  /// A pool's metadata fills.
  public synchronized void useMetadata(String pool, long bytes) {
    var thin = poolNamed(pool);
    thin.metadataUsed = Math.min(thin.metadataBytes, thin.metadataUsed + bytes);
  }

  /// Gives a pool's space back, as when something else in it was removed.
  public synchronized void freeData(String pool, long bytes) {
    var thin = poolNamed(pool);
    thin.dataUsed = Math.max(0, thin.dataUsed - bytes);
  }

  /// Somebody opens or closes a volume.
  public synchronized void setOpen(String uuid, boolean open) {
    content(uuid).open = open;
  }

  /// Somebody mounts or unmounts a volume.
  public synchronized void setMounted(String uuid, boolean mounted) {
    content(uuid).mounted = mounted;
  }

  /// The content of a snapshot can no longer be read, or can again.
  public synchronized void setReadable(String uuid, boolean readable) {
    content(uuid).readable = readable;
  }

  /// The system extends a pool by itself, or does not.
  public synchronized void setSelfExtension(String pool, Pool.@Nullable SelfExtension rule) {
    poolNamed(pool).selfExtension = rule;
  }

  /// How a pool is.
  public synchronized void setHealth(String pool, Health health) {
    poolNamed(pool).health = health;
  }

  /// Somebody else changes the group's metadata.
  public synchronized void touch(String group) {
    groupNamed(group).sequence++;
  }

  /// Lets something go wrong with each call by this probability, 0 to 1.
  public synchronized void unreliable(Random seeded, double chance, Set<Mishap> only) {
    random = seeded;
    probability = chance;
    mishaps = List.copyOf(EnumSet.copyOf(only));
  }

  /// Nothing goes wrong any more.
  public synchronized void reliable() {
    probability = 0;
  }

  /// What there is, whatever goes wrong with calls.
  public synchronized Inventory contents() {
    return store.inventory(name, clock.instant());
  }

  /// Every plan of which something was done, in order.
  public synchronized List<Plan> applied() {
    return List.copyOf(applied);
  }

  /// Every look into a snapshot.
  public synchronized List<InspectionRequest> inspections() {
    return List.copyOf(inspections);
  }

  private MemoryStore.Content content(String uuid) {
    var volume = store.volumes.get(uuid);
    if (volume == null) {
      throw new IllegalArgumentException("no volume " + uuid);
    }
    return volume;
  }

  private @Nullable Mishap draw() {
    return mishaps.isEmpty() || random.nextDouble() >= probability
        ? null
        : mishaps.get(random.nextInt(mishaps.size()));
  }

  // --- the system

  @Override
  public String name() {
    return name;
  }

  @Override
  public synchronized Inventory inventory() throws StorageFailure {
    failToRead();
    return store.inventory(name, clock.instant());
  }

  private void failToRead() throws StorageFailure {
    var mishap = draw();
    if (mishap == null) {
      return;
    }
    switch (mishap) {
      case IS_NOT_REACHED, HANGS, HANGS_AFTERWARDS -> throw notReached();
      case ANSWERS_GARBAGE -> throw new IllegalStateException("the report makes no sense");
      case CRASHES, CRASHES_AFTERWARDS -> throw new Crash();
      case FAILS, HALF, IS_UNDONE -> throw new StorageFailure.CommandFailed("the report failed");
    }
  }

  private StorageFailure notReached() {
    return new StorageFailure.Unreachable(name + " does not answer");
  }

  @Override
  public synchronized List<UsageSample> usage() throws StorageFailure {
    failToRead();
    var samples = new ArrayList<UsageSample>();
    for (var pool : store.pools.values()) {
      var shown = store.shown(pool);
      samples.add(new UsageSample(pool.uuid, shown.data(), shown.metadata(), shown.health()));
    }
    for (var volume : store.volumes.values()) {
      var shown = store.shown(volume);
      samples.add(new UsageSample(volume.uuid, shown.data(), null, shown.health()));
    }
    return samples;
  }

  private MemoryPlans plans() {
    return new MemoryPlans(store, clock.instant());
  }

  @Override
  public synchronized Plan plan(Change change) throws StorageFailure {
    failToRead();
    lastPlan++;
    return plan("%s-%08d".formatted(name, lastPlan), change, plans().draft(change));
  }

  private Plan plan(String id, Change change, MemoryPlans.Draft draft) {
    var steps = new ArrayList<Plan.Step>();
    for (var effect : draft.effects()) {
      steps.add(new Plan.Step(effect.title(), List.of("memory", effect.title()), List.of()));
    }
    return new Plan(
        id,
        name,
        change,
        draft.group().uuid,
        draft.group().sequence,
        List.of(),
        steps,
        List.of(),
        List.of());
  }

  @Override
  public synchronized Outcome apply(Plan plan, Progress progress) throws StorageFailure {
    var draft = plans().draft(plan.change());
    if (draft.group().sequence != plan.sequence()) {
      throw new StorageFailure.Moved(
          "group %s is at sequence %d and the plan was made at %d"
              .formatted(draft.group().name, draft.group().sequence, plan.sequence()));
    }
    if (progress.isCancelled()) {
      throw new StorageFailure.Cancelled("it was stopped before it began");
    }
    var mishap = draw();
    return mishap == null ? done(plan, draft) : gone(plan, draft, mishap);
  }

  private Outcome done(Plan plan, MemoryPlans.Draft draft) {
    draft.effects().forEach(effect -> effect.action().run());
    changed(plan, draft);
    return outcome(plan, Outcome.Result.DONE);
  }

  private void changed(Plan plan, MemoryPlans.Draft draft) {
    draft.group().sequence++;
    applied.add(plan);
  }

  private static Outcome outcome(Plan plan, Outcome.Result result) {
    return new Outcome(
        plan.id(),
        result,
        List.of(),
        plan.steps().stream().map(Plan.Step::title).toList(),
        List.of());
  }

  private Outcome gone(Plan plan, MemoryPlans.Draft draft, Mishap mishap) throws StorageFailure {
    return switch (mishap) {
      case FAILS -> throw new StorageFailure.CommandFailed(plan.id() + " failed");
      case HANGS -> {
        begun(plan, 0);
        throw new StorageFailure.TimedOut(plan.id() + " did not end");
      }
      case HANGS_AFTERWARDS -> {
        done(plan, draft);
        begun(plan, plan.steps().size());
        throw new StorageFailure.TimedOut(plan.id() + " did not end");
      }
      case HALF -> {
        draft.effects().getFirst().action().run();
        changed(plan, draft);
        begun(plan, 1);
        throw new StorageFailure.Partial(
            "only the first step of %s was done".formatted(plan.id()), new Exception("half"));
      }
      case IS_UNDONE -> {
        draft.group().sequence += 2;
        yield outcome(plan, Outcome.Result.UNDONE);
      }
      case IS_NOT_REACHED -> throw notReached();
      case ANSWERS_GARBAGE -> {
        done(plan, draft);
        throw new IllegalStateException("the answer makes no sense");
      }
      case CRASHES_AFTERWARDS -> {
        done(plan, draft);
        throw new Crash();
      }
      case CRASHES -> {
        begun(plan, 0);
        throw new Crash();
      }
    };
  }

  private void begun(Plan plan, int stepsDone) {
    unfinished.put(plan.id(), new UnfinishedPlan(plan, clock.instant(), stepsDone));
  }

  @Override
  public synchronized List<UnfinishedPlan> unfinished() throws StorageFailure {
    failToRead();
    return List.copyOf(unfinished.values());
  }

  @Override
  public synchronized Outcome finish(UnfinishedPlan plan, Progress progress) throws StorageFailure {
    failToRead();
    var known = unfinished.remove(plan.plan().id());
    if (known == null || known.stepsDone() == 0) {
      return outcome(plan.plan(), Outcome.Result.UNDONE);
    }
    if (known.stepsDone() < plan.plan().steps().size()) {
      var rest = plans().draft(plan.plan().change());
      if (!rest.effects().isEmpty()) {
        done(plan.plan(), rest);
      }
    }
    return outcome(plan.plan(), Outcome.Result.DONE);
  }

  @Override
  public synchronized Inspection inspect(InspectionRequest request, Progress progress)
      throws StorageFailure {
    failToRead();
    if (progress.isCancelled()) {
      throw new StorageFailure.Cancelled("the inspection was stopped");
    }
    inspections.add(request);
    var snapshot = store.volumes.get(request.snapshot());
    if (snapshot == null) {
      throw new StorageFailure.NotFound("there is no snapshot " + request.snapshot());
    }
    var findings = new ArrayList<Inspection.Finding>();
    if (request.checkFileSystem()) {
      findings.add(
          new Inspection.Finding(
              "check the file system",
              snapshot.readable && !snapshot.isInvalid(),
              snapshot.readable ? "nothing is wrong" : "its superblock is gone"));
    }
    request
        .sentinels()
        .forEach(path ->
            findings.add(new Inspection.Finding("find " + path, snapshot.readable, "looked for")));
    request
        .checksums()
        .forEach((path, sum) ->
            findings.add(new Inspection.Finding("checksum of " + path, snapshot.readable, sum)));
    var copied = new ArrayList<String>();
    for (var path : request.copyOut()) {
      findings.add(new Inspection.Finding("copy " + path, snapshot.readable, path));
      if (snapshot.readable) {
        copied.add(request.copyTo() + "/" + path.substring(path.lastIndexOf('/') + 1));
      }
    }
    return new Inspection(findings, copied);
  }
}
