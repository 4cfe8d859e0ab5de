package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {
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

  @Test
  void nothingIsNull() {
    assertThat(Yaml.write(null)).isEqualTo("null");
  }
}
