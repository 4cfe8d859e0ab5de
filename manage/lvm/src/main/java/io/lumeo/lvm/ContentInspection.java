package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandResult;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.Inspection.Finding;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Cancelled;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.Words;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Looks into the file system on one device without hurting it: a throw-away clone that may be
/// written to, or a snapshot that may not.
///
/// A clone is mounted once before it is checked, so that its log is replayed: the checkers would
/// complain of what the log still holds. What may not be written to is mounted without its log
/// (`noload`, `norecovery`), and an XFS always with `nouuid`, as its origin has the same uuid and
/// is mounted beside it.
final class ContentInspection {
  private static final Duration QUICK = Duration.ofMinutes(2);
  private static final String SAFE = "nosuid,nodev,noexec";

  private final HostCommands host;
  private final String device;
  private final String type;
  private final boolean writeable;
  private final PrivateMount place;
  private final Progress progress;
  private final List<Finding> findings = new ArrayList<>();
  private final List<String> copied = new ArrayList<>();

  /// @param type what was recognised on the device
  /// @param writeable whether the device may be written to
  ContentInspection(
      HostCommands host,
      String device,
      String type,
      boolean writeable,
      PrivateMount place,
      Progress progress) {
    this.host = host;
    this.device = device;
    this.type = type;
    this.writeable = writeable;
    this.place = place;
    this.progress = progress;
  }

  Inspection inspect(InspectionRequest request) throws StorageFailure {
    if (!isExt() && !type.equals("xfs")) {
      found(
          "recognise",
          false,
          type.isEmpty()
              ? "nothing that Lumeo knows is on it"
              : "a %s is on it, which Lumeo cannot look into".formatted(type));
      return result();
    }
    if (request.checkFileSystem()) {
      checkFileSystem();
    }
    if (wantsFiles(request)) {
      lookAtFiles(request);
    }
    return result();
  }

  private Inspection result() {
    return new Inspection(List.copyOf(findings), List.copyOf(copied));
  }

  private boolean isExt() {
    return type.matches("ext[234]");
  }

  private static boolean wantsFiles(InspectionRequest request) {
    return !request.sentinels().isEmpty()
        || !request.checksums().isEmpty()
        || !request.copyOut().isEmpty();
  }

  // --- the file system as a whole

  private void checkFileSystem() throws StorageFailure {
    step("check the file system");
    if (writeable && !mount("replay its log", isExt() ? SAFE : SAFE + ",nouuid")) {
      return;
    }
    if (writeable) {
      unmount();
    }
    var checker = isExt() ? List.of("e2fsck", "-fn", device) : List.of("xfs_repair", "-n", device);
    var result = host.run(Command.of(checker).within(Step.LONG));
    if (result.succeeded()) {
      found("check the file system", true, String.join(" ", checker) + " finds nothing wrong");
    } else if (!writeable && complainsOfLog(result)) {
      found(
          "mount without the log",
          canBeMounted(),
          "its log was not replayed, as it may not be written to, so %s cannot judge it"
              .formatted(checker.getFirst()));
    } else {
      found(
          "check the file system",
          false,
          "%s ended with status %d: %s"
              .formatted(checker.getFirst(), result.exit(), Words.printable(result.complaint())));
    }
  }

  private static boolean complainsOfLog(CommandResult result) {
    var text = (result.stdout() + result.stderr()).toLowerCase(Locale.ROOT);
    return text.contains("in a log") || text.contains("journal") || text.contains("dirty log");
  }

  private boolean canBeMounted() throws StorageFailure {
    boolean mounted = mount("mount", readOnlyOptions());
    if (mounted) {
      unmount();
    }
    return mounted;
  }

  private String readOnlyOptions() {
    var options = SAFE + ",ro";
    if (isExt()) {
      return writeable ? options : options + ",noload";
    }
    return writeable ? options + ",nouuid" : options + ",nouuid,norecovery";
  }

