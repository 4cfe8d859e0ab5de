import org.jspecify.annotations.NullMarked;

/// The command line: what people type, and what they read back.
@NullMarked
module io.lumeo.cli {
  requires transitive info.picocli;
  requires transitive io.lumeo.agent;
  requires transitive io.lumeo.commands;
  requires transitive io.lumeo.pools;
  requires transitive io.lumeo.rest;
  requires transitive io.lumeo.storage;
  requires transitive io.lumeo.thin;
  requires io.lumeo.audit;
  requires io.lumeo.configuration;
  requires io.lumeo.doctor;
  requires io.lumeo.forecasts;
  requires io.lumeo.alerts;
  requires io.lumeo.reports;
  requires io.lumeo.tuning;
  requires io.lumeo.lvm;
  requires io.lumeo.policies;
  requires io.lumeo.state;
  requires static transitive org.jspecify;

  exports io.lumeo.cli;
  exports io.lumeo.cli.lvm;
  exports io.lumeo.cli.operations;

  opens io.lumeo.cli to
      info.picocli;
  opens io.lumeo.cli.lvm to
      info.picocli;
  opens io.lumeo.cli.operations to
      info.picocli;
}
