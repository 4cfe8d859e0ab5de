package io.lumeo.nbd;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The protocol's strings: UTF-8 without NUL, at most 4096 bytes.
final class Utf8 {
  private Utf8() {}

  /// The text of all remaining bytes, or null if they are no such string.
  static @Nullable String decode(ByteBuffer bytes) {
    if (bytes.remaining() > Protocol.MAX_STRING_BYTES) {
      return null;
    }
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return text.indexOf('\0') < 0 ? text : null;
    } catch (CharacterCodingException _) {
      return null; // not UTF-8: the answer is null
    }
  }

  /// The bytes of `text`, or of as many of its first characters as a string may hold.
  static byte[] truncated(String text) {
    var bytes = ByteBuffer.allocate(Protocol.MAX_STRING_BYTES);
    StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text), bytes, true);
    byte[] encoded = new byte[bytes.position()];
    bytes.flip().get(encoded);
    return encoded;
  }
}
