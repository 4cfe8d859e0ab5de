package io.lumeo.cli;

import io.lumeo.pools.VolumeRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `lumeo clone`
@Command(name = "clone")
final class CloneCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private Change change = new Change();

  @Parameters(index = "0", paramLabel = "ORIGIN", description = "The snapshot or volume.")
  private String origin = "";

  @Parameters(index = "1", paramLabel = "NAME", description = "The name of the clone.")
  private String name = "";

  @Mixin private Tags tags = new Tags();

  CloneCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    session.change(
        change,
        "clone '%s' as '%s'".formatted(origin, name),
        pool -> {
          pool.get(origin);
          Session.requireFree(pool, name);
        },
        pool -> pool.create(VolumeRequest.clone(name, origin, tags.list())),
        made -> "'%s' is a clone of '%s'".formatted(made.name(), origin));
    return ExitCode.OK.code();
  }
}
