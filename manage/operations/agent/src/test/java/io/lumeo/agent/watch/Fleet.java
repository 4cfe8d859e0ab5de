package io.lumeo.agent.watch;

import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Look;
import io.lumeo.commands.Commands;
import io.lumeo.configuration.HostSettings;
import io.lumeo.policies.RunKey;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.storage.Capability;
import io.lumeo.storage.Change;
import io.lumeo.storage.FileSystem;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.UnfinishedPlan;
import io.lumeo.storage.Usage;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Volume;
import io.lumeo.testing.ScriptedCommands;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Hosts as the agent shows them, with one group, one thin pool and what a test adds.
final class Fleet {
  static final long GIB = 1L << 30;
  static final String GROUP = "vg-uuid";
  static final String POOL = "pool-uuid";

  final String name;
  long groupGib = 200;
  long groupUsedGib = 120;
  long poolBytes = 100 * GIB;
  long poolUsedBytes = 50 * GIB;
  long metadataUsedBytes = GIB / 10;
  Health poolHealth = Health.ok();
  Pool.@Nullable SelfExtension selfExtension;
  final List<Volume> volumes = new ArrayList<>();

  Fleet(String name) {
    this.name = name;
  }

  /// A host with its thin pool `vg0/thin`, and nothing on it.
  static Fleet host(String name) {
    return new Fleet(name);
  }

  Fleet with(Volume volume) {
    volumes.add(volume);
    return this;
  }

  static Volume thin(String name) {
    return volume(name, POOL, Volume.Kind.THIN, 20 * GIB, new Usage(20 * GIB, 5 * GIB), null);
  }

  /// The same as a snapshot that a policy has made.
  static Volume ofPolicy(Volume volume, String policy, String... moreTags) {
    var tags =
        new TreeSet<>(SnapshotTags.of(new RunKey(policy, Instant.EPOCH), "x", new TreeSet<>()));
    tags.addAll(List.of(moreTags));
    return new Volume(
        volume.uuid(),
        volume.name(),
        volume.pool(),
        volume.kind(),
        volume.sizeBytes(),
        volume.path(),
        volume.data(),
        volume.origin(),
        volume.createdAt(),
        tags,
        volume.active(),
        volume.open(),
        volume.readOnly(),
        volume.fileSystem(),
        volume.health(),
        volume.capabilities());
  }

  static Volume thick(String name) {
    return volume(name, GROUP, Volume.Kind.THICK, 10 * GIB, null, null);
  }

  static Volume mounted(String name, long usedBytes) {
    var volume = thick(name);
    return new Volume(
        volume.uuid(),
        name,
        volume.pool(),
        volume.kind(),
        volume.sizeBytes(),
        volume.path(),
        null,
        null,
        null,
        volume.tags(),
        true,
        true,
        false,
        new FileSystem("ext4", "fs", "/srv/" + name, new Usage(10 * GIB, usedBytes)),
        Health.ok(),
        Set.of());
  }

  /// A classic snapshot with a store of 2 GiB.
  static Volume snapshot(String name, String origin, Instant createdAt, long usedBytes) {
    return volume(
        name,
        GROUP,
        Volume.Kind.CLASSIC_SNAPSHOT,
        10 * GIB,
        new Usage(2 * GIB, usedBytes),
        new Made(origin, createdAt));
  }

  private record Made(String origin, Instant at) {}

  private static Volume volume(
      String name,
      String pool,
      Volume.Kind kind,
      long size,
      @Nullable Usage data,
      @Nullable Made made) {
    return new Volume(
        name + "-uuid",
        name,
        pool,
        kind,
        size,
        "/dev/vg0/" + name,
        data,
        made == null ? null : made.origin(),
        made == null ? null : made.at(),
        new TreeSet<>(),
        true,
        false,
        false,
        null,
        Health.ok(),
        made == null ? EnumSet.noneOf(Capability.class) : EnumSet.of(Capability.TRASH));
  }

  static Volume tagged(Volume volume, Set<String> tags) {
    return new Volume(
        volume.uuid(),
        volume.name(),
        volume.pool(),
        volume.kind(),
        volume.sizeBytes(),
        volume.path(),
        volume.data(),
        volume.origin(),
        volume.createdAt(),
        new TreeSet<>(tags),
        volume.active(),
        volume.open(),
        volume.readOnly(),
        volume.fileSystem(),
        volume.health(),
        volume.capabilities());
  }

  Inventory inventory(Instant at) {
    var group =
        new Pool(
            GROUP,
            "vg0",
            Pool.Kind.VOLUME_GROUP,
            null,
            new Usage(groupGib * GIB, groupUsedGib * GIB),
            null,
            4 << 20,
            7,
            null,
            new TreeSet<>(),
            Health.ok(),
            Set.of());
    var pool =
        new Pool(
            POOL,
            "thin",
            Pool.Kind.THIN_POOL,
            GROUP,
            new Usage(poolBytes, poolUsedBytes),
            new Usage(GIB, metadataUsedBytes),
            64 << 10,
            7,
            selfExtension,
            new TreeSet<>(),
            poolHealth,
            Set.of());
    return new Inventory(name, at, List.of(group, pool), volumes, List.of(), List.of());
  }

  /// A look that finds the host as it is.
  Look.Seen seen(Instant at) {
    return seen(at, List.of());
  }

  Look.Seen seen(Instant at, List<UsageSample> usage) {
    return new Look.Seen(setup(), at, inventory(at), usage, Duration.ofMillis(40));
  }

  /// A look that finds no host.
  Look.Missed missed(Instant at, @Nullable Inventory last) {
    return new Look.Missed(setup(), at, name + " does not answer", last);
  }

  HostSetup setup() {
    return setup(new HostSettings.LocalLvm(Duration.ofMinutes(2)), nothing());
  }

  HostSetup setup(HostSettings.Location location, Commands commands) {
    return new HostSetup(new HostSettings(name, location), new Unasked(name), commands);
  }

  static Commands nothing() {
    return ScriptedCommands.answering(command -> ScriptedCommands.success(""));
  }

  /// Storage that whoever watches never asks: it only sees what the agent has seen.
  private record Unasked(String name) implements StorageSystem {
    private static AssertionError asked() {
      return new AssertionError("whoever watches does not ask storage");
    }

    @Override
    public Inventory inventory() {
      throw asked();
    }

    @Override
    public List<UsageSample> usage() {
      throw asked();
    }

    @Override
    public Plan plan(Change change) {
      throw asked();
    }

    @Override
    public Outcome apply(Plan plan, Progress progress) {
      throw asked();
    }

    @Override
    public List<UnfinishedPlan> unfinished() {
      throw asked();
    }

    @Override
    public Outcome finish(UnfinishedPlan plan, Progress progress) {
      throw asked();
    }

    @Override
    public Inspection inspect(InspectionRequest request, Progress progress) {
      throw asked();
    }
  }
}
