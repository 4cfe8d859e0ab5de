package io.lumeo.forecasts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningResultsTest {
  @TempDir Path folder;
  private Database database;
  private TuningResults results;

  @BeforeEach
  void open() throws IOException {
    database = Database.open(folder.resolve("state.db"));
    results = TuningResults.open(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static TuningResult result(String chunk, double iops, String machine, int day) {
    return new TuningResult(
        "chunk-size",
        new TreeMap<>(Map.of("chunk", chunk, "workload", "randwrite")),
        new TreeMap<>(Map.of("write_iops", iops)),
        machine,
        Instant.parse("2026-03-%02dT00:00:00Z".formatted(day)));
  }

  @Test
  void whatWasMeasuredIsFoundNewestFirst() throws IOException {
    var old = result("64k", 900, "a", 1);
    var other = result("128k", 950, "a", 2);
    var again = result("64k", 880, "a", 3);
    results.add(List.of(old, other));
    results.add(List.of(again, result("64k", 5000, "b", 4)));
    assertThat(results.find("chunk-size", "a")).containsExactly(again, other, old);
    assertThat(results.baseline("chunk-size", "a")).containsExactly(again, other);
    assertThat(results.find("layout", "a")).isEmpty();
    assertThat(results.machines("chunk-size")).containsExactly("a", "b");
    try (var reader = Database.openToRead(folder.resolve("state.db"))) {
      assertThat(TuningResults.openToRead(reader).find("chunk-size", "b")).hasSize(1);
    }
  }

  @Test
  void aRunIsKeptWholeOrNotAtAll() {
    var bad =
        new TuningResult(
            "chunk-size",
            new TreeMap<>(),
            new TreeMap<>(Map.of("write_iops", Double.NaN)),
            "a",
            Instant.EPOCH);
    assertThatThrownBy(() -> results.add(List.of(result("64k", 900, "a", 1), bad)))
        .hasMessageContaining("NOT NULL");
    assertThat(results.find("chunk-size", "a")).isEmpty();
  }
}
