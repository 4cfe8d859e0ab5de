package io.lumeo.pools;

import io.lumeo.storage.Words;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One thing that is done to a pool: how the command line says it, how it is done, and how one sees
/// that it was. Volumes that were there before are meant by their uuid; the name is what they are
/// called when it is done.
sealed interface PoolAction {

  /// The words of the command that does the same, without those that name the pool; empty when no
  /// command does.
  List<String> words();

  /// Why it cannot be done any more as it was planned, or empty when it can.
  Optional<String> hindrance(PoolState now);

  /// Whether it is so already. False of what leaves no trace.
  boolean isDone(PoolState now);

  /// Does it.
  ///
  /// @return what is to be said of it besides what was expected; empty for nothing
  String run(VolumeService pool, Progress progress) throws IOException;

  /// Makes an empty volume. Its tags say which plan it was.
  record CreateVolume(String name, long sizeBytes, SortedSet<String> tags, String plan)
      implements PoolAction {
    @Override
    public List<String> words() {
      return tagged(tags, "volume", "create", name, Long.toString(sizeBytes));
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return nameIsTaken(now, name);
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.made(name, plan).isPresent();
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.create(new VolumeRequest(name, sizeBytes, List.copyOf(tags), null, null, null));
      return "";
    }
  }

  /// Takes a snapshot.
  record Snapshot(
      String originUuid, String origin, String name, SortedSet<String> tags, String plan)
      implements PoolAction {
    @Override
    public List<String> words() {
      return tagged(tags, "snapshot", "create", origin, name);
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return nameIsTaken(now, name).or(() -> isAnother(now, originUuid, origin));
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.made(name, plan).isPresent();
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.snapshot(List.of(new SnapshotRequest(name, origin, List.copyOf(tags))));
      return "";
    }
  }

  /// Makes a writable volume of what another holds.
  record Clone(String originUuid, String origin, String name, SortedSet<String> tags, String plan)
      implements PoolAction {
    @Override
    public List<String> words() {
      return tagged(tags, "clone", origin, name);
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return nameIsTaken(now, name).or(() -> isAnother(now, originUuid, origin));
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.made(name, plan).isPresent();
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.create(VolumeRequest.clone(name, origin, List.copyOf(tags)));
      return "";
    }
  }

  /// Removes again what the plan made.
  record RemoveMade(String name, boolean snapshot, String plan) implements PoolAction {
    @Override
    public List<String> words() {
      return List.of(snapshot ? "snapshot" : "volume", "delete", name, "--yes");
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return Optional.empty();
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.made(name, plan).isEmpty();
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.delete(name, progress);
      return "";
    }
  }

  /// Removes a volume for good, if it still has the tags that it had when that was decided.
  record Delete(String uuid, String name, boolean snapshot, SortedSet<String> tags)
      implements PoolAction {
    @Override
    public List<String> words() {
      return List.of(snapshot ? "snapshot" : "volume", "delete", name, "--yes");
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return isAnother(now, uuid, name).or(() -> hasOtherTags(now, uuid, tags));
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.volume(uuid).isEmpty();
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.delete(name, progress);
      return "";
    }
  }

  /// Makes a volume larger.
  record Extend(String uuid, String name, long sizeBytes) implements PoolAction {
    @Override
    public List<String> words() {
      return List.of("volume", "resize", name, Long.toString(sizeBytes));
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return isAnother(now, uuid, name);
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.volume(uuid).filter(volume -> volume.sizeBytes() >= sizeBytes).isPresent();
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.change(name, VolumeChange.size(sizeBytes));
      return "";
    }
  }

  /// Gives a volume another name.
  record Rename(String uuid, String name, String newName) implements PoolAction {
    @Override
    public List<String> words() {
      return List.of();
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return nameIsTaken(now, newName).or(() -> isAnother(now, uuid, name));
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.volume(uuid).filter(volume -> volume.name().equals(newName)).isPresent();
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.change(name, new VolumeChange(newName, null, null, null));
      return "";
    }
  }

  /// Replaces a volume's tags, if they are still those that were found.
  record Tag(String uuid, String name, SortedSet<String> before, SortedSet<String> tags)
      implements PoolAction {
    @Override
    public List<String> words() {
      return List.of();
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return isAnother(now, uuid, name).or(() -> hasOtherTags(now, uuid, before));
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.volume(uuid).filter(volume -> tags.equals(set(volume.tags()))).isPresent();
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.change(name, new VolumeChange(null, null, List.copyOf(tags), null));
      return "";
    }
  }

