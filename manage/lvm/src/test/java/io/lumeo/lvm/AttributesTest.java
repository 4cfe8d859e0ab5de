package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.lvm.VolumeAttributes.Allocation;
import io.lumeo.lvm.VolumeAttributes.Health;
import io.lumeo.lvm.VolumeAttributes.Permission;
import io.lumeo.lvm.VolumeAttributes.State;
import io.lumeo.lvm.VolumeAttributes.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttributesTest {

  @ParameterizedTest
  @CsvSource({
    "twi-aotz--, THIN_POOL, ACTIVE, OK",
    "twi-aotzD-, THIN_POOL, ACTIVE, OUT_OF_DATA",
    "twi-cotzM-, THIN_POOL, CHECK_NEEDED, METADATA_READ_ONLY",
    "owi-a-tz--, ORIGIN, ACTIVE, OK",
    "Vwi---tz-k, THIN, INACTIVE, OK",
    "Vwi-aotzF-, THIN, ACTIVE, FAILED",
    "swi-a-s---, SNAPSHOT, ACTIVE, OK",
    "swi-I-s---, SNAPSHOT, INVALID, OK",
    "swi-S-s---, SNAPSHOT, INVALID_SUSPENDED, OK",
    "swi-m-s---, SNAPSHOT, MERGE_FAILED, OK",
    "swi-M-s---, SNAPSHOT, MERGE_FAILED_SUSPENDED, OK",
    "Owi-aotz--, ORIGIN_MERGING, ACTIVE, OK",
    "Swi---tz--, SNAPSHOT_MERGING, INACTIVE, OK",
    "twi-aotzp-, THIN_POOL, ACTIVE, PARTIAL",
    "-wi-XX----, PLAIN, UNKNOWN, OK",
    "-wi-s-----, PLAIN, SUSPENDED, OK",
    "-wi-d-----, PLAIN, DEVICE_WITHOUT_TABLE, OK",
    "-wi-i-----, PLAIN, INACTIVE_TABLE, OK",
    "twi-C-tz--, THIN_POOL, CHECK_NEEDED_SUSPENDED, OK",
    "Vwi-h-----, THIN, HISTORICAL, OK",
    "rwi-a-r-r-, RAID, ACTIVE, REFRESH_OR_REPAIR",
    "rwi-a-r-m-, RAID, ACTIVE, MISMATCHES",
    "rwi-a-r-w-, RAID, ACTIVE, WRITE_MOSTLY",
    "rwi-a-r-s-, RAID, ACTIVE, RESHAPING",
    "rwi-a-r-R-, RAID, ACTIVE, REMOVE_AFTER_RESHAPE",
    "Rwi-a-r---, RAID_NOT_SYNCED, ACTIVE, OK",
    "mwi-a-m---, MIRROR, ACTIVE, OK",
    "Mwi-a-m---, MIRROR_NOT_SYNCED, ACTIVE, OK",
    "Cwi-a-C-E-, CACHE, ACTIVE, ERROR",
    "gwi-a-----, INTEGRITY, ACTIVE, OK",
    "dwi-a-v-X-, VDO_POOL, ACTIVE, UNKNOWN",
    "Dwi-a-----, VDO_DATA, ACTIVE, OK",
    "vwi-a-v---, VIRTUAL, ACTIVE, OK",
    "Twi-ao----, THIN_POOL_DATA, ACTIVE, OK",
    "ewi-------, METADATA, INACTIVE, OK",
    "iwi-aor---, IMAGE, ACTIVE, OK",
    "Iwi-aor---, IMAGE_OUT_OF_SYNC, ACTIVE, OK",
    "lwi-aom---, MIRROR_LOG, ACTIVE, OK",
    "pwC---m---, PVMOVE, INACTIVE, OK",
    "cwi-a-----, CONVERTING, ACTIVE, OK",
    "zwi-?---?-, OTHER, OTHER, OTHER",
  })
  void theLettersOfAVolumeAreRead(
      String letters, VolumeAttributes.Type type, State state, Health health) {
    var attributes = VolumeAttributes.parse(letters);
    assertThat(attributes.type()).isEqualTo(type);
    assertThat(attributes.state()).isEqualTo(state);
    assertThat(attributes.health()).isEqualTo(health);
  }

  @Test
  void eachPositionHasItsMeaning() {
    var attributes = VolumeAttributes.parse("VRCmaotz-k");
    assertThat(attributes.permission()).isEqualTo(Permission.READ_ONLY_OVERRIDE);
    assertThat(attributes.allocation()).isEqualTo(Allocation.CONTIGUOUS);
    assertThat(attributes.allocationLocked()).isTrue();
    assertThat(attributes.fixedMinor()).isTrue();
    assertThat(attributes.open()).isEqualTo(Answer.YES);
    assertThat(attributes.target()).isEqualTo(Target.THIN);
    assertThat(attributes.zeroes()).isTrue();
    assertThat(attributes.skipsActivation()).isTrue();
    var plain = VolumeAttributes.parse("-rlX-X-u--");
    assertThat(plain.permission()).isEqualTo(Permission.READ_ONLY);
    assertThat(plain.allocation()).isEqualTo(Allocation.CLING);
    assertThat(plain.allocationLocked()).isFalse();
    assertThat(plain.open()).isEqualTo(Answer.UNKNOWN);
  }

  @Test
  void anOlderOrEmptyStringIsReadAsFarAsItGoes() {
    assertThat(VolumeAttributes.parse("-wi-a-").health()).isEqualTo(Health.OK);
    assertThat(VolumeAttributes.parse("").type()).isEqualTo(VolumeAttributes.Type.PLAIN);
  }

  @Test
  void theLettersOfAGroupAreRead() {
    var plain = GroupAttributes.parse("wz--n-");
    assertThat(plain.writeable() && plain.resizeable()).isTrue();
    assertThat(plain.exported() || plain.partial() || plain.clustered() || plain.shared())
        .isFalse();
    assertThat(plain.allocation()).isEqualTo('n');
    var odd = GroupAttributes.parse("r-xpas");
    assertThat(odd.writeable() || odd.resizeable()).isFalse();
    assertThat(odd.exported() && odd.partial() && odd.shared()).isTrue();
    assertThat(GroupAttributes.parse("wz--nc").clustered()).isTrue();
  }
}
