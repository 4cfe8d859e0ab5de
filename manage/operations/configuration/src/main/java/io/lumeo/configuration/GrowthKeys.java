package io.lumeo.configuration;

import io.lumeo.policies.Amount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

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
          "who does it: Lumeo, or LVM, which is told the threshold and the step");
  private static final Key<Integer> THRESHOLD =
      Key.optional(
          "threshold",
          Scalars.share(1, 99),
          "how full it is when it grows (default: 80%, of snapshots' stores 70%)");
  private static final Key<Amount> STEP =
      Key.defaulting(
          "step", amount(), new Amount.Percent(20), "20%", "by how much, of its size or as a size");
  private static final Key<Long> MAXIMUM = Key.optional("maximum", Scalars.SIZE, "where it stops");
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
          new Amount.Percent(5),
          "5%",
          "what stays free in the volume group whatever happens");
  private static final Key<Duration> LEAD_TIME =
      Key.defaulting(
          "leadTime",
          Scalars.DURATION,
          Duration.ofHours(1),
          "1h",
          "how far ahead of the foreseen end it grows, threshold or not");
  private static final Key<List<String>> SPARE_DEVICES =
      Key.defaulting(
          "spareDevices",
          Listing.of(Scalars.map(Scalars.PATH, Path::toString)),
          List.of(),
          "[]",
          "devices that the volume group may be given when it is out of space");

  private static final Key<Integer> METADATA_THRESHOLD =
      Key.defaulting("threshold", Scalars.share(1, 99), 70, "70%", "how full it is when it grows");
  private static final Key<Amount> METADATA_STEP =
      Key.defaulting("step", amount(), new Amount.Percent(25), "25%", "by how much");
  private static final Key<Long> METADATA_MAXIMUM =
      Key.optional("maximum", Scalars.SIZE, "where it stops; LVM itself stops at 15.81GiB");
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
                  aStepIsBelowItsMaximum(values, METADATA_STEP, METADATA_MAXIMUM, reading)),
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
          .checked((values, reading) -> aStepIsBelowItsMaximum(values, STEP, MAXIMUM, reading));

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
        values.find(THRESHOLD).orElse(values.isWritten(STORE) ? 70 : 80),
        values.get(STEP),
        values.find(MAXIMUM),
        values.get(COOL_DOWN),
        values.get(RESERVE),
        values.get(LEAD_TIME),
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
    if (values.find(STEP).filter(Amount.Bytes.class::isInstance).isPresent()) {
      reading.mistake(
          values.place(STEP),
          Section.join(values.path(), "step"),
          "LVM extends by a share of the size when it does so by itself; write a percentage");
    }
    if (values.find(THRESHOLD).filter(percent -> percent < 50).isPresent()) {
      reading.mistake(
          values.place(THRESHOLD),
          Section.join(values.path(), "threshold"),
          "LVM extends from 50 % on, and not earlier, when it does so by itself");
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

  /// A rule whose maximum leaves no room for one step would be there and never take one.
  private static void aStepIsBelowItsMaximum(
      Values values, Key<Amount> step, Key<Long> maximum, Reading reading) {
    if (values.find(step).orElse(null) instanceof Amount.Bytes(var bytes)
        && values.find(maximum).filter(most -> most <= bytes).isPresent()) {
      reading.mistake(
          values.place(maximum),
          Section.join(values.path(), maximum.name()),
          "is not above one step; it would never grow by one");
    }
  }
}
