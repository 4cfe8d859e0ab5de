package io.lumeo.configuration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `growth:`.
final class GrowthKeys {
  private static final Key<String> NAME =
      Key.required("name", Scalars.naming(Reading.Names.GROWTH), "what messages call it");
  private static final Key<Glob> HOST =
      Key.defaulting(
          "host", Scalars.references(Reading.Names.HOST), Glob.ANY, "'*'", "which hosts, by name");
  private static final Key<Glob> POOL =
      Key.optional("pool", Scalars.PATH_GLOB, "which pools grow: vg0/thin, or a Lumeo pool's name");
  private static final Key<Glob> VOLUME =
      Key.optional("volume", Scalars.PATH_GLOB, "which volumes grow: vg0/home");
  private static final Key<Glob> STORE =
      Key.optional(
          "store", Scalars.PATH_GLOB, "which classic snapshots' stores grow: vg0/home-snap*");
  private static final Key<GrowthSettings.FileSystem> FILE_SYSTEM =
      Key.defaulting(
          "fileSystem",
          Scalars.oneOf(GrowthSettings.FileSystem.class),
          GrowthSettings.FileSystem.GROW,
          "grow",
          "whether what lies on a volume grows with it");
  private static final Key<Path> MOUNT_POINT =
      Key.optional(
          "mountPoint", Scalars.PATH, "where the file system must be mounted for the rule to hold");
  private static final Key<GrowthSettings.Mode> MODE =
      Key.defaulting(
          "mode",
          Scalars.oneOf(GrowthSettings.Mode.class),
          GrowthSettings.Mode.MANAGED,
          "managed",
          "who does it: Lumeo, or LVM by its own rules");
  private static final Key<Amount> THRESHOLD =
      Key.defaulting(
          "threshold",
          amount(),
          new Amount.Percent(80),
          "80%",
          "how full it is when it grows, as a share or as a size");
  private static final Key<Amount> STEP =
      Key.defaulting(
          "step", amount(), new Amount.Percent(20), "20%", "by how much, of its size or as a size");
  private static final Key<Amount> MAXIMUM =
      Key.optional(
          "maximum", amount(), "where it stops, as a size or as a share of the volume group");
  private static final Key<Duration> COOL_DOWN =
      Key.defaulting(
          "coolDown",
          Scalars.DURATION,
          Duration.ofMinutes(10),
          "10m",
          "how long after growth none follows, unless it would be full");
  private static final Key<Amount> RESERVE =
      Key.defaulting(
          "reserve",
          Scalars.AMOUNT,
          new Amount.Bytes(0),
          "0B",
          "what stays free in the volume group whatever happens");
  private static final Key<Duration> LEAD_TIME =
      Key.optional(
          "leadTime",
          Scalars.DURATION,
          "how far ahead of the foreseen end it grows, threshold or not");
  private static final Key<List<String>> SPARE_DEVICES =
      Key.defaulting(
          "spareDevices",
          Listing.of(Scalars.map(Scalars.PATH, Path::toString)),
          List.of(),
          "[]",
          "devices that the volume group may be given when it is out of space");

  private static final Key<Amount> METADATA_THRESHOLD =
      Key.defaulting(
          "threshold", amount(), new Amount.Percent(70), "70%", "how full it is when it grows");
  private static final Key<Amount> METADATA_STEP =
      Key.defaulting("step", amount(), new Amount.Percent(25), "25%", "by how much");
  private static final Key<Amount> METADATA_MAXIMUM =
      Key.optional("maximum", amount(), "where it stops");
  private static final Key<GrowthSettings.Metadata> METADATA =
      Key.optional(
          "metadata",
          Section.of(
                  "metadataGrowth",
                  "How the metadata of a pool grows, and its spare with it",
                  List.of(METADATA_THRESHOLD, METADATA_STEP, METADATA_MAXIMUM),
                  values ->
                      new GrowthSettings.Metadata(
                          values.get(METADATA_THRESHOLD),
                          values.get(METADATA_STEP),
                          values.find(METADATA_MAXIMUM)))
              .checked((values, reading) ->
                  growsBelowItsMaximum(values, METADATA_THRESHOLD, METADATA_MAXIMUM, reading)),
          "how the metadata of a pool grows, and its spare with it");

