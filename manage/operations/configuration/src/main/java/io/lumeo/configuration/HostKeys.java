package io.lumeo.configuration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;

/// `hosts:`.
final class HostKeys {
  private static final Key<String> NAME =
      Key.required("name", Scalars.naming(Reading.Names.HOST), "what the other sections call it");
  private static final Key<String> LVM = Choice.kind("lvm");
  private static final Key<String> SSH =
      Key.optional(
          "ssh",
          Scalars.SSH_DESTINATION,
          "the host as one gives it to ssh; without it, this machine");
  private static final Key<Duration> DEADLINE =
      Key.defaulting(
          "deadline",
          Scalars.duration(Duration.ofSeconds(1), Duration.ofDays(1)),
          Duration.ofMinutes(2),
          "2m",
          "how long one command may take");
  private static final Key<String> POOL = Choice.kind("pool");
  private static final Key<Path> FOLDER =
      Key.required("folder", Scalars.PATH, "the folder of the pool's files");

  private static final Section<HostSettings> LVM_HOST =
      Section.of(
          "lvmHost",
          "The volume groups of a machine",
          List.of(NAME, LVM, SSH, DEADLINE),
          values ->
              new HostSettings(
                  values.get(NAME),
                  values
                      .find(SSH)
                      .<HostSettings.Location>map(
                          to -> new HostSettings.RemoteLvm(to, values.get(DEADLINE)))
                      .orElseGet(() -> new HostSettings.LocalLvm(values.get(DEADLINE)))));

  private static final Section<HostSettings> POOL_HOST =
      Section.of(
          "poolHost",
          "A pool of Lumeo's own",
          List.of(NAME, POOL, FOLDER),
          values ->
              new HostSettings(values.get(NAME), new HostSettings.LumeoPool(values.get(FOLDER))));

  static final Shape<HostSettings> SHAPE = choice();

  private HostKeys() {}

  private static Choice<HostSettings> choice() {
    var sections = new LinkedHashMap<String, Section<? extends HostSettings>>();
    sections.put("lvm", LVM_HOST);
    sections.put("pool", POOL_HOST);
    return new Choice<>(sections);
  }
}
