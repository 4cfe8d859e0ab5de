package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class LayoutsTest {
  private final byte[] bytes = new byte[64];
  private final MemorySegment segment = MemorySegment.ofArray(bytes);

  @Test
  void aRequestStandsAsTheProtocolSays() {
    RequestLayout.write(
        segment, 1, 0x0011, 6, 0x0102030405060708L, 0x1112131415161718L, 0xfffffffeL);

    assertThat(hex(1, RequestLayout.BYTES))
        .isEqualTo(
            "25609513" + "0011" + "0006" + "0102030405060708" + "1112131415161718" + "fffffffe");
    assertThat(RequestLayout.magic(segment, 1)).isEqualTo(RequestLayout.MAGIC);
    assertThat(RequestLayout.flags(segment, 1)).isEqualTo(0x11);
    assertThat(RequestLayout.type(segment, 1)).isEqualTo(6);
    assertThat(RequestLayout.cookie(segment, 1)).isEqualTo(0x0102030405060708L);
    assertThat(RequestLayout.offset(segment, 1)).isEqualTo(0x1112131415161718L);
    assertThat(RequestLayout.lengthBytes(segment, 1)).isEqualTo(0xfffffffeL);
  }

  @Test
  void aSimpleReplyStandsAsTheProtocolSays() {
    SimpleReplyLayout.write(segment, 3, 28, 0x0102030405060708L);

    assertThat(hex(3, SimpleReplyLayout.BYTES))
        .isEqualTo("67446698" + "0000001c" + "0102030405060708");
    assertThat(SimpleReplyLayout.error(segment, 3)).isEqualTo(28);
    assertThat(SimpleReplyLayout.cookie(segment, 3)).isEqualTo(0x0102030405060708L);
  }

  @Test
  void aDataChunkStandsAsTheProtocolSays() {
    ChunkLayout.writeDataPrefix(segment, 0, 1, 7, 0x2000, 4096);

    assertThat(hex(0, ChunkLayout.DATA_PREFIX_BYTES))
        .isEqualTo(
            "668e33ef" + "0001" + "0001" + "0000000000000007" + "00001008" + "0000000000002000");
    assertThat(ChunkLayout.flags(segment, 0)).isEqualTo(1);
    assertThat(ChunkLayout.type(segment, 0)).isEqualTo(1);
    assertThat(ChunkLayout.cookie(segment, 0)).isEqualTo(7);
    assertThat(ChunkLayout.lengthBytes(segment, 0)).isEqualTo(4104);
  }

  @Test
  void aHoleChunkStandsAsTheProtocolSays() {
    ChunkLayout.writeHole(segment, 0, 0, 7, 0x2000, 0xfffff000L);

    assertThat(hex(0, ChunkLayout.HOLE_BYTES))
        .isEqualTo(
            "668e33ef"
                + "0000"
                + "0002"
                + "0000000000000007"
                + "0000000c"
                + "0000000000002000"
                + "fffff000");
  }

  @Test
  void anErrorChunkStandsAsTheProtocolSays() {
    ChunkLayout.writeErrorPrefix(segment, 0, 1, 7, 22, 3);

    assertThat(hex(0, ChunkLayout.ERROR_PREFIX_BYTES))
        .isEqualTo(
            "668e33ef" + "0001" + "8001" + "0000000000000007" + "00000009" + "00000016" + "0003");
  }

  private String hex(int from, int length) {
    return HexFormat.of().formatHex(bytes, from, from + length);
  }
}
