package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WordsTest {

  @Test
  void sizesAreInBinaryUnits() {
    assertThat(Words.bytes(0)).isEqualTo("0 B");
    assertThat(Words.bytes(1023)).isEqualTo("1023 B");
    assertThat(Words.bytes(1536)).isEqualTo("1.5 KiB");
    assertThat(Words.bytes(5L << 40)).isEqualTo("5 TiB");
    assertThat(Words.bytes(Long.MAX_VALUE)).isEqualTo("8 EiB");
  }

  @Test
  void durationsHaveTwoUnitsAtMost() {
    assertThat(Words.duration(Duration.ofSeconds(59))).isEqualTo("59 s");
    assertThat(Words.duration(Duration.ofSeconds(90))).isEqualTo("1 min 30 s");
    assertThat(Words.duration(Duration.ofMinutes(-190))).isEqualTo("3 h 10 min");
    assertThat(Words.duration(Duration.ofHours(49))).isEqualTo("2 d 1 h");
  }

  @Test
  void arithmeticEndsAtTheLargestSize() {
    assertThat(ByteMath.percent(Long.MAX_VALUE, 200)).isEqualTo(Long.MAX_VALUE);
    assertThat(ByteMath.percent(Long.MAX_VALUE, 50)).isEqualTo(Long.MAX_VALUE / 2);
    assertThat(ByteMath.plus(Long.MAX_VALUE, 1)).isEqualTo(Long.MAX_VALUE);
    assertThat(ByteMath.roundUp(Long.MAX_VALUE, 4096)).isEqualTo(Long.MAX_VALUE);
    assertThat(ByteMath.roundUp(4097, 4096)).isEqualTo(8192);
    assertThat(ByteMath.parts(Long.MAX_VALUE, Long.MAX_VALUE)).isEqualTo(1);
  }
}
