package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueTest {
  private static final List<Volume.Kind> KINDS = List.of(Volume.Kind.values());

  @TempDir(factory = InMemory.class)
  private Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("catalogue");
  }

  private static Catalogue.Entry entry(int id, String name) {
    return new Catalogue.Entry(
        new Volume(
            name,
            new ThinId(id),
            512L * (id + 1),
            KINDS.get(id % 3),
            id % 2 == 0 ? null : "origin" + id,
            id % 4 == 0 ? null : Instant.parse("2026-11-21T01:02:03.000000004Z"),
            new TreeSet<>(id % 3 == 0 ? List.of() : List.of("a", "b:c=d")),
            id % 5 == 0 ? 65536L : null,
            id % 7 == 0 ? "/a path/with=%20+ü\nand more" : null),
        id,
        id + 3,
        id % 2 == 0 ? null : new ThinId(id / 2));
  }

  private static Map<ThinId, Catalogue.Entry> content(Catalogue catalogue) {
    var content = new HashMap<ThinId, Catalogue.Entry>();
    catalogue.entries().forEach(entry -> content.put(entry.volume().id(), entry));
    return content;
  }

  private Catalogue open() throws IOException {
    return Catalogue.open(file);
  }

  /// A line as it must be, written down here once more.
  private static String line(String record) {
    var crc = new CRC32C();
    crc.update(record.getBytes(StandardCharsets.UTF_8));
    return "%08x %s%n".formatted(crc.getValue(), record);
  }

  @Test
  void everyFieldSurvives() throws IOException {
    var options =
        new PoolOptions(
            7,
            false,
            DiscardMode.NO_PASSDOWN,
            true,
            true,
            java.time.Duration.ofMillis(1500),
            new AutoExtension(1, 2),
            3);
    try (var catalogue = open()) {
      for (int id = 0; id < 40; id++) {
        catalogue.put(List.of(entry(id, "v" + id)));
      }
      catalogue.setOptions(options);
    }
    try (var catalogue = open()) {
      assertThat(catalogue.entries()).hasSize(40);
      assertThat(catalogue.entries())
          .allSatisfy(entry ->
              assertThat(entry)
                  .isEqualTo(entry(entry.volume().id().value(), entry.volume().name())));
      assertThat(catalogue.options()).isEqualTo(options);
    }
  }

  @Test
  void openingAndReadingWritesNothing() throws IOException {
    try (var catalogue = open()) {
      assertThat(catalogue.entries()).isEmpty();
      assertThat(catalogue.options()).isEqualTo(PoolOptions.DEFAULT);
      catalogue.drop(List.of());
      catalogue.put(List.of());
    }
    assertThat(folder).isEmptyDirectory();

    try (var catalogue = open()) {
      catalogue.put(List.of(entry(1, "v")));
    }
    Files.write(
        file, "torn".getBytes(StandardCharsets.UTF_8), java.nio.file.StandardOpenOption.APPEND);
    var before = Files.readAllBytes(file);
    open().close();
    assertThat(file).hasBinaryContent(before);
    assertThat(folder.toFile().list()).containsExactly("catalogue");
  }

  /// A random history; then the power is cut after every byte.
  @SeededTest(seeds = 3)
  void cutAfterAnyByteItSaysWhatWasSaidBefore(Random random) throws IOException {
    var states = new TreeMap<Long, Map<ThinId, Catalogue.Entry>>();
    try (var catalogue = open()) {
      for (int step = 0; step < 60; step++) {
        int id = random.nextInt(12);
        switch (random.nextInt(4)) {
          case 0 -> catalogue.drop(List.of(new ThinId(id)));
          case 1 -> catalogue.setOptions(PoolOptions.DEFAULT.withLowWaterBlocks(id));
          default -> catalogue.put(List.of(entry(id, "v" + step)));
        }
        states.put(Files.size(file), content(catalogue));
      }
    }
    var whole = Files.readAllBytes(file);
    var added = entry(99, "added");
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      var before = states.floorEntry((long) length);
      Map<ThinId, Catalogue.Entry> expected = before == null ? Map.of() : before.getValue();
      try (var catalogue = open()) {
        assertThat(content(catalogue)).as("cut at %d", length).isEqualTo(expected);
        catalogue.put(List.of(added));
      }
      try (var catalogue = open()) {
        assertThat(catalogue.entries()).hasSize(expected.size() + 1).contains(added);
      }
    }
  }

  @Test
  void aDamagedLineLosesItselfAlone() throws IOException {
    try (var catalogue = open()) {
      for (int id = 0; id < 20; id++) {
        catalogue.put(List.of(entry(id, "v" + id)));
      }
    }
    var lines = Files.readAllLines(file);
    var damaged = new ArrayList<>(lines);
    damaged.set(5, damaged.get(5).replace("name=v", "name=w"));
    damaged.set(9, "");
    Files.write(file, damaged);

    try (var catalogue = open()) {
      assertThat(catalogue.entries()).hasSize(18);
      catalogue.put(List.of(entry(50, "new")));
    }
    assertThat(Files.readAllLines(file)).as("in order again").doesNotContain("").hasSize(21);
    try (var catalogue = open()) {
      assertThat(catalogue.entries()).hasSize(19);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "[Unit]\nDescription=foreign",
        "00000000 lumeo-catalogue 1\n",
        "\n\n",
        "\u0000"
      })
  void aForeignFileIsRefusedAndLeftAlone(String content) throws IOException {
    Files.writeString(file, content);

    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("is not a Lumeo catalogue");
    assertThat(file).hasContent(content);
  }

  @Test
  void whatANewerLumeoWroteIsRefused() throws IOException {
    Files.writeString(file, line("lumeo-catalogue 3"));
    assertThatThrownBy(this::open).isInstanceOf(StorageException.Unsupported.class);

    Files.writeString(file, line("lumeo-catalogue 1") + line("encrypt id=7"));
    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.Unsupported.class)
        .hasMessageContaining("'encrypt'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "drop x",
        "drop",
        "drop 16777216",
        "put",
        "put id=1",
        "put id",
        "put id=1 name=v size=x kind=VOLUME transaction=0 time=0",
        "put id=1 name=v size=512 kind=ELEPHANT transaction=0 time=0",
        "put id=1 name=v size=512 kind=VOLUME transaction=0 time=0 created=yesterday",
        "options zero=true"
      })
  void aLineThatMakesNoSenseIsToldByItsNumber(String record) throws IOException {
    Files.writeString(file, line("lumeo-catalogue 1") + line(record));

    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void aFileThatBeginsWithAnotherRecordIsRefused() throws IOException {
    Files.writeString(file, line("drop 1"));

    assertThatThrownBy(this::open).isInstanceOf(StorageException.Damaged.class);
  }

  @Test
  void everyChangeIsCountedThoughHistoryIsForgotten() throws IOException {
    long changes = 0;
    for (int round = 0; round < 5; round++) {
      try (var catalogue = open()) {
        assertThat(catalogue.changeCount()).isEqualTo(changes);
        for (int i = 0; i < 300; i++) {
          catalogue.put(List.of(entry(i % 3, "v" + i)));
        }
        catalogue.drop(List.of(new ThinId(0), new ThinId(1)));
        catalogue.setOptions(PoolOptions.DEFAULT.withLowWaterBlocks(round));
        changes += 303;
        assertThat(catalogue.changeCount()).isEqualTo(changes);
      }
    }
    assertThat(Files.readAllLines(file)).hasSizeLessThan(600);
  }

  /// A Lumeo that knows version 1 alone would take what stands together for one entry.
  @Test
  void oneOfTheFirstVersionIsWrittenAnewByTheFirstChange() throws IOException {
    var entry = "put id=1 name=v size=512 kind=VOLUME transaction=0 time=0";
    var first = line("lumeo-catalogue 1") + line(entry);
    Files.writeString(file, first);
    try (var catalogue = open()) {
      assertThat(catalogue.entries()).hasSize(1);
      assertThat(file).content().isEqualTo(first);

      catalogue.putTogether(List.of(entry(2, "w"), entry(3, "x")));
    }
    assertThat(file).content().startsWith(line("lumeo-catalogue 2"));
    try (var catalogue = open()) {
      assertThat(catalogue.entries()).hasSize(3);
      assertThat(catalogue.changeCount()).isEqualTo(2);
    }
  }

  @Test
  void aRollbackIsKnownUntilItsEndIsWrittenDown() throws IOException {
    var rollback = new Catalogue.Rollback(entry(1, "after"), 7);
    try (var catalogue = open()) {
      catalogue.put(List.of(entry(2, "other")));
      catalogue.put(entry(1, "before"), rollback);
      for (int i = 0; i < 600; i++) {
        catalogue.put(List.of(entry(2, "other" + i)));
      }
    }
    try (var catalogue = open()) {
      assertThat(catalogue.rollbacks()).containsExactly(rollback);
      assertThat(catalogue.entry(new ThinId(1))).isEqualTo(entry(1, "before"));
      assertThat(catalogue.changeCount()).isEqualTo(602);

      catalogue.put(List.of(entry(1, "after")));
      assertThat(catalogue.rollbacks()).isEmpty();
    }
    try (var catalogue = open()) {
      assertThat(catalogue.rollbacks()).isEmpty();
      assertThat(catalogue.entry(new ThinId(1))).isEqualTo(entry(1, "after"));
    }
  }

  @Test
  void aCatalogueThatCountedNothingYetIsCountedFromItsLines() throws IOException {
    var entry = "put id=1 name=v size=512 kind=VOLUME transaction=0 time=0";
    Files.writeString(file, line("lumeo-catalogue 1") + line(entry) + line("drop 1"));
    try (var catalogue = open()) {
      assertThat(catalogue.changeCount()).isEqualTo(2);
    }
  }

  @Test
  void historyIsForgottenInTime() throws IOException {
    try (var catalogue = open()) {
      for (int i = 0; i < 2000; i++) {
        catalogue.put(List.of(entry(i % 3, "v" + i)));
      }
      assertThat(Files.readAllLines(file)).hasSizeLessThan(300);
      assertThat(catalogue.entries()).hasSize(3);
    }
    try (var catalogue = open()) {
      assertThat(catalogue.entries())
          .extracting(entry -> entry.volume().name())
          .containsExactlyInAnyOrder("v1998", "v1999", "v1997");
    }
    assertThat(folder.toFile().list()).containsExactly("catalogue");
  }

  /// The power was cut while the file was written anew beside itself.
  @Test
  void aLeftoverOfARewriteIsNoHarm() throws IOException {
    try (var catalogue = open()) {
      catalogue.put(List.of(entry(1, "v")));
    }
    Files.writeString(folder.resolve("catalogue.new"), "half a l");

    try (var catalogue = open()) {
      assertThat(catalogue.entries()).hasSize(1);
      catalogue.put(List.of(entry(2, "w")));
    }
    assertThat(folder.toFile().list()).containsExactly("catalogue");
  }

  @Test
  void aFailedChangeChangesNothingAndTheNextPutsThingsInOrder() throws IOException {
    try (var catalogue = Catalogue.open(folder.resolve("missing").resolve("catalogue"))) {
      assertThatThrownBy(() -> catalogue.put(List.of(entry(1, "v"))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("could not be written");
      assertThat(catalogue.entries()).isEmpty();

      Files.createDirectory(folder.resolve("missing"));
      catalogue.put(List.of(entry(1, "v")));
      assertThat(Catalogue.open(folder.resolve("missing").resolve("catalogue")).entries())
          .hasSize(1);
    }
  }
}
