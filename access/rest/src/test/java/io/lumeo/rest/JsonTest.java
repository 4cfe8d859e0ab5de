package io.lumeo.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.pools.TrimView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    var tree =
        Map.of("name", "v \"0\"", "size", 1L << 60, "ratio", 0.5, "on", true, "tags", List.of("a"));

    assertThat(Json.read(Json.write(tree))).isEqualTo(tree);
    assertThat(Json.read(bytes(Json.pretty(tree)))).isEqualTo(tree);
  }

  @Test
  void aRecordIsItsComponentsInOrder() {
    var json = new String(Json.write(new TrimView("v", 65536)), StandardCharsets.UTF_8);

    assertThat(json).isEqualTo("{\"name\":\"v\",\"freedBytes\":65536}");
  }

  @Test
  void peopleGetOneFieldALine() {
    assertThat(Json.pretty(new TrimView("v", 1)))
        .isEqualTo("{\n  \"name\" : \"v\",\n  \"freedBytes\" : 1\n}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{\"a\":}",
        "{\"a\":1}{}",
        "{\"a\":1,\"a\":2}",
        "[1,2",
        "nul",
        "{'a':1}",
        "99999999999999999999999999",
        "{\"a\":1e999999999999999999999999999999999999}",
        "\u0000"
      })
  void whatIsNotJsonIsRefusedInOneLine(String text) {
    assertThatThrownBy(() -> Json.read(bytes(text)))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .message()
        .doesNotContain("\n", "Source", "REDACTED");
  }

  @Test
  void depthIsBounded() {
    assertThatThrownBy(() -> Json.read(bytes("[".repeat(100_000))))
        .isInstanceOf(StorageException.InvalidArgument.class);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
