package io.lumeo.thin;

import java.util.HashMap;
import java.util.Map;

/// How often each of many blocks was seen: a byte for each, in chunks that exist once one of their
/// blocks was seen, and a map for those seen more often than a byte can say.
final class ReferenceCounts {
  private static final int CHUNK_BLOCKS = 1 << 14;
  private static final int MANY = 255;

  private final byte[][] chunks;
  private final Map<Long, Integer> many = new HashMap<>();

  ReferenceCounts(long blocks) {
    chunks = new byte[Math.toIntExact(Math.ceilDiv(blocks, CHUNK_BLOCKS))][];
  }

  void increment(long block) {
    int index = (int) (block / CHUNK_BLOCKS);
    if (chunks[index] == null) {
      chunks[index] = new byte[CHUNK_BLOCKS];
    }
    int inChunk = (int) (block % CHUNK_BLOCKS);
    int seen = Byte.toUnsignedInt(chunks[index][inChunk]);
    if (seen < MANY) {
      chunks[index][inChunk] = (byte) (seen + 1);
    }
    if (seen >= MANY - 1) {
      many.merge(block, MANY, (before, _) -> before + 1);
    }
  }

  int get(long block) {
    var chunk = chunks[(int) (block / CHUNK_BLOCKS)];
    int seen = chunk == null ? 0 : Byte.toUnsignedInt(chunk[(int) (block % CHUNK_BLOCKS)]);
    return seen < MANY ? seen : many.getOrDefault(block, MANY);
  }
}
