package io.lumeo.tuning;

import io.lumeo.commands.Command;
import io.lumeo.lvm.HostCommands;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.util.List;

/// Has fio do a workload to a device. The page cache is left out, and what was written is made
/// durable before the time is taken.
record Fio(HostCommands host) {
  /// For starting, laying out its plan and making durable what was written.
  private static final Duration SLACK = Duration.ofMinutes(2);

  /// The same places each time: what is compared must have done the same.
  private static final String SEED = "--randseed=20";

  /// Guards that fio is there.
  void check() throws StorageFailure {
    try {
      host.expectSuccess(Command.of("fio", "--version"));
    } catch (StorageFailure.CommandFailed missing) {
      throw new StorageFailure.Unsupported(
          "%s has no fio, which does the measuring; install fio first (%s)"
              .formatted(host.host(), missing.getMessage()));
    }
  }

  /// What a workload came to.
  ///
  /// @param totalBytes how much is written or read, at most once each place
  Figures run(Workload workload, String device, long totalBytes, Effort effort)
      throws StorageFailure {
    var command =
        Command.of(arguments(workload, device, totalBytes, effort))
            .within(effort.longest().plus(SLACK));
    var result = host.run(command);
    if (!result.succeeded()) {
      throw host.failed(command, result);
    }
    return FioReport.parse(result.stdout(), workload)
        .orElseThrow(() ->
            new StorageFailure.CommandFailed(
                "fio on %s did not say what %s on %s came to: %s"
                    .formatted(host.host(), workload.label(), device, result.complaint())));
  }

  private static List<String> arguments(
      Workload workload, String device, long totalBytes, Effort effort) {
    return List.of(
        "fio",
        "--name=" + workload.label(),
        "--filename=" + device,
        "--rw=" + workload.pattern(),
        "--bs=" + workload.blockBytes(),
        "--iodepth=" + workload.depth(),
        "--ioengine=libaio",
        "--direct=1",
        "--size=" + effort.regionBytes(),
        "--io_size=" + totalBytes,
        "--runtime=" + effort.longest().toSeconds(),
        "--end_fsync=" + (workload.writes() ? "1" : "0"),
        "--allow_file_create=0",
        SEED,
        "--eta=never",
        "--output-format=json");
  }
}
