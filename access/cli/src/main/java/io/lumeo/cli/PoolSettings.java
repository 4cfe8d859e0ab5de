package io.lumeo.cli;

import io.lumeo.pools.PoolChange;
import io.lumeo.rest.Records;
import io.lumeo.thin.DiscardMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say how a pool behaves: chosen when it is made, changed at any time.
final class PoolSettings {
  @Option(
      names = "--low-water",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      description = "Free space below which an event is raised (new pools: none).")
  private @Nullable Size lowWater;

  @Option(
      names = "--discard",
      paramLabel = "MODE",
      description = "What discards do: passdown, no-passdown or ignore (new pools: passdown).")
  private @Nullable DiscardMode discard;

  @Option(
      names = "--zero-new-blocks",
      paramLabel = "BOOL",
      arity = "0..1",
      fallbackValue = "true",
      description = "Zero new blocks that are partly written (new pools: true).")
  private @Nullable Boolean zeroNewBlocks;

  @Option(
      names = "--error-if-no-space",
      paramLabel = "BOOL",
      arity = "0..1",
      fallbackValue = "true",
      description =
          "Fail writes that need space at once when there is none, do not queue them (new pools:"
              + " false).")
  private @Nullable Boolean errorIfNoSpace;

  @Option(
      names = "--no-space-timeout",
      paramLabel = "SECONDS",
      description = "How long writes wait for space; 0 is for ever (new pools: 60).")
  private @Nullable Long noSpaceTimeoutSeconds;

  @Option(
      names = "--auto-extend-step",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      description = "Let the data file grow by itself in such steps; 0 turns it off.")
  private @Nullable Size autoExtendStep;

  @Option(
      names = "--auto-extend-max",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      description = "The size that the data file never passes by growing.")
  private @Nullable Size autoExtendMaximum;

  @Option(
      names = "--read-only",
      paramLabel = "BOOL",
      arity = "0..1",
      fallbackValue = "true",
      description = "Never write to the pool (new pools: false).")
  private @Nullable Boolean readOnly;

  /// Whether the pool is asked to be read-only.
  boolean isReadOnly() {
    return readOnly != null && readOnly;
  }

  /// What they change.
  PoolChange change() {
    return new PoolChange(
        null,
        null,
        bytes(lowWater),
        discard,
        zeroNewBlocks,
        readOnly,
        errorIfNoSpace,
        noSpaceTimeoutSeconds,
        bytes(autoExtendStep),
        bytes(autoExtendMaximum));
  }

  /// What they change, in the words of the options: `low-water 1 MiB, discard ignore`.
  @Override
  public String toString() {
    var words = new ArrayList<String>();
    say(words, "low-water", lowWater);
    say(words, "discard", discard == null ? null : Records.word(discard));
    say(words, "zero-new-blocks", zeroNewBlocks);
    say(words, "error-if-no-space", errorIfNoSpace);
    say(
        words,
        "no-space-timeout",
        noSpaceTimeoutSeconds == null ? null : noSpaceTimeoutSeconds + " s");
    say(words, "auto-extend-step", autoExtendStep);
    say(words, "auto-extend-max", autoExtendMaximum);
    say(words, "read-only", readOnly);
    return String.join(", ", words);
  }

  private static void say(List<String> words, String option, @Nullable Object value) {
    if (value != null) {
      words.add(option + " " + value);
    }
  }

  private static @Nullable Long bytes(@Nullable Size size) {
    return size == null ? null : size.bytes();
  }
}
