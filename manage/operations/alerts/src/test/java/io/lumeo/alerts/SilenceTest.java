package io.lumeo.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SilenceTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "host=db1, true",
    "host=db2, false",
    "host!=db2, true",
    "lv=~test-.*, true",
    "lv=~test, false",
    "lv!~'a|b', true",
    "pool='', true",
    "pool!='', false"
  })
  void aMatcherLooksAtOneLabel(String text, boolean matches) {
    var labels = Map.of("host", "db1", "lv", "test-7");
    assertThat(LabelMatcher.parse(text.replace('\'', '"')).matches(labels)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host=\"db1\"", "a!=\"\"", "lv=~\"x.*\"", "lv!~\"a b\""})
  void aMatcherIsWrittenAsItIsRead(String text) {
    assertThat(LabelMatcher.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host", "host==x", "lv=~\"(\"", "9=x"})
  void whatIsNotAMatcherIsNamed(String text) {
    assertThatThrownBy(() -> LabelMatcher.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is not a matcher");
  }

  @Test
  void aSilenceCoversItsTimeAndAllOfItsMatchers() {
    var silence = silence("host=db1", "alertname=PoolDataFull", "severity=~warning|critical");
    assertThat(silence.covers(alert("db1"), Severity.WARNING, NOW)).isTrue();
    assertThat(silence.covers(alert("db2"), Severity.WARNING, NOW)).isFalse();
    assertThat(silence.covers(alert("db1"), Severity.INFO, NOW)).isFalse();
    assertThat(silence.covers(alert("db1"), Severity.WARNING, NOW.minusSeconds(1))).isFalse();
    assertThat(silence.covers(alert("db1"), Severity.WARNING, NOW.plusSeconds(3600))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "vg0, '', data, vg0/data",
    "vg0, thin, data, vg0/data",
    "vg0, thin, '', vg0/thin",
    "'', images, '', images",
    "'', images, web, images/web",
    "vg0, '', '', vg0"
  })
  void aThingIsSilencedByWhatPeopleCallIt(String vg, String pool, String lv, String object) {
    var labels = new TreeMap<>(Map.of("host", "db1", "vg", vg, "pool", pool, "lv", lv));
    var alert = Alert.unseen("LatencyHigh", labels, NOW);
    assertThat(silence("object=" + object).covers(alert, Severity.WARNING, NOW)).isTrue();
    assertThat(silence("object!=" + object).covers(alert, Severity.WARNING, NOW)).isFalse();
  }

  @Test
  void aSilenceWithoutMatchersSilencesNothing() {
    assertThat(silence().covers(alert("db1"), Severity.WARNING, NOW)).isFalse();
  }

  @Test
  void aSilenceThatEndsBeforeItBeginsIsRefused() {
    assertThatThrownBy(() -> new Silence("x", List.of(), NOW, NOW, "ann", "why"))
        .hasMessageContaining("before it begins");
  }

  private static Silence silence(String... matchers) {
    return new Silence(
        "s",
        List.of(matchers).stream().map(LabelMatcher::parse).toList(),
        NOW,
        NOW.plus(Duration.ofHours(1)),
        "ann",
        "disks are changed");
  }

  private static Alert alert(String host) {
    return Alert.unseen("PoolDataFull", new TreeMap<>(Map.of("host", host)), NOW);
  }
}
