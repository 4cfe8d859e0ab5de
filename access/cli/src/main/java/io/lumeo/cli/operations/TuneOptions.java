package io.lumeo.cli.operations;

import io.lumeo.block.StorageException;
import io.lumeo.cli.Size;
import io.lumeo.cli.Span;
import io.lumeo.cli.lvm.HostOptions;
import io.lumeo.tuning.Effort;
import io.lumeo.tuning.Place;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where and how much is measured.
final class TuneOptions extends HostOptions {
  @Option(
      names = "--group",
      paramLabel = "GROUP",
      description = "A volume group with free space; nothing else in it is touched.")
  private @Nullable String group;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "An empty device, instead of a group; may be repeated.")
  private @Nullable List<String> devices;

  @Option(
      names = "--fast-device",
      paramLabel = "DEVICE",
      description = "With --device, a faster one, for metadata.")
  private @Nullable String fast;

  @Option(
      names = "--region",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      defaultValue = "1G",
      description = "What each workload works on; more than the disk's cache (default: 1G).")
  private Size region = new Size(1L << 30);

  @Option(
      names = "--longest",
      paramLabel = "TIME",
      converter = Span.class,
      defaultValue = "10s",
      description = "How long one workload may take (default: 10s).")
  private Duration longest = Duration.ofSeconds(10);

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often all is measured; medians are taken (default: 3).")
  private int rounds = 3;

  @Option(
      names = {"-y", "--yes"},
      description = "Use the space without asking.")
  boolean yes;

  Place place() throws StorageException {
    if ((group == null) == (devices == null)) {
      throw new StorageException.InvalidArgument("say either --group or --device");
    }
    return devices == null
        ? new Place.Group(String.valueOf(group))
        : new Place.Devices(devices, Optional.ofNullable(fast));
  }

  Effort effort() throws StorageException {
    try {
      return new Effort(region.bytes(), longest, rounds);
    } catch (IllegalArgumentException e) {
      throw new StorageException.InvalidArgument(
          "that measures nothing; a region of 1 MiB, a second and a round is the least");
    }
  }
}
