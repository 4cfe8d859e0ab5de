package io.lumeo.thin;

import io.lumeo.block.StorageException;
import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What volumes and tags may be called, and how large they may be.
final class VolumeRules {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9+_.:/=@-]{1,255}");
  private static final Pattern UNNAMED = Pattern.compile("thin-(0|[1-9][0-9]{0,7})");

  private VolumeRules() {}

  static void checkName(String name) throws StorageException {
    if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw new StorageException.InvalidArgument(
          "'%s' is not a volume name; use 1 to 127 letters, digits, '+', '_', '.' and '-', not starting with '-'"
              .formatted(printable(name)));
    }
  }

  static void checkNewName(String name) throws StorageException {
    checkName(name);
    if (isUnnamed(name)) {
      throw new StorageException.InvalidArgument(
          "names like '%s' are kept for devices made outside Lumeo; choose another"
              .formatted(name));
    }
  }

  /// What a device is called that others made.
  static String unnamed(ThinId id) {
    return "thin-" + id;
  }

  static boolean isUnnamed(String name) {
    return UNNAMED.matcher(name).matches();
  }

  static String printable(String name) {
    var text = new StringBuilder();
    name.codePoints()
        .limit(140)
        .forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return text.toString();
  }

  static SortedSet<String> sorted(Set<String> tags) throws StorageException {
    for (var tag : tags) {
      if (!TAG.matcher(tag).matches()) {
        throw new StorageException.InvalidArgument(
            "'%s' is not a tag; use 1 to 255 letters, digits and '+_.:/=@-'"
                .formatted(printable(tag)));
      }
    }
    return Collections.unmodifiableSortedSet(new TreeSet<>(tags));
  }

  static void checkSize(long sizeBytes) throws StorageException {
    if (sizeBytes <= 0 || sizeBytes % DataBlocks.SECTOR_BYTES != 0) {
      throw new StorageException.InvalidArgument(
          "a volume of %d bytes is not possible; give a positive multiple of 512 bytes"
              .formatted(sizeBytes));
    }
  }

  static void checkQuota(@Nullable Long quotaBytes) throws StorageException {
    if (quotaBytes != null && quotaBytes < 0) {
      throw new StorageException.InvalidArgument(
          "a quota of %d bytes is not possible; give zero or more".formatted(quotaBytes));
    }
  }
}
