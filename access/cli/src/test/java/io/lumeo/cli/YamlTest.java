package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.SeededTest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class YamlTest {
  private static final List<String> WORDS =
      List.of(
          "v", "no", "1", "0x1f", "1_000", "~", "- a", "a: b", "#", "", " ", "é", "\u0085", "/x");

  @Test
  void mapsAndListsAreInBlocks() {
    var volume = new LinkedHashMap<String, Object>();
    volume.put("name", "v");
    volume.put("sizeBytes", 512L);
    volume.put("tags", List.of("a", "b"));
    volume.put("none", List.of());

    assertThat(Yaml.write(List.of(volume, Map.of("name", "w"))))
        .isEqualTo(
            """
            - name: v
              sizeBytes: 512
              tags:
                - a
                - b
              none: []
            - name: w\
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no",
        "Yes",
        "null",
        "~",
        "1",
        "0x1",
        "1e3",
        "- a",
        "a: b",
        "#",
        "'",
        "a b",
        "2026-01-01",
        "true",
        "é",
        "\n",
        ".5",
        "@a",
        "*a",
        "&a",
        "!a",
        "%a"
      })
  void whatCouldBeSomethingElseIsQuoted(String text) {
    assertThat(Yaml.write(text)).startsWith("\"").endsWith("\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"v", "vol0", "/dev/vg/lv", "out-of-data-space", "a.b_c+d"})
  void plainWordsAreLeftAlone(String text) {
    assertThat(Yaml.write(text)).isEqualTo(text);
  }

  /// A parser that others wrote.
  @SeededTest(seeds = 200)
  void whatIsWrittenIsReadAgainByAParser(Random random) {
    var tree = tree(random, 0);
    var text = Yaml.write(tree);
    assertThat(new Load(LoadSettings.builder().build()).loadFromString(text))
        .as(text)
        .isEqualTo(tree);
  }

  private static @Nullable Object tree(Random random, int depth) {
    return switch (random.nextInt(depth < 3 ? 9 : 6)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextInt();
      case 3 -> random.nextInt(1000) / 8.0;
      case 4 -> WORDS.get(random.nextInt(WORDS.size()));
      case 5 -> characters(random);
      case 6, 7 -> {
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (int i = random.nextInt(4); i > 0; i--) {
          map.put(WORDS.get(random.nextInt(WORDS.size())), tree(random, depth + 1));
        }
        yield map;
      }
      default -> Stream.generate(() -> tree(random, depth + 1)).limit(random.nextInt(4)).toList();
    };
  }

  private static String characters(Random random) {
    return random
        .ints(random.nextInt(8), 0, 0x2000)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @Test
  void nothingIsNull() {
    assertThat(Yaml.write(null)).isEqualTo("null");
  }
}
