package io.lumeo.lvm;

import java.util.Map;
import java.util.TreeMap;

/// The ten letters of `lv_attr`, as lvs(8) and `lv_attr_dup_with_info_and_seg_status` of lvm2 give
/// them. The named fields of a report say most of this better; where both speak they are compared.
///
/// A letter that is not known, from an LVM newer than this program, is the `OTHER` of its position.
record VolumeAttributes(
    Type type,
    Permission permission,
    Allocation allocation,
    boolean allocationLocked,
    boolean fixedMinor,
    State state,
    Answer open,
    Target target,
    boolean zeroes,
    Health health,
    boolean skipsActivation) {

  /// What kind of volume it is. An origin hides that it is thin or a mirror.
  enum Type {
    PLAIN('-'),
    PVMOVE('p'),
    CONVERTING('c'),
    ORIGIN('o'),
    ORIGIN_MERGING('O'),
    METADATA('e'),
    CACHE('C'),
    INTEGRITY('g'),
    RAID('r'),
    RAID_NOT_SYNCED('R'),
    MIRROR('m'),
    MIRROR_NOT_SYNCED('M'),
    THIN('V'),
    SNAPSHOT_MERGING('S'),
    SNAPSHOT('s'),
    VDO_POOL('d'),
    VDO_DATA('D'),
    VIRTUAL('v'),
    THIN_POOL('t'),
    THIN_POOL_DATA('T'),
    IMAGE('i'),
    IMAGE_OUT_OF_SYNC('I'),
    MIRROR_LOG('l'),
    OTHER('?');

    private final char letter;

    Type(char letter) {
      this.letter = letter;
    }
  }

  enum Permission {
    WRITEABLE('w'),
    READ_ONLY('r'),
    /// Activated read-only though it is writeable.
    READ_ONLY_OVERRIDE('R'),
    OTHER('?');

    private final char letter;

    Permission(char letter) {
      this.letter = letter;
    }
  }

  enum Allocation {
    CONTIGUOUS('c'),
    CLING('l'),
    NORMAL('n'),
    ANYWHERE('a'),
    INHERITED('i'),
    OTHER('?');

    private final char letter;

    Allocation(char letter) {
      this.letter = letter;
    }
  }

  enum State {
    INACTIVE('-'),
    ACTIVE('a'),
    SUSPENDED('s'),
    /// A classic snapshot that has overflowed.
    INVALID('I'),
    INVALID_SUSPENDED('S'),
    MERGE_FAILED('m'),
    MERGE_FAILED_SUSPENDED('M'),
    DEVICE_WITHOUT_TABLE('d'),
    INACTIVE_TABLE('i'),
    CHECK_NEEDED('c'),
    CHECK_NEEDED_SUSPENDED('C'),
    HISTORICAL('h'),
    UNKNOWN('X'),
    OTHER('?');

    private final char letter;

    State(char letter) {
      this.letter = letter;
    }
  }

  enum Target {
    NONE('-'),
    THIN('t'),
    CACHE('C'),
    RAID('r'),
    MIRROR('m'),
    SNAPSHOT('s'),
    UNKNOWN('u'),
    VIRTUAL('v'),
    OTHER('?');

    private final char letter;

    Target(char letter) {
      this.letter = letter;
    }
  }

  /// What is not well. Some letters mean something else with another type of volume.
  enum Health {
    OK('-'),
    PARTIAL('p'),
    REFRESH_OR_REPAIR('r'),
    MISMATCHES('m'),
    WRITE_MOSTLY('w'),
    RESHAPING('s'),
    REMOVE_AFTER_RESHAPE('R'),
    FAILED('F'),
    OUT_OF_DATA('D'),
    METADATA_READ_ONLY('M'),
    ERROR('E'),
    UNKNOWN('X'),
    OTHER('?');

    private final char letter;

    Health(char letter) {
      this.letter = letter;
    }
  }

  private static final Map<Character, Type> TYPES = new TreeMap<>();
  private static final Map<Character, Permission> PERMISSIONS = new TreeMap<>();
  private static final Map<Character, Allocation> ALLOCATIONS = new TreeMap<>();
  private static final Map<Character, State> STATES = new TreeMap<>();
  private static final Map<Character, Target> TARGETS = new TreeMap<>();
  private static final Map<Character, Health> HEALTHS = new TreeMap<>();

  static {
    for (var type : Type.values()) {
      TYPES.put(type.letter, type);
    }
    for (var permission : Permission.values()) {
      PERMISSIONS.put(permission.letter, permission);
    }
    for (var allocation : Allocation.values()) {
      ALLOCATIONS.put(allocation.letter, allocation);
    }
    for (var state : State.values()) {
      STATES.put(state.letter, state);
    }
    for (var target : Target.values()) {
      TARGETS.put(target.letter, target);
    }
    for (var health : Health.values()) {
      HEALTHS.put(health.letter, health);
    }
  }

  static VolumeAttributes parse(String letters) {
    var a = new Letters(letters);
    return new VolumeAttributes(
        TYPES.getOrDefault(a.at(1), Type.OTHER),
        PERMISSIONS.getOrDefault(a.at(2), Permission.OTHER),
        ALLOCATIONS.getOrDefault(Character.toLowerCase(a.at(3)), Allocation.OTHER),
        Character.isUpperCase(a.at(3)),
        a.is(4, 'm'),
        STATES.getOrDefault(a.at(5), State.OTHER),
        open(a.at(6)),
        TARGETS.getOrDefault(a.at(7), Target.OTHER),
        a.is(8, 'z'),
        HEALTHS.getOrDefault(a.at(9), Health.OTHER),
        a.is(10, 'k'));
  }

  private static Answer open(char letter) {
    return switch (letter) {
      case 'o' -> Answer.YES;
      case 'X' -> Answer.UNKNOWN;
      default -> Answer.NO;
    };
  }
}
