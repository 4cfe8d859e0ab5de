package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.pools.Lineage;
import io.lumeo.pools.SnapshotRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo snapshot …`
@Command(name = "snapshot", synopsisSubcommandLabel = "COMMAND")
final class SnapshotCommands {
  private final Session session;

  SnapshotCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "create",
      description = {
        "Takes a snapshot: what ORIGIN, a volume or a snapshot, holds at this moment.",
        "More pairs of ORIGIN and NAME are taken at the same instant, all or none."
      })
  void create(
      @Mixin Change change,
      @Parameters(
              paramLabel = "ORIGIN NAME",
              arity = "2..*",
              hideParamSyntax = true,
              description = "The volume, and the name of its snapshot.")
          List<String> pairs,
      @Mixin Tags tags)
      throws IOException {
    var requests = requests(pairs, tags.list());
    var names = requests.stream().map(SnapshotRequest::name).collect(Collectors.joining("', '"));
    session.change(
        change,
        "take snapshot '%s'".formatted(names),
        pool -> {
          for (var request : requests) {
            pool.get(request.origin());
            Session.requireFree(pool, request.name());
          }
        },
        pool -> pool.snapshot(requests),
        _ -> "snapshot '%s' taken".formatted(names));
  }

  private static List<SnapshotRequest> requests(List<String> pairs, List<String> tags)
      throws StorageException {
    if (pairs.size() % 2 != 0) {
      throw new StorageException.InvalidArgument(
          "'%s' has no name for its snapshot; give pairs of ORIGIN and NAME"
              .formatted(pairs.getLast()));
    }
    var requests = new ArrayList<SnapshotRequest>();
    for (int i = 0; i < pairs.size(); i += 2) {
      requests.add(new SnapshotRequest(pairs.get(i + 1), pairs.get(i), tags));
    }
    return requests;
  }

  @Command(name = "list", description = "Lists the snapshots, all or those of a volume.")
  void list(
      @Mixin Ask ask,
      @Parameters(
              paramLabel = "VOLUME",
              arity = "0..1",
              description = "Only those taken of this volume.")
          @Nullable String origin)
      throws IOException {
    var snapshots =
        session.look(ask, pool -> pool.list()).stream()
            .filter(volume -> volume.isSnapshot())
            .filter(snapshot -> origin == null || origin.equals(snapshot.origin()))
            .toList();
    session.printer(ask).list(snapshots, VolumeCommands.COLUMNS);
  }

  @Command(
      name = "show",
      description = "Shows a snapshot, with what deleting it would free (exclusive).")
  void show(
      @Mixin Ask ask, @Parameters(paramLabel = "NAME", description = "The snapshot.") String name)
      throws IOException {
    var snapshot =
        session.look(
            ask,
            pool -> {
              Session.snapshot(pool, name);
              return session.watched(ask, "counting", bar -> pool.show(name, bar));
            });
    session.printer(ask).show(snapshot);
  }

  @Command(
      name = "rollback",
      description = {
        "Makes a volume what it was when the snapshot was taken. The snapshot stays.",
        "The snapshot must be of the volume, or both of one origin. A volume that is mounted or has"
            + " clients is not touched."
      })
  void rollback(
      @Mixin Destroy destroy,
      @Parameters(paramLabel = "VOLUME", description = "The volume.") String volume,
      @Option(
              names = "--to",
              paramLabel = "SNAPSHOT",
              required = true,
              description = "The snapshot.")
          String snapshot)
      throws IOException {
    session.destroy(
        destroy,
        "roll '%s' back to '%s'".formatted(volume, snapshot),
        pool -> {
          var target = Session.volume(pool, volume);
          new Lineage(pool).requireRelated(target, Session.snapshot(pool, snapshot));
          Session.requireUnmounted(destroy, volume);
          return "rolling back loses what '%s' holds now and '%s' does not"
              .formatted(volume, snapshot);
        },
        pool ->
            session.watched(destroy, "rolling back", bar -> pool.rollback(volume, snapshot, bar)),
        _ -> "'%s' is as it was at '%s'".formatted(volume, snapshot));
  }

  @Command(name = "delete", description = "Deletes a snapshot. What others share with it stays.")
  void delete(
      @Mixin Destroy destroy,
      @Parameters(paramLabel = "NAME", description = "The snapshot.") String name)
      throws IOException {
    session.destroy(
        destroy,
        "delete snapshot '" + name + "'",
        pool -> {
          Session.snapshot(pool, name);
          Session.requireUnmounted(destroy, name);
          return "deleting snapshot '" + name + "' loses what only it holds";
        },
        pool -> {
          session.watched(
              destroy,
              "deleting",
              bar -> {
                pool.delete(name, bar);
                return name;
              });
          return new VolumeCommands.Deleted(name);
        },
        deleted -> "snapshot '%s' deleted".formatted(deleted.deleted()));
  }
}
