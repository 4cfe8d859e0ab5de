package io.lumeo.configuration;

import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;

/// `reports:`.
final class ReportKeys {
  private static final Key<String> NAME =
      Key.required(
          "name", Scalars.naming(Reading.Names.REPORT, Scalars.ID), "what its files are called");
  private static final Key<ReportSettings.Format> FORMAT =
      Key.defaulting(
          "format",
          Scalars.oneOf(ReportSettings.Format.class),
          ReportSettings.Format.HTML,
          "html",
          "as what");
  private static final Key<List<ReportSettings.Content>> CONTENT =
      Key.defaulting(
          "content",
          Listing.atLeastOne(Scalars.oneOf(ReportSettings.Content.class)),
          List.copyOf(EnumSet.allOf(ReportSettings.Content.class)),
          "everything",
          "what is in it");
  private static final Key<List<Glob>> HOSTS =
      Key.defaulting(
          "hosts",
          Listing.atLeastOne(Scalars.references(Reading.Names.HOST)),
          List.of(Glob.ANY),
          "['*']",
          "which hosts, by name");
  private static final Key<List<String>> CHANNELS =
      Key.defaulting(
          "channels",
          Listing.of(
              Scalars.reference(Reading.Names.CHANNEL)
                  .meaning((name, yaml, path, reading) ->
                      reading.carryReports(name, yaml.place(), path))),
          List.of(),
          "[]",
          "who gets it, by name of channel; it is also kept with the state");

  static final Section<ReportSettings> SHAPE =
      Section.of(
          "report",
          "A report that is made by a schedule",
          TimetableKeys.between(List.of(NAME), List.of(FORMAT, CONTENT, HOSTS, CHANNELS)),
          values ->
              new ReportSettings(
                  values.get(NAME),
                  TimetableKeys.make(values),
                  values.get(FORMAT),
                  java.util.Collections.unmodifiableSet(new LinkedHashSet<>(values.get(CONTENT))),
                  values.get(HOSTS),
                  values.get(CHANNELS)));

  private ReportKeys() {}
}
