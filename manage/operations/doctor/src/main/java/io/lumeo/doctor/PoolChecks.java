package io.lumeo.doctor;

import static java.util.stream.Collectors.joining;

import io.lumeo.lvm.Checkup;
import io.lumeo.policies.Admission;
import io.lumeo.policies.SnapshotAdmission;
import io.lumeo.storage.Health;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.util.ArrayList;
import java.util.List;

/// What can be wrong with thin pools and with Lumeo's own.
record PoolChecks(Host host, Findings findings) {
  private static final String CLEARING_THE_MARK =
      " --config 'global/thin_check_options=[\"-q\",\"--clear-needs-check-flag\"]'";

  /// With less of its data in use, a pool's metadata is mostly what it has from the beginning.
  private static final double ENOUGH_TO_PROJECT = 0.10;

  void run() {
    for (var pool : host.inventory().pools()) {
      if (pool.kind() != Pool.Kind.VOLUME_GROUP && isOurs(pool)) {
        health(pool);
        fill(pool);
        growth(pool);
        host.thinPool(pool).ifPresent(facts -> thinPool(pool, facts));
      }
    }
  }

  /// What is exported or another host's is inactive here as it should be.
  private boolean isOurs(Pool pool) {
    var group = host.groupOf(pool);
    return group.uuid().equals(pool.uuid()) || group.health().state() != Health.State.UNKNOWN;
  }

  // --- how it is

  private void health(Pool pool) {
    var name = host.name(pool);
    var reason = pool.health().reason();
    switch (pool.health().state()) {
      case OK -> {}
      case UNKNOWN ->
          findings.note(
              Trouble.POOL_INACTIVE,
              name,
              reason,
              "How full it is cannot be seen, and whether it would start neither.",
              Words.commandsIn(reason));
      case DEGRADED -> degraded(pool, name, reason);
      case OUT_OF_SPACE ->
          findings.critical(
              Trouble.POOL_OUT_OF_SPACE,
              name,
              reason,
              "Whatever writes to a new place in any of its %s gets errors, and file systems turn"
                      .formatted(volumes(pool))
                  + " read-only.",
              new Remedy(host).extendData(pool));
      case READ_ONLY ->
          findings.critical(
              Trouble.POOL_READ_ONLY,
              name,
              reason,
              "Nothing can be written to any of its %s.".formatted(volumes(pool)),
              readOnlyRemedy(pool));
      case INVALID, FAILED ->
          findings.critical(
              Trouble.POOL_FAILED,
              name,
              reason,
              "None of its %s can be read or written.".formatted(volumes(pool)),
              Words.commandsIn(reason));
    }
  }

  private void degraded(Pool pool, String name, String reason) {
    if (needsCheck(pool)) {
      findings.critical(
          Trouble.POOL_NEEDS_CHECK,
          name,
          reason,
          "At the next trouble with its metadata the pool turns read-only. When its start says that"
              + " the check has failed, run lvconvert --repair, once.",
          recheck(pool));
    } else {
      findings.warning(
          Trouble.VOLUME_DEGRADED,
          name,
          reason,
          "The next failure takes all that is on it.",
          Words.commandsIn(reason));
    }
  }

  private boolean needsCheck(Pool pool) {
    return host.thinPool(pool).map(Checkup.ThinPool::needsCheck).orElse(true);
  }

  private String volumes(Pool pool) {
    return Words.count(host.volumesIn(pool).size(), "volume");
  }

  /// Metadata that need a check are repaired; metadata that are full are extended.
  private List<String> readOnlyRemedy(Pool pool) {
    return needsCheck(pool) ? recheck(pool) : new Remedy(host).extendMetadata(pool);
  }

  /// LVM has a pool's metadata checked when it starts the pool; Debian 12's clears the mark of
  /// metadata that are well only when it is told to.
  private List<String> recheck(Pool pool) {
    return pool.kind() == Pool.Kind.LUMEO_POOL
        ? List.of("lumeo pool check --dir DIR --clear-needs-check")
        : restart(pool, List.of(), "lvchange -ay" + CLEARING_THE_MARK);
  }

  /// Stops a pool with all that is on it, does what can only be done then, and starts it again.
  private List<String> restart(Pool pool, List<String> meanwhile) {
    return restart(pool, meanwhile, "lvchange -ay");
  }

  private List<String> restart(Pool pool, List<String> meanwhile, String start) {
    var active = host.volumesIn(pool).stream().filter(Volume::active).toList();
    var commands = new ArrayList<String>();
    for (var volume : active) {
      var fileSystem = volume.fileSystem();
      var mountPoint = fileSystem == null ? null : fileSystem.mountPoint();
      if (mountPoint != null) {
        commands.add("umount " + Words.word(mountPoint));
      }
    }
    var names =
        active.stream().map(volume -> " " + Words.word(host.name(volume))).collect(joining());
    var poolName = " " + Words.word(host.name(pool));
    commands.add("lvchange -an" + names + poolName);
    commands.addAll(meanwhile);
    commands.add(start + poolName + names);
    return commands;
  }