  private boolean mount(String why, String options) throws StorageFailure {
    var result =
        place.run(QUICK, "mount", "-t", type, "-o", options, device, place.tree().toString());
    if (!result.succeeded()) {
      found(
          why,
          false,
          "it cannot be mounted (%s): %s".formatted(options, Words.printable(result.complaint())));
    }
    return result.succeeded();
  }

  private void unmount() throws StorageFailure {
    place.run(QUICK, "umount", place.tree().toString());
  }

  // --- files

  private void lookAtFiles(InspectionRequest request) throws StorageFailure {
    if (!mount("mount", readOnlyOptions())) {
      return;
    }
    try {
      for (var path : request.sentinels()) {
        step("look for " + Words.printable(path));
        resolve("find " + Words.printable(path), path)
            .ifPresent(file -> found("find " + Words.printable(path), true, "it is there"));
      }
      for (var expected : new TreeMap<>(request.checksums()).entrySet()) {
        checksum(expected.getKey(), expected.getValue());
      }
      for (var path : request.copyOut()) {
        copyOut(path, request.copyTo());
      }
    } finally {
      unmount();
    }
  }

  private void checksum(String path, String expected) throws StorageFailure {
    var check = "checksum of " + Words.printable(path);
    step(check);
    var file = resolve(check, path);
    if (file.isEmpty()) {
      return;
    }
    var result = place.run(Step.LONG, "sha256sum", "--", file.get());
    // A name with a backslash in it is announced by one in front of the sum.
    var sum = result.stdout().replaceFirst("^\\\\", "").split(" ", 2)[0];
    if (!result.succeeded()) {
      found(check, false, Words.printable(result.complaint()));
    } else if (sum.equals(expected.toLowerCase(Locale.ROOT))) {
      found(check, true, sum);
    } else {
      found(check, false, "it is %s and not %s".formatted(sum, Words.printable(expected)));
    }
  }

  private void copyOut(String path, @Nullable Path target) throws StorageFailure {
    var check = "copy " + Words.printable(path);
    step(check);
    if (target == null || !target.isAbsolute()) {
      throw new Refused("a folder to copy to is needed, with its whole path");
    }
    var file = resolve(check, path);
    if (file.isEmpty()) {
      return;
    }
    var copy = target.resolve(Path.of(file.get()).getFileName()).toString();
    if (!place.run(QUICK, "test", "-d", target.toString()).succeeded()) {
      found(check, false, "there is no folder %s".formatted(target));
    } else if (place.run(QUICK, "test", "-e", copy).succeeded()) {
      found(check, false, "%s exists already and is not overwritten".formatted(copy));
    } else {
      var result = place.run(Step.LONG, "cp", "-a", "--", file.get(), target.toString());
      found(
          check,
          result.succeeded(),
          result.succeeded() ? copy : Words.printable(result.complaint()));
      if (result.succeeded()) {
        copied.add(copy);
      }
    }
  }

  /// Where a path inside really is. Links in a snapshot may lead anywhere, and what is outside it
  /// is none of its files.
  private Optional<String> resolve(String check, String path) throws StorageFailure {
    if (List.of(path.split("/")).contains("..") || path.indexOf('\0') >= 0) {
      found(check, false, "a path inside has no .. in it");
      return Optional.empty();
    }
    var inside = place.tree() + "/" + path.replaceFirst("^/+", "");
    var real = place.run(QUICK, "realpath", "-e", "-z", "--", inside);
    if (!real.succeeded()) {
      found(check, false, "it is not there");
      return Optional.empty();
    }
    var file = real.stdout().replace("\0", "");
    if (!file.startsWith(place.tree() + "/")) {
      found(check, false, "it is a link that leads out of the snapshot");
      return Optional.empty();
    }
    return Optional.of(file);
  }

  private void step(String what) throws Cancelled {
    progress.report(what, findings.size(), 0);
    if (progress.isCancelled()) {
      throw new Cancelled("the inspection was stopped before it could " + what);
    }
  }

  private void found(String check, boolean passed, String detail) {
    findings.add(new Finding(check, passed, detail));
  }
}
