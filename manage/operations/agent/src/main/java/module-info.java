import org.jspecify.annotations.NullMarked;

/// The process that does what the policies decide.
@NullMarked
module io.lumeo.agent {
  requires transitive io.lumeo.alerts;
  requires transitive io.lumeo.audit;
  requires transitive io.lumeo.commands;
  requires transitive io.lumeo.configuration;
  requires transitive io.lumeo.forecasts;
  requires transitive io.lumeo.policies;
  requires transitive io.lumeo.reports;
  requires transitive io.lumeo.state;
  requires transitive io.lumeo.storage;
  requires io.lumeo.lvm;
  requires java.sql;
  requires jdk.httpserver;
  requires jdk.unsupported;
  requires static transitive org.jspecify;

  exports io.lumeo.agent;
  exports io.lumeo.agent.runs;
  exports io.lumeo.agent.watch;
}
