package io.lumeo.configuration;

import java.util.List;

/// An item of `volumes:`.
final class SelectorKeys {
  private static final Key<Glob> HOST =
      Key.defaulting(
          "host", Scalars.references(Reading.Names.HOST), Glob.ANY, "'*'", "which hosts, by name");
  private static final Key<Glob> POOL =
      Key.defaulting(
          "pool",
          Scalars.GLOB,
          Glob.ANY,
          "'*'",
          "which pools: volume groups, thin pools, Lumeo pools, by name");
  private static final Key<Glob> NAME =
      Key.defaulting("name", Scalars.GLOB, Glob.ANY, "'*'", "which volumes, by name");
  private static final Key<List<String>> TAGS =
      Key.defaulting(
          "tags", Listing.of(Scalars.NAME), List.of(), "[]", "tags that a volume must have, all");

  static final Section<Selector> SHAPE =
      Section.of(
          "selector",
          "Volumes that match in every respect",
          List.of(HOST, POOL, NAME, TAGS),
          values ->
              new Selector(values.get(HOST), values.get(POOL), values.get(NAME), values.get(TAGS)));

  private SelectorKeys() {}
}