  static final Section<GrowthSettings> SHAPE =
      Section.of(
              "growth",
              "How something grows before it is full",
              List.of(
                  NAME,
                  HOST,
                  POOL,
                  VOLUME,
                  STORE,
                  FILE_SYSTEM,
                  MOUNT_POINT,
                  MODE,
                  THRESHOLD,
                  STEP,
                  MAXIMUM,
                  COOL_DOWN,
                  RESERVE,
                  LEAD_TIME,
                  SPARE_DEVICES,
                  METADATA),
              GrowthKeys::growth)
          .exactlyOneOf(POOL, VOLUME, STORE)
          .checked(GrowthKeys::claim)
          .checked(GrowthKeys::keysFitTheTarget)
          .checked(GrowthKeys::keysFitTheMode)
          .checked((values, reading) -> growsBelowItsMaximum(values, THRESHOLD, MAXIMUM, reading));

  private GrowthKeys() {}

  private static Scalar<Amount> amount() {
    return Scalars.AMOUNT.meaning((amount, yaml, path, reading) -> {
      var nothing =
          switch (amount) {
            case Amount.Bytes(var bytes) -> bytes == 0;
            case Amount.Percent(var percent) -> percent == 0;
          };
      if (nothing) {
        throw new WrongValue("is nothing; it must be more than 0");
      }
    });
  }

  private static GrowthSettings growth(Values values) {
    return new GrowthSettings(
        values.get(NAME),
        values.get(HOST),
        target(values),
        values.get(MODE),
        values.get(THRESHOLD),
        values.get(STEP),
        values.find(MAXIMUM),
        values.get(COOL_DOWN),
        values.get(RESERVE),
        values.find(LEAD_TIME),
        values.get(SPARE_DEVICES),
        values.find(METADATA));
  }

  private static GrowthSettings.Target target(Values values) {
    if (values.isWritten(POOL)) {
      return new GrowthSettings.Pools(values.get(POOL));
    } else if (values.isWritten(VOLUME)) {
      return new GrowthSettings.Volumes(
          values.get(VOLUME), values.get(FILE_SYSTEM), values.find(MOUNT_POINT));
    }
    return new GrowthSettings.Stores(values.get(STORE));
  }

  private static void claim(Values values, Reading reading) {
    for (var key : List.of(POOL, VOLUME, STORE)) {
      values
          .find(key)
          .ifPresent(object ->
              reading.claim(
                  new GrowthClaim(
                      values.find(HOST).orElse(Glob.ANY),
                      key.name(),
                      object,
                      values.find(MODE).orElse(GrowthSettings.Mode.MANAGED),
                      values.place(key),
                      Section.join(values.path(), key.name()))));
    }
  }

  private static void keysFitTheTarget(Values values, Reading reading) {
    if (!values.isWritten(VOLUME)) {
      refuse(
          values,
          List.of(FILE_SYSTEM, MOUNT_POINT),
          "only volumes have a file system; use it together with 'volume'",
          reading);
    }
    if (!values.isWritten(POOL)) {
      refuse(
          values,
          List.of(METADATA),
          "only pools have metadata; use it together with 'pool'",
          reading);
    }
  }

  private static void keysFitTheMode(Values values, Reading reading) {
    if (values.find(MODE).filter(GrowthSettings.Mode.DELEGATE::equals).isEmpty()) {
      return;
    }
    if (values.isWritten(VOLUME)) {
      reading.mistake(
          values.place(MODE),
          Section.join(values.path(), "mode"),
          "LVM extends pools and snapshots by itself, never volumes; only 'managed' is possible");
    }
    refuse(
        values,
        List.of(COOL_DOWN, RESERVE, LEAD_TIME, SPARE_DEVICES),
        "LVM knows nothing like it when it extends by itself; remove it or make the mode managed",
        reading);
  }

  private static void refuse(Values values, List<Key<?>> keys, String why, Reading reading) {
    for (var key : keys) {
      if (values.isWritten(key)) {
        reading.mistake(values.place(key), Section.join(values.path(), key.name()), why);
      }
    }
  }

  /// A rule whose maximum is reached before its threshold would be there and never do anything.
  private static void growsBelowItsMaximum(
      Values values, Key<Amount> threshold, Key<Amount> maximum, Reading reading) {
    Optional<Amount> most = values.find(maximum);
    if (values.find(threshold).orElse(null) instanceof Amount.Bytes(var from)
        && most.orElse(null) instanceof Amount.Bytes(var to)
        && to <= from) {
      reading.mistake(
          values.place(maximum),
          Section.join(values.path(), maximum.name()),
          "is not above the threshold; it would never grow");
    }
  }
}
