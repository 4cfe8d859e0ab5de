package io.lumeo.server;

import io.lumeo.cli.Console;
import io.lumeo.cli.ExitCode;
import io.lumeo.cli.PoolFormat;
import io.lumeo.cli.Size;
import io.lumeo.cli.Stop;
import io.lumeo.cli.TwoFiles;
import io.lumeo.thin.PoolFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo up`: the server in the foreground, until Ctrl-C or SIGTERM.
@Command(name = "up")
final class UpCommand implements Callable<Integer> {
  private final Console console;
  private final Stop stop;

  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      description = "The pool's directory (default: $LUMEO_DIR, else ./lumeo-data).",
      defaultValue = "${env:LUMEO_DIR:-lumeo-data}")
  private Path directory = Path.of("lumeo-data");

  @Mixin private TwoFiles twoFiles = new TwoFiles();

  @Option(
      names = "--nbd",
      paramLabel = "WHERE",
      description = {
        "Where NBD is let in: none, unix (only the socket, which is the owner's), or besides the"
            + " socket an address (default: "
            + ServerOptions.NBD_ADDRESS
            + ").",
        "NBD on TCP asks for no password: every user of this machine can read and write the"
            + " volumes there."
      },
      defaultValue = ServerOptions.NBD_ADDRESS)
  private String nbd = ServerOptions.NBD_ADDRESS;

  @Option(
      names = "--rest",
      paramLabel = "ADDRESS",
      description = "Where REST listens (default: " + ServerOptions.REST_ADDRESS + ").",
      defaultValue = ServerOptions.REST_ADDRESS)
  private String rest = ServerOptions.REST_ADDRESS;

  @Option(
      names = "--socket",
      paramLabel = "FILE",
      description = "The Unix socket for NBD (default: DIR/nbd.sock).")
  private @Nullable Path socket;

  @Option(
      names = "--volume",
      paramLabel = "NAME",
      description = "The volume a new pool begins with (default: vol0).",
      defaultValue = ServerOptions.FIRST_VOLUME)
  private String firstVolume = ServerOptions.FIRST_VOLUME;

  @Option(
      names = "--volume-size",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      description = "Its size (default: 10G).",
      defaultValue = "10G")
  private Size firstVolumeSize = new Size(ServerOptions.FIRST_VOLUME_BYTES);

  @Mixin private PoolFormat format = new PoolFormat();

  UpCommand(Console console, Stop stop) {
    this.console = console;
    this.stop = stop;
  }

  @Override
  public Integer call() throws IOException {
    try (var server = Server.start(options())) {
      console.out().println(new Welcome(server, directory, console.command()).text());
      console.out().flush();
      stop.arm();
      stop.await();
      say("stopping: finishing what is in flight");
    }
    say("stopped: the pool is committed and closed");
    return ExitCode.OK.code();
  }

  private ServerOptions options() throws IOException {
    return new ServerOptions(
        directory,
        twoFiles.areGiven() ? twoFiles.files() : PoolFiles.in(directory),
        format,
        firstVolume,
        firstVolumeSize.bytes(),
        NbdDoors.of(nbd, socket == null ? directory.resolve("nbd.sock") : socket),
        ServerOptions.address(rest));
  }

  private void say(String line) {
    console.out().println(line);
    console.out().flush();
  }
}
