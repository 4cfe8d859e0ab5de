package io.lumeo.pools;

import static java.util.Objects.requireNonNull;

import io.lumeo.thin.DeviceDetails;
import io.lumeo.thin.DeviceUsage;
import io.lumeo.thin.PoolMode;
import io.lumeo.thin.PoolStatus;
import io.lumeo.thin.Progress;
import io.lumeo.thin.Volume;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A pool that is open in this process.
public final class LocalVolumes implements VolumeService {
  private final Volumes volumes;
  private final Serving serving;

  /// Takes over the pool: closing this closes it.
  public LocalVolumes(Volumes volumes, Serving serving) {
    this.volumes = volumes;
    this.serving = serving;
  }

  @Override
  public Health health() {
    var mode = volumes.mode();
    return new Health(mode == PoolMode.WRITE && !volumes.needsCheck(), mode);
  }

  @Override
  public PoolView pool() throws IOException {
    var capacity = volumes.capacity();
    var status = capacity.status();
    var options = volumes.options();
    var extension = options.autoExtension();
    var files = volumes.files();
    return new PoolView(
        poolName(files.metadata().getFileName().toString()),
        files.metadata().toString(),
        files.data().toString(),
        status.mode(),
        status.needsCheck(),
        new BigInteger(Long.toUnsignedString(status.transactionId())),
        status.dataBlockBytes(),
        status.dataTotalBytes(),
        status.dataUsedBytes(),
        status.dataFreeBytes(),
        status.metadataTotalBytes(),
        status.metadataUsedBytes(),
        options.lowWaterBlocks() * status.dataBlockBytes(),
        options.discard(),
        options.zeroNewBlocks(),
        options.readOnly(),
        options.errorIfNoSpace(),
        options.noSpaceTimeout().toSeconds(),
        extension == null ? null : extension.stepBytes(),
        extension == null ? null : extension.maximumBytes(),
        capacity.volumeCount(),
        capacity.snapshotCount(),
        capacity.virtualBytes(),
        capacity.overProvisioning(),
        capacity.overProvisioningWithoutSnapshots(),
        status.snapshotTime(),
        status.snapshotTicksLeft(),
        status.heldRoot(),
        sequence(status),
        volumes.uuid().toString());
  }

  /// Counts that only grow, and each change of the pool lets one of them grow. Not the transaction
  /// id: whoever keeps it may set it back.
  private long sequence(PoolStatus status) {
    return volumes.changeCount()
        + status.snapshotTime()
        + status.dataTotalBlocks()
        + status.metadataTotalBlocks();
  }

  @Override
  public StatusView status() throws IOException {
    return new StatusView(
        "0 %d thin-pool %s"
            .formatted(volumes.status().dataTotalBytes() / 512, volumes.statusLine()));
  }

  private static String poolName(String metadataFile) {
    return metadataFile.endsWith(".meta")
        ? metadataFile.substring(0, metadataFile.length() - ".meta".length())
        : metadataFile;
  }

  /// Grows first: an option that is set because there is room now must not be lost when there is
  /// none.
  @Override
  public PoolView changePool(PoolChange change) throws IOException {
    if (change.metadataSizeBytes() != null) {
      volumes.extendMetadata(change.metadataSizeBytes());
    }
    if (change.dataSizeBytes() != null) {
      volumes.extendData(change.dataSizeBytes());
    }
    if (change.changesOptions()) {
      change.requireRoomToGrow(volumes.status().dataTotalBytes());
      var blockBytes = volumes.status().dataBlockBytes();
      volumes.setOptions(change.applyTo(volumes.keptOptions(), blockBytes));
    }
    return pool();
  }

  @Override
  public void message(String message) throws IOException {
    volumes.message(message);
  }

  @Override
  public List<VolumeView> list() throws IOException {
    var details = volumes.details();
    return volumes.list().stream()
        .map(volume -> view(volume, details.get(volume.name()), null))
        .sorted(Comparator.comparing(VolumeView::name))
        .toList();
  }

  @Override
  public VolumeView get(String name) throws IOException {
    return current(volumes.get(name));
  }