  /// Makes a volume what its snapshot is.
  ///
  /// @param since the pool's snapshot clock when that was planned. A rollback gives both a later
  ///   time in the very transaction that it is made in; nothing else that this plan does gives the
  ///   snapshot one
  record RollBack(String uuid, String name, String snapshotUuid, String snapshot, long since)
      implements PoolAction {
    @Override
    public List<String> words() {
      return List.of("snapshot", "rollback", name, "--to", snapshot, "--yes");
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return isAnother(now, uuid, name).or(() -> isAnother(now, snapshotUuid, snapshot));
    }

    @Override
    public boolean isDone(PoolState now) {
      return tookPart(now, uuid) && tookPart(now, snapshotUuid);
    }

    private boolean tookPart(PoolState now, String volume) {
      return now.volume(volume).filter(found -> found.snapshotTime() > since).isPresent();
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.rollback(name, snapshot, progress);
      return "";
    }
  }

  /// Gives blocks of zeroes back.
  record Trim(String uuid, String name) implements PoolAction {
    @Override
    public List<String> words() {
      return List.of("volume", "trim", name);
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return isAnother(now, uuid, name);
    }

    @Override
    public boolean isDone(PoolState now) {
      return false;
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      return "%s given back by '%s'"
          .formatted(Words.bytes(pool.trim(name, progress).freedBytes()), name);
    }
  }

  /// Makes the pool's data larger.
  record ExtendData(long sizeBytes) implements PoolAction {
    @Override
    public List<String> words() {
      return List.of("pool", "extend", "--data-size", Long.toString(sizeBytes));
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return Optional.empty();
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.pool().dataSizeBytes() >= sizeBytes;
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.changePool(PoolChange.extension(sizeBytes, null));
      return "";
    }
  }

  /// Makes the pool's metadata larger.
  record ExtendMetadata(long sizeBytes) implements PoolAction {
    @Override
    public List<String> words() {
      return List.of("pool", "extend", "--meta-size", Long.toString(sizeBytes));
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return Optional.empty();
    }

    @Override
    public boolean isDone(PoolState now) {
      return now.pool().metadataSizeBytes() >= sizeBytes;
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.changePool(PoolChange.extension(null, sizeBytes));
      return "";
    }
  }

  /// Sets options of the pool; what is null stays.
  ///
  /// @param stepBytes by how much the pool extends itself; 0 turns that off
  record Configure(
      @Nullable DiscardMode discard,
      @Nullable Long lowWaterBytes,
      @Nullable Long stepBytes,
      @Nullable Long maximumBytes)
      implements PoolAction {
    @Override
    public List<String> words() {
      var words = new ArrayList<>(List.of("pool", "set"));
      if (discard != null) {
        words.addAll(List.of("--discard", word(discard)));
      }
      option(words, "--low-water", lowWaterBytes);
      option(words, "--auto-extend-step", stepBytes);
      option(words, "--auto-extend-max", maximumBytes);
      return words;
    }

    private static String word(DiscardMode mode) {
      return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void option(List<String> words, String name, @Nullable Long bytes) {
      if (bytes != null) {
        words.addAll(List.of(name, Long.toString(bytes)));
      }
    }

    @Override
    public Optional<String> hindrance(PoolState now) {
      return Optional.empty();
    }

    @Override
    public boolean isDone(PoolState now) {
      var pool = now.pool();
      return (discard == null || discard == pool.discard())
          && (lowWaterBytes == null || lowWaterBytes == pool.lowWaterBytes())
          && (stepBytes == null
              || Objects.equals(stepBytes == 0 ? null : stepBytes, pool.autoExtendStepBytes()))
          && (maximumBytes == null || maximumBytes.equals(pool.autoExtendMaximumBytes()));
    }

    @Override
    public String run(VolumeService pool, Progress progress) throws IOException {
      pool.changePool(
          new PoolChange(
              null, null, lowWaterBytes, discard, null, null, null, null, stepBytes, maximumBytes));
      return "";
    }
  }

  private static List<String> tagged(Collection<String> tags, String... words) {
    var all = new ArrayList<>(List.of(words));
    tags.forEach(tag -> all.addAll(List.of("--tag", tag)));
    return all;
  }

  private static Optional<String> nameIsTaken(PoolState now, String name) {
    return now.named(name).map(_ -> "there is a volume '%s' already".formatted(name));
  }

  /// Whatever is called so must still be what was meant.
  private static Optional<String> isAnother(PoolState now, String uuid, String name) {
    var found = now.volume(uuid);
    if (found.isEmpty()) {
      return Optional.of("'%s' is no longer there".formatted(name));
    }
    return found.get().name().equals(name)
        ? Optional.empty()
        : Optional.of("'%s' is called '%s' now".formatted(name, found.get().name()));
  }

  private static Optional<String> hasOtherTags(PoolState now, String uuid, SortedSet<String> tags) {
    return now.volume(uuid)
        .filter(volume -> !tags.equals(set(volume.tags())))
        .map(volume -> "'%s' has other tags now".formatted(volume.name()));
  }

  private static SortedSet<String> set(Collection<String> tags) {
    return new TreeSet<>(tags);
  }
}
