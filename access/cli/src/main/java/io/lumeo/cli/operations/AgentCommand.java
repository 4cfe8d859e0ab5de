package io.lumeo.cli.operations;

import io.lumeo.agent.Agent;
import io.lumeo.agent.AgentProcess;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Lookout;
import io.lumeo.block.StorageException;
import io.lumeo.cli.Stop;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.Secrets;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `lumeo agent`: looks after the hosts of a configuration until it is told to stop.
@Command(
    name = "agent",
    footer = {
      "",
      "SIGHUP has it read its configuration again; a bad one is refused and the old one goes on."
          + " SIGTERM and Ctrl-C stop it after what is under way. A second agent on the same state"
          + " refuses to start."
    })
final class AgentCommand implements Callable<Integer> {
  private final OperationsSession session;
  private final Stop stop;
  private final Lookout.Factory lookout;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration (default: $LUMEO_CONFIG, else /etc/lumeo/lumeo.yaml).")
  private @Nullable Path configuration;

  AgentCommand(OperationsSession session, Stop stop, Lookout.Factory lookout) {
    this.session = session;
    this.stop = stop;
    this.lookout = lookout;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    var around = session.surroundings();
    var file = ConfigurationFile.of(configuration, around);
    var read = file.read();
    var other = new RunningAgent(OperationsSession.stateFile(read), around.connections()).id();
    if (other.isPresent()) {
      throw new StorageException.Busy(
          "an agent looks after this already, process %d; stop that one first"
              .formatted(other.getAsLong()));
    }
    session.console().out().println("looking after the hosts of " + file.path());
    session.console().out().flush();
    stop.arm();
    AgentProcess.run(
        file.path(),
        new Agent.Parts(
            around.time(),
            around.random(),
            this::open,
            lookout,
            new Secrets(around.environment())));
    return 0;
  }

  private HostSetup open(HostSettings settings, Path state) {
    try {
      return new ConfiguredHosts(session.surroundings()).setup(settings, state, false);
    } catch (StorageFailure e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }
}