  // --- how full it is

  private void fill(Pool pool) {
    if (!Host.isWritten(pool)) {
      return;
    }
    var metadata = pool.metadata();
    if (metadata != null) {
      metadataFill(pool, metadata);
      projection(pool, metadata);
    }
    var ratio = pool.data().ratio();
    if (ratio >= Limits.POOL_DATA.warning()) {
      findings.add(
          severity(ratio, Limits.POOL_DATA),
          Trouble.POOL_DATA_FULL,
          host.name(pool),
          "the data of pool %s is %s full, %s free"
              .formatted(
                  host.name(pool), Words.percent(ratio), Words.bytes(pool.data().freeBytes())),
          "When it is full, writes to every volume of it wait and then fail, although the volumes"
              + " look as if they had room.",
          new Remedy(host).extendData(pool));
    }
  }

  static Severity severity(double ratio, Limits.Fill fill) {
    return ratio >= fill.critical() ? Severity.CRITICAL : Severity.WARNING;
  }

  private void metadataFill(Pool pool, Usage metadata) {
    if (metadata.ratio() >= Limits.POOL_METADATA.warning()) {
      findings.add(
          severity(metadata.ratio(), Limits.POOL_METADATA),
          Trouble.POOL_METADATA_FULL,
          host.name(pool),
          "the metadata of pool %s is %s full, %s free"
              .formatted(
                  host.name(pool),
                  Words.percent(metadata.ratio()),
                  Words.bytes(metadata.freeBytes())),
          "When it is full, the whole pool turns read-only and needs a repair, however much data"
              + " space is free.",
          new Remedy(host).extendMetadata(pool));
    }
  }

  /// Metadata grow with the data that is mapped and with snapshots that depart from their origins.
  private void projection(Pool pool, Usage metadata) {
    var data = pool.data().ratio();
    if (data < ENOUGH_TO_PROJECT || metadata.ratio() >= Limits.POOL_METADATA.warning()) {
      return;
    }
    if (metadata.ratio() > data) {
      findings.warning(
          Trouble.POOL_METADATA_FILLS_FIRST,
          host.name(pool),
          "the metadata of pool %s is fuller (%s) than its data (%s)"
              .formatted(host.name(pool), Words.percent(metadata.ratio()), Words.percent(data)),
          "As it goes on, the metadata is full when the data is at %s, and then nothing can be"
                  .formatted(Words.percent(data / metadata.ratio()))
              + " written any more.",
          new Remedy(host).extendMetadata(pool));
    }
  }

  // --- who makes it larger

  private void growth(Pool pool) {
    long promised = promisedBytes(pool);
    var self = pool.selfExtension();
    if (self == null) {
      nobodyExtends(pool, promised);
      return;
    }
    if (!self.watched()) {
      unwatched(pool, self);
    } else if (pool.data().ratio() * 100 > self.thresholdPercent() + 2) {
      overdue(pool, self);
    }
    groupHasRoom(pool, self);
    overPromised(pool, promised);
  }

  private long promisedBytes(Pool pool) {
    return host.volumesIn(pool).stream()
        .filter(volume -> volume.kind() == Volume.Kind.THIN)
        .mapToLong(Volume::sizeBytes)
        .sum();
  }

  private void nobodyExtends(Pool pool, long promised) {
    if (promised <= pool.data().sizeBytes() || pool.kind() == Pool.Kind.LUMEO_POOL) {
      return;
    }
    findings.warning(
        Trouble.POOL_OVER_PROVISIONED,
        host.name(pool),
        "pool %s has %s and has promised %s to its volumes, and LVM does not extend it"
            .formatted(
                host.name(pool), Words.bytes(pool.data().sizeBytes()), Words.bytes(promised)),
        "Unless somebody extends it in time, it is full before its volumes are.",
        List.of(
            "lumeo lvm pool autoextend %s --threshold 70".formatted(Words.word(host.name(pool)))));
  }

  private void unwatched(Pool pool, Pool.SelfExtension self) {
    var name = Words.word(host.name(pool));
    boolean runs = host.lvm().map(checkup -> checkup.watching().daemonRuns()).orElse(true);
    var commands = new ArrayList<String>();
    if (!runs) {
      commands.add("systemctl start lvm2-monitor");
    }
    commands.add("lvchange --monitor y " + name);
    findings.warning(
        Trouble.POOL_NOT_WATCHED,
        host.name(pool),
        "LVM is to extend pool %s at %d %%, and %s"
            .formatted(
                host.name(pool),
                self.thresholdPercent(),
                runs ? "dmeventd was not told to watch it" : "dmeventd does not run"),
        "It will not be extended and fills to the end.",
        commands);
  }

