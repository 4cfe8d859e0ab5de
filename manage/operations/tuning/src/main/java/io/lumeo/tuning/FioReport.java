package io.lumeo.tuning;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What fio says of a job, from its JSON. It forgives notes before and behind it, and latencies in
/// microseconds as fio 2 gave them.
final class FioReport {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final double NANOS = 1e9;
  private static final double MICROS = 1e6;

  private FioReport() {}

  /// The figures of the first job, or nothing when this is no report of one, or the job met an
  /// error or did nothing.
  static Optional<Figures> parse(String output, Workload workload) {
    int begin = output.indexOf('{');
    int end = output.lastIndexOf('}');
    if (begin < 0 || end < begin) {
      return Optional.empty();
    }
    try {
      var job = MAPPER.readTree(output.substring(begin, end + 1)).path("jobs").path(0);
      if (job.isMissingNode() || job.path("error").asInt(0) != 0) {
        return Optional.empty();
      }
      return figures(job.path(workload.writes() ? "write" : "read"));
    } catch (JacksonException noJson) {
      return Optional.empty();
    }
  }

  private static Optional<Figures> figures(JsonNode side) {
    double iops = side.path("iops").asDouble(0);
    if (iops <= 0) {
      return Optional.empty();
    }
    var bytes = side.path("io_bytes").asLong(0);
    return Optional.of(
        new Figures(iops, bytesPerSecond(side), latency(side), percentile(side), bytes));
  }

  private static double bytesPerSecond(JsonNode side) {
    return side.has("bw_bytes")
        ? side.path("bw_bytes").asDouble(0)
        : side.path("bw").asDouble(0) * 1024;
  }

  private static double latency(JsonNode side) {
    return side.has("lat_ns")
        ? side.path("lat_ns").path("mean").asDouble(0) / NANOS
        : side.path("lat").path("mean").asDouble(0) / MICROS;
  }

  private static double percentile(JsonNode side) {
    return side.has("clat_ns")
        ? side.path("clat_ns").path("percentile").path("99.000000").asDouble(0) / NANOS
        : side.path("clat").path("percentile").path("99.000000").asDouble(0) / MICROS;
  }
}
