package io.lumeo.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InventoryTest {
  private static final Pool GROUP = pool("g-1", "vg0", Pool.Kind.VOLUME_GROUP, null);
  private static final Pool THIN_POOL = pool("p-1", "pool0", Pool.Kind.THIN_POOL, "g-1");
  private static final Volume VOLUME = volume("v-1", "web", Volume.Kind.THIN, null);
  private static final Volume SNAPSHOT =
      volume("s-1", "web-daily", Volume.Kind.THIN_SNAPSHOT, "v-1");
  private static final Volume ORPHAN = volume("s-2", "web-old", Volume.Kind.THIN_SNAPSHOT, null);
  private static final Inventory INVENTORY =
      new Inventory(
          "here",
          Instant.EPOCH,
          List.of(GROUP, THIN_POOL),
          List.of(VOLUME, SNAPSHOT, ORPHAN),
          List.of(),
          List.of());

  @Test
  void aPoolIsFoundByUuidOrName() {
    assertThat(INVENTORY.pool("p-1")).contains(THIN_POOL);
    assertThat(INVENTORY.pool("pool0")).contains(THIN_POOL);
    assertThat(INVENTORY.pool("pool1")).isEmpty();
  }

  @Test
  void aVolumeIsFoundByUuidAndByTheNameOfItsPoolOrGroup() {
    assertThat(INVENTORY.volume("v-1")).contains(VOLUME);
    assertThat(INVENTORY.volume("pool0/web")).contains(VOLUME);
    assertThat(INVENTORY.volume("vg0/web")).contains(VOLUME);
    assertThat(INVENTORY.volume("vg1/web")).isEmpty();
    assertThat(INVENTORY.volume("web")).isEmpty();
  }

  @Test
  void snapshotsAreThoseWhoseOriginTheSystemStillKnows() {
    assertThat(INVENTORY.snapshotsOf("v-1")).containsExactly(SNAPSHOT);
  }

  @Test
  void aUsageThatCannotBeIsRefused() {
    assertThat(new Usage(200, 50).ratio()).isEqualTo(0.25);
    assertThat(new Usage(200, 50).freeBytes()).isEqualTo(150);
    assertThat(new Usage(0, 0).ratio()).isZero();
    assertThatThrownBy(() -> new Usage(1, 2)).hasMessage("used 2 of 1 bytes is not a usage");
  }

  @Test
  void anInspectionThatCheckedNothingHasNotPassed() {
    assertThat(new Inspection(List.of(), List.of()).passed()).isFalse();
    assertThat(new Inspection(List.of(finding(true), finding(false)), List.of()).passed())
        .isFalse();
    assertThat(new Inspection(List.of(finding(true)), List.of()).passed()).isTrue();
  }

  @Test
  void aCapabilityIsAskedForAndNotAssumed() {
    assertThat(THIN_POOL.can(Capability.EXTEND_DATA)).isTrue();
    assertThat(THIN_POOL.can(Capability.ADD_DEVICES)).isFalse();
    assertThat(VOLUME.can(Capability.TRIM)).isTrue();
    assertThat(VOLUME.can(Capability.CLASSIC_SNAPSHOT)).isFalse();
    assertThat(Health.ok().isOk()).isTrue();
    assertThat(new Health(Health.State.FAILED, "gone").isOk()).isFalse();
  }

  private static Inspection.Finding finding(boolean passed) {
    return new Inspection.Finding("e2fsck -fn", passed, "");
  }

  private static Pool pool(String uuid, String name, Pool.Kind kind, @Nullable String parent) {
    return new Pool(
        uuid,
        name,
        kind,
        parent,
        new Usage(1 << 30, 1 << 20),
        null,
        4 << 20,
        7,
        null,
        new TreeSet<>(),
        Health.ok(),
        EnumSet.of(Capability.EXTEND_DATA));
  }

  private static Volume volume(
      String uuid, String name, Volume.Kind kind, @Nullable String origin) {
    return new Volume(
        uuid,
        name,
        "p-1",
        kind,
        1 << 30,
        "/dev/vg0/" + name,
        null,
        origin,
        null,
        new TreeSet<>(),
        true,
        false,
        false,
        null,
        Health.ok(),
        Set.of(Capability.TRIM));
  }
}