  private void overdue(Pool pool, Pool.SelfExtension self) {
    findings.warning(
        Trouble.POOL_NOT_EXTENDED,
        host.name(pool),
        "pool %s is %s full and LVM should have extended it at %d %%"
            .formatted(
                host.name(pool), Words.percent(pool.data().ratio()), self.thresholdPercent()),
        "The extension has failed or dmeventd does not see the pool; it will fill.",
        List.of(
            "lvextend --use-policies " + Words.word(host.name(pool)), "journalctl -u dm-event"));
  }

  private void groupHasRoom(Pool pool, Pool.SelfExtension self) {
    var group = host.groupOf(pool);
    long step = pool.data().sizeBytes() / 100 * self.stepPercent();
    if (group.data().freeBytes() < step) {
      findings.warning(
          Trouble.GROUP_CANNOT_EXTEND,
          group.name(),
          "group %s has %s free, and the next extension of pool %s needs %s"
              .formatted(
                  group.name(),
                  Words.bytes(group.data().freeBytes()),
                  host.name(pool),
                  Words.bytes(step)),
          "The extension will fail and the pool will then fill.",
          List.of(new Remedy(host).addDevice(group)));
    }
  }

  private void overPromised(Pool pool, long promised) {
    long reachable = pool.data().sizeBytes() + host.groupOf(pool).data().freeBytes();
    if (promised > reachable) {
      findings.note(
          Trouble.POOL_OVER_PROVISIONED,
          host.name(pool),
          "pool %s has promised %s to its volumes, and with all of its group it has %s"
              .formatted(host.name(pool), Words.bytes(promised), Words.bytes(reachable)),
          "That is what thin volumes are for, as long as somebody watches how full it gets.",
          List.of(new Remedy(host).addDevice(host.groupOf(pool))));
    }
  }

  // --- what only LVM says

  private void thinPool(Pool pool, Checkup.ThinPool facts) {
    transactionId(pool, facts);
    spare(pool);
    snapshotsRefused(pool);
    var name = host.name(pool);
    if (facts.discards().equals("ignore")) {
      findings.note(
          Trouble.DISCARDS_IGNORED,
          name,
          "pool %s ignores discards".formatted(name),
          "What file systems on it free never comes back, so that it only ever fills; to change"
              + " that it must be inactive.",
          restart(pool, List.of("lvchange --discards passdown " + Words.word(name))));
    }
    if (facts.metadataSnapshotHeld()) {
      findings.note(
          Trouble.METADATA_SNAPSHOT_HELD,
          name,
          "somebody has reserved a metadata snapshot of pool %s".formatted(name),
          "Metadata blocks that are replaced stay in use until it is released. If no thin_delta or"
              + " thin_ls runs now, one was cut short.",
          List.of("dmsetup message %s 0 release_metadata_snap".formatted(Words.poolDevice(name))));
    }
  }

  private void transactionId(Pool pool, Checkup.ThinPool facts) {
    var reported = facts.reportedTransaction();
    var kernel = facts.kernelTransaction();
    if (reported.isEmpty() || kernel.isEmpty() || reported.getAsLong() == kernel.getAsLong()) {
      return;
    }
    var name = host.name(pool);
    findings.critical(
        Trouble.TRANSACTION_ID_MISMATCH,
        name,
        "pool %s is at transaction %d and LVM's metadata at %d"
            .formatted(name, kernel.getAsLong(), reported.getAsLong()),
        "LVM will refuse every change of the pool and, once it is inactive, to start it again; most"
            + " often a vgcfgrestore did this. Keep it active and copy the data off first.",
        List.of(
            "dmsetup status " + Words.poolDevice(name),
            "lvs -o+transaction_id " + Words.word(name)));
  }

  private void spare(Pool pool) {
    var metadata = pool.metadata();
    var group = host.lvm().flatMap(checkup -> checkup.group(host.groupOf(pool).uuid()));
    if (metadata == null || group.isEmpty() || group.get().spareBytes() >= metadata.sizeBytes()) {
      return;
    }
    long spare = group.get().spareBytes();
    var name = host.name(pool);
    findings.warning(
        Trouble.NO_METADATA_SPARE,
        name,
        spare == 0
            ? "group %s has no spare for the metadata of pool %s"
                .formatted(host.groupOf(pool).name(), name)
            : "the spare of group %s has %s and the metadata of pool %s %s"
                .formatted(
                    host.groupOf(pool).name(),
                    Words.bytes(spare),
                    name,
                    Words.bytes(metadata.sizeBytes())),
        "When the metadata must be repaired, there is nowhere to repair them into.",
        List.of("lvconvert --poolmetadataspare y " + Words.word(name)));
  }

  private void snapshotsRefused(Pool pool) {
    if (Host.isWritten(pool)
        && SnapshotAdmission.thin(pool) instanceof Admission.Refused refused
        && !host.volumesIn(pool).isEmpty()) {
      findings.warning(
          Trouble.SNAPSHOTS_REFUSED,
          host.name(pool),
          refused.reason(),
          "The next snapshot, by hand or by a policy, fails.",
          refused.reason().contains("metadata")
              ? new Remedy(host).extendMetadata(pool)
              : new Remedy(host).extendData(pool));
    }
  }
}
