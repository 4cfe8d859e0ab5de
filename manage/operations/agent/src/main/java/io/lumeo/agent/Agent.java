package io.lumeo.agent;

import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditLog;
import io.lumeo.audit.AuditPlace;
import io.lumeo.audit.AuditResult;
import io.lumeo.audit.Redaction;
import io.lumeo.configuration.AuditSettings;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ConfigurationFolder;
import io.lumeo.configuration.ConfigurationHistory;
import io.lumeo.configuration.ConfigurationReader;
import io.lumeo.configuration.ConfigurationSource;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.Mistake;
import io.lumeo.configuration.ReadResult;
import io.lumeo.configuration.Secrets;
import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// The agent: one process that looks after all hosts of a configuration until it is told to stop.
///
/// [#run] belongs to one thread; [#reload] and [#stop] may be called from any, as from a signal.
/// There is one agent for a state folder: a second one is refused when it opens the state file.
public final class Agent implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Agent.class.getName());

  /// What trouble with the record is about.
  private static final String RECORD = "record";

  /// How long the rounds that are under way have to end when the agent stops.
  private static final Duration GRACE = Duration.ofSeconds(60);

  /// How long runs are remembered.
  private static final Duration RUNS_FOR = Duration.ofDays(400);

  private static final Duration HOUSEKEEPING_EVERY = Duration.ofHours(6);

  private final Parts parts;
  private final ConfigurationSource source;
  private final Configuration first;
  private final Database database;
  private final AuditLog audit;
  private final KnownSecrets known;
  private final AgentState state;
  private final Lookout lookout;
  private final ClockWatch clock;
  private final TimeSource.Bell bell;
  private final AtomicBoolean reloading = new AtomicBoolean();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final Map<String, Crew> crews = new LinkedHashMap<>();

  /// What an agent is made of, so that each can be played in a test.
  ///
  /// @param hosts makes hosts; given the state folder of the configuration
  public record Parts(
      TimeSource time,
      RandomGenerator random,
      HostFactory hosts,
      Lookout.Factory lookout,
      Secrets secrets) {}

  /// Makes hosts of settings.
  @FunctionalInterface
  public interface HostFactory {
    HostSetup open(HostSettings settings, Path state);
  }

  private Agent(
      Parts parts,
      ConfigurationSource source,
      Configuration first,
      Database database,
      KnownSecrets known)
      throws IOException {
    this.parts = parts;
    this.source = source;
    this.first = first;
    this.database = database;
    this.known = known;
    this.audit =
        AuditLog.open(
            place(first.audit()),
            database,
            parts.time(),
            parts.random(),
            Redaction.of(known::texts));
    this.state =
        new AgentState(
            database,
            audit,
            Ledger.open(audit, database),
            RunBook.open(database),
            Troubles.open(database),
            known.secrets(),
            parts.time(),
            () -> source.current().orElse(first));
    this.lookout = parts.lookout().create(state);
    this.clock = new ClockWatch(parts.time());
    this.bell = parts.time().newBell();
  }

  /// Opens everything an agent needs. Nothing is asked of any host yet.
  ///
  /// @param file the configuration's main file
  /// @throws AgentRefused if the configuration is not right, with all its mistakes
  /// @throws io.lumeo.state.StateException if another agent runs on the same state
  /// @throws IOException if a file cannot be read or written
  public static Agent open(Path file, Parts parts) throws IOException {
    var folder = new ConfigurationFolder(file);
    var reader = new ConfigurationReader();
    var configuration =
        switch (reader.read(folder.read())) {
          case ReadResult.Valid(var valid) -> valid;
          case ReadResult.Refused(var mistakes) -> throw new AgentRefused(lines(mistakes));
        };
    Files.createDirectories(configuration.state());
    var database = Database.open(configuration.state().resolve("state.db"));
    try {
      var history = ConfigurationHistory.open(database, parts.time());
      var source = new ConfigurationSource(folder, reader, history);
      if (source.reload("agent", "the agent started")
          instanceof ConfigurationSource.Change.Refused(var mistakes)) {
        throw new AgentRefused(lines(mistakes));
      }
      var known = new KnownSecrets(parts.secrets());
      known.learn(configuration);
      return new Agent(parts, source, configuration, database, known);
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private static String lines(List<Mistake> mistakes) {
    return mistakes.stream().map(Mistake::toString).collect(Collectors.joining("\n"));
  }

  private static AuditPlace place(AuditSettings settings) {
    return new AuditPlace(settings.file(), settings.anchor(), settings.rotateAtBytes());
  }

  /// What the agent's parts have in common.
  public AgentState state() {
    return state;
  }

  /// Looks after the hosts until it is told to stop, or interrupted. When it returns, no thread of
  /// its own is left.
  ///
  /// @throws IOException if its beginning or end cannot be recorded
  public void run() throws IOException, InterruptedException {
    note("agent.start", AuditResult.DONE, "%d hosts".formatted(configuration().hosts().size()));
    var duties = new Crew(List.of(lane("duties", this::duties)));
    try {
      openHosts(configuration());
      duties.start("duties");
      while (!stopping.get()) {
        keepHouse();
        bell.await(HOUSEKEEPING_EVERY);
        if (reloading.getAndSet(false) && !stopping.get()) {
          reloadNow();
        }
      }
    } finally {
      stopping.set(true);
      duties.stop(GRACE);
      crews.values().forEach(crew -> crew.stop(GRACE));
      crews.clear();
      note("agent.stop", AuditResult.DONE, "all rounds have ended");
    }
  }

  private void keepHouse() {
    state.runs().forget(parts.time().instant().minus(RUNS_FOR));
  }

  private Configuration configuration() {
    return state.configuration().get();
  }

  private void note(String verb, AuditResult result, String reason) throws IOException {
    audit.append(AuditEntry.of("agent", "local", verb, result, reason));
  }

  // --- hosts

  /// The threads that work for one host, or for all.
  private static final class Crew {
    private final List<Lane> lanes;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean dismissed;
    private final Optional<HostSettings> settings;

    Crew(List<Lane> lanes) {
      this(lanes, new AtomicBoolean(), Optional.empty());
    }

    Crew(List<Lane> lanes, AtomicBoolean dismissed, Optional<HostSettings> settings) {
      this.lanes = lanes;
      this.dismissed = dismissed;
      this.settings = settings;
    }

    void start(String name) {
      for (var lane : lanes) {
        threads.add(Thread.ofVirtual().name("agent " + name).start(lane));
      }
    }

    void ring() {
      lanes.forEach(Lane::ring);
    }

    /// Lets the rounds that are under way end, and interrupts those that do not in time.
    void stop(Duration grace) {
      dismissed.set(true);
      ring();
      var interrupted = false;
      for (var thread : threads) {
        try {
          if (interrupted || !thread.join(grace)) {
            thread.interrupt();
            thread.join();
          }
        } catch (InterruptedException e) {
          interrupted = true;
          thread.interrupt();
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void openHosts(Configuration configuration) {
    for (var settings : configuration.hosts()) {
      if (!crews.containsKey(settings.name())) {
        var crew = crew(settings, configuration.state());
        crews.put(settings.name(), crew);
        crew.start(settings.name());
      }
    }
  }

  private Crew crew(HostSettings settings, Path folder) {
    var dismissed = new AtomicBoolean();
    var host = parts.hosts().open(settings, folder);
    var work = new HostWork(host, state, lookout, clock, () -> dismissed.get() || stopping.get());
    return new Crew(
        List.of(
            lane(host.name(), dismissed, work::watch),
            lane(host.name(), dismissed, work::protect),
            lane(host.name(), dismissed, work::upkeep)),
        dismissed,
        Optional.of(settings));
  }

  private Lane lane(String name, Lane.Round round) {
    return lane(name, new AtomicBoolean(), round);
  }

  private Lane lane(String name, AtomicBoolean dismissed, Lane.Round round) {
    return new Lane(
        parts.time(),
        round,
        () -> dismissed.get() || stopping.get(),
        new Lane.Listener() {
          @Override
          public void failed(Exception problem) {
            tell(name, problem);
          }

          @Override
          public void succeeded() {
            state.troubles().clear(name, Trouble.Kind.RECORD_FAILED, RECORD);
          }
        });
  }

  /// A round has failed: the log says so always, and the state if it can still be written.
  private void tell(String name, Exception problem) {
    LOG.log(
        System.Logger.Level.WARNING, () -> "%s: %s".formatted(name, problem.getMessage()), problem);
    if (problem instanceof IOException) {
      try {
        state
            .troubles()
            .report(
                name,
                Trouble.Kind.RECORD_FAILED,
                RECORD,
                String.valueOf(problem.getMessage()),
                parts.time().instant());
      } catch (RuntimeException stateIsFull) {
        LOG.log(System.Logger.Level.ERROR, "the state file takes no changes", stateIsFull);
      }
    }
  }

  // --- duties

  private Instant duties() throws IOException, InterruptedException {
    var next = Instant.MAX;
    for (var duty : lookout.duties()) {
      try {
        var again = duty.perform(parts.time().instant());
        next = again.isBefore(next) ? again : next;
        state.troubles().clear(duty.name(), Trouble.Kind.RECORD_FAILED, RECORD);
      } catch (IOException e) {
        tell(duty.name(), e);
        next = parts.time().instant().plus(Duration.ofMinutes(1));
      }
    }
    return next;
  }

  // --- reload and stop

  /// Reads the configuration again soon, as SIGHUP wants it. A bad file is refused, and the old
  /// configuration goes on.
  public void reload() {
    reloading.set(true);
    bell.ring();
  }

  private void reloadNow() throws IOException {
    switch (source.reload("agent", "it was told to reload")) {
      case ConfigurationSource.Change.Refused(var mistakes) ->
          note(
              "config.reload",
              AuditResult.REFUSED,
              "the old configuration goes on: " + lines(mistakes).replace("\n", "; "));
      case ConfigurationSource.Change.Applied(var version, var configuration) -> {
        known.learn(configuration);
        note(
            "config.reload",
            AuditResult.DONE,
            "version %d%s".formatted(version.number(), stale(configuration)));
        closeHosts(configuration);
        openHosts(configuration);
        crews.values().forEach(Crew::ring);
      }
    }
  }

  /// What of a new configuration only the next start can bring.
  private String stale(Configuration configuration) {
    return configuration.state().equals(first.state())
            && configuration.audit().equals(first.audit())
        ? ""
        : "; where the state and the record are changes at the next start only";
  }

  private void closeHosts(Configuration configuration) {
    crews
        .entrySet()
        .removeIf(entry -> {
          var stays =
              configuration.hosts().stream()
                  .anyMatch(settings -> Optional.of(settings).equals(entry.getValue().settings));
          if (!stays) {
            entry.getValue().stop(GRACE);
          }
          return !stays;
        });
  }

  /// Lets the agent end soon, as SIGTERM wants it: what is under way is ended first.
  public void stop() {
    stopping.set(true);
    bell.ring();
  }

  @Override
  public void close() throws IOException {
    try (database;
        audit) {
      lookout.close();
    }
  }
}