  @Override
  public VolumeView show(String name, Progress progress) throws IOException {
    var volume = volumes.get(name);
    var usage = volumes.usage(name, progress);
    return view(volume, volumes.details().get(name), usage);
  }

  @Override
  public VolumeView create(VolumeRequest request) throws IOException {
    var tags = new TreeSet<>(request.tags());
    var origin = request.origin();
    if (origin == null) {
      long sizeBytes = requireNonNull(request.sizeBytes());
      return current(
          volumes.createVolume(
              request.name(), sizeBytes, tags, request.quotaBytes(), request.externalOrigin()));
    }
    var clone = volumes.createClone(request.name(), origin, tags);
    return current(
        request.quotaBytes() == null
            ? clone
            : volumes.setQuota(clone.name(), request.quotaBytes()));
  }

  @Override
  public List<VolumeView> snapshot(List<SnapshotRequest> requests) throws IOException {
    var made =
        volumes.createSnapshots(
            requests.stream()
                .map(request ->
                    new Volumes.SnapshotRequest(
                        request.name(), request.origin(), new TreeSet<>(request.tags())))
                .toList());
    var details = volumes.details();
    return made.stream().map(volume -> view(volume, details.get(volume.name()), null)).toList();
  }

  /// The name last: until then every step can be asked for again under the old one.
  @Override
  public VolumeView change(String name, VolumeChange change) throws IOException {
    var volume = volumes.get(name);
    if (change.name() != null && !change.name().equals(name)) {
      Volumes.checkNewName(change.name());
    }
    if (change.sizeBytes() != null) {
      volume = resize(volume, change.sizeBytes());
    }
    if (change.tags() != null) {
      volume = volumes.setTags(name, new TreeSet<>(change.tags()));
    }
    if (change.quotaBytes() != null) {
      volume = volumes.setQuota(name, change.quotaBytes() == 0 ? null : change.quotaBytes());
    }
    if (change.name() != null && !change.name().equals(name)) {
      volume = volumes.rename(name, change.name());
    }
    return current(volume);
  }

  private Volume resize(Volume volume, long sizeBytes) throws IOException {
    return sizeBytes < volume.sizeBytes()
        ? serving.undisturbed(volume, () -> volumes.resize(volume.id(), sizeBytes))
        : volumes.resize(volume.id(), sizeBytes);
  }

  @Override
  public VolumeView rollback(String volume, String snapshot, Progress progress) throws IOException {
    var target = volumes.get(volume);
    var source = volumes.get(snapshot);
    new Lineage(this).requireRelated(current(target), current(source));
    progress.update(0, 1);
    var after = serving.undisturbed(target, () -> volumes.rollback(target.id(), source.id()));
    progress.update(1, 1);
    return current(after);
  }

  @Override
  public TrimView trim(String name, Progress progress) throws IOException {
    return new TrimView(name, volumes.trimZeroes(name, progress));
  }

  @Override
  public void delete(String name, Progress progress) throws IOException {
    var volume = volumes.get(name);
    serving.undisturbed(
        volume,
        () -> {
          volumes.delete(volume.id(), progress);
          return name;
        });
  }

  @Override
  public List<ExportView> exports() throws IOException {
    return serving.exports();
  }

  @Override
  public void close() throws IOException {
    volumes.close();
  }

  private VolumeView current(Volume volume) throws IOException {
    return view(volume, volumes.details().get(volume.name()), null);
  }

  /// @param details null for a volume that was deleted a moment ago
  private VolumeView view(
      Volume volume, @Nullable DeviceDetails details, @Nullable DeviceUsage usage) {
    return new VolumeView(
        volume.name(),
        volume.kind(),
        volume.id().value(),
        volume.sizeBytes(),
        details == null ? 0 : details.mappedBlocks() * volumes.status().dataBlockBytes(),
        usage == null ? null : usage.exclusiveBytes(),
        usage == null ? null : usage.sharedBytes(),
        volume.origin(),
        volume.createdAt(),
        List.copyOf(volume.tags()),
        volume.quotaBytes(),
        volume.externalOrigin(),
        details == null ? 0 : details.snapshotTime(),
        volumes.uuid(volume).toString());
  }
}
