package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "65536, 65536",
    "512b, 512",
    "4096s, 2097152",
    "64K, 65536",
    "64k, 65536",
    "64KiB, 65536",
    "512MiB, 536870912",
    "10G, 10737418240",
    "10 GiB, 10737418240",
    "1.5T, 1649267441664",
    "0.5K, 512",
    "2PiB, 2251799813685248",
    "7E, 8070450532247928832"
  })
  void sizesAreReadAsPeopleWriteThem(String text, long bytes) {
    assertThat(Size.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          ^^    | is not a size
          G     | is not a size
          -1G   | is not a size
          1,5G  | is not a size
          0x10  | is not a size
          10X   | has the unknown unit 'X'
          10GiX | has the unknown unit 'GiX'
          10GB  | has a decimal unit; write GiB
          10kB  | has a decimal unit; write KiB
          8E    | is too large
          9999999999999999999999 | is too large
          1.5   | is not a whole number of bytes
          0.3K  | is not a whole number of bytes
          """)
  void whatIsWrongIsSaid(String text, String message) {
    assertThatThrownBy(() -> Size.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + text + "'")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1 KiB",
    "1536, 1.5 KiB",
    "10737418240, 10 GiB",
    "10737418239, 9.99 GiB",
    "1649267441664, 1.5 TiB",
    "109951162777600, 100 TiB",
    "9223372036854775807, 7.99 EiB"
  })
  void peopleReadRoundNumbersThatAreNeverTooLarge(long bytes, String text) {
    assertThat(Size.human(bytes)).isEqualTo(text);
  }

  @Test
  void aChangeIsAbsoluteOrRelative() throws Exception {
    var convert = new SizeChange.Converter();

    assertThat(convert.convert("5G").applyTo(1)).isEqualTo(5L << 30);
    assertThat(convert.convert("+1K").applyTo(1024)).isEqualTo(2048);
    assertThat(convert.convert("-1K").applyTo(4096)).isEqualTo(3072);
    assertThatThrownBy(() -> convert.convert("-1G").applyTo(1024))
        .hasMessage("-1 GiB from 1 KiB leaves no size there is; choose another");
    assertThatThrownBy(() -> convert.convert("+7E").applyTo(7L << 60))
        .hasMessageStartingWith("+7 EiB from 7 EiB leaves no size");
  }
}
