package io.lumeo.cli.lvm;

import io.lumeo.cli.Printer;
import io.lumeo.cli.Printer.Column;
import io.lumeo.cli.Size;
import io.lumeo.storage.Change;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `lumeo lvm trash …`
@Command(
    name = "trash",
    description = "See, restore and purge what was removed.",
    synopsisSubcommandLabel = "COMMAND")
final class TrashVerbs {
  private static final String NAME_TAG = "lumeo.trash=";
  private static final String UNTIL_TAG = "lumeo.trash-until=";

  private static final List<Column<Trashed>> COLUMNS =
      List.of(
          Column.text("VOLUME", Trashed::volume),
          Column.text("WAS", Trashed::was),
          Column.number("SIZE", item -> Size.human(item.sizeBytes())),
          Column.text("UNTIL", Trashed::until));

  private final HostSession session;

  TrashVerbs(HostSession session) {
    this.session = session;
  }

  /// Something in the trash.
  ///
  /// @param was what it was called before
  /// @param until when it may be purged, or null when nobody can tell
  public record Trashed(
      String volume, String uuid, String was, long sizeBytes, @Nullable Instant until) {}

  @Command(name = "list", description = "Lists what is in the trash and until when.")
  void list(@Mixin HostOptions options) throws StorageFailure, IOException {
    var found = session.look(options);
    var items =
        found.inventory().volumes().stream()
            .flatMap(volume -> trashed(found, volume).stream())
            .toList();
    session.printer(options).list(items, COLUMNS);
  }

  private static Optional<Trashed> trashed(Found found, Volume volume) {
    return tag(volume, NAME_TAG)
        .map(was ->
            new Trashed(
                found.fullName(volume),
                volume.uuid(),
                was,
                volume.sizeBytes(),
                tag(volume, UNTIL_TAG)
                    .filter(seconds -> seconds.matches("[0-9]{1,12}"))
                    .map(seconds -> Instant.ofEpochSecond(Long.parseLong(seconds)))
                    .orElse(null)));
  }

  private static Optional<String> tag(Volume volume, String prefix) {
    return volume.tags().stream()
        .filter(tag -> tag.startsWith(prefix))
        .map(tag -> tag.substring(prefix.length()))
        .findFirst();
  }

  @Command(name = "restore", description = "Gives something its name and its device back.")
  void restore(
      @Mixin HostChange options,
      @Parameters(paramLabel = "VOLUME", description = NAMES) String name)
      throws StorageFailure, IOException {
    session.change(options, found -> new Change.RestoreFromTrash(inTrash(found, name).uuid()));
  }

  @Command(
      name = "purge",
      description = "Removes something for good that has been in the trash for its time.")
  void purge(
      @Mixin HostDestroy options,
      @Parameters(paramLabel = "VOLUME", description = NAMES) String name)
      throws StorageFailure, IOException {
    session.destroy(
        options,
        found -> new Change.Purge(inTrash(found, name).uuid()),
        _ -> "%s is lost for good".formatted(name));
  }

  private static final String NAMES =
      "GROUP/NAME, as it was called or as it is called in the trash.";

  /// What is in the trash under a name it has, or the one thing that had this name.
  private static Volume inTrash(Found found, String name) throws StorageFailure {
    var had =
        found.inventory().volumes().stream()
            .filter(volume -> hadName(found, volume, name))
            .toList();
    if (had.size() > 1) {
      throw new StorageFailure.Refused(
          "%d things in the trash were called %s; name the one you mean as 'lumeo lvm trash list'"
                  .formatted(had.size(), Printer.oneLine(name))
              + " does");
    }
    return had.isEmpty() ? found.volume(name) : had.getFirst();
  }

  private static boolean hadName(Found found, Volume volume, String name) {
    var full = found.fullName(volume);
    var group = full.substring(0, full.length() - volume.name().length());
    return tag(volume, NAME_TAG).map(was -> name.equals(group + was)).orElse(false);
  }
}
