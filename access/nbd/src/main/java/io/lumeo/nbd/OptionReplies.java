package io.lumeo.nbd;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The replies to one option, as bytes.
final class OptionReplies {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /// The bytes of what was added so far; it starts anew.
  ByteBuffer take() {
    var taken = ByteBuffer.wrap(bytes.toByteArray());
    bytes.reset();
    return taken;
  }

  void ack(int option) {
    reply(option, Protocol.REP_ACK, new byte[0]);
  }

  void error(int option, int error, String message) {
    reply(option, error, Utf8.truncated(message));
  }

  void server(int option, ExportInfo export) {
    byte[] name = export.name().getBytes(StandardCharsets.UTF_8);
    byte[] description = Utf8.truncated(export.description());
    reply(
        option,
        Protocol.REP_SERVER,
        ByteBuffer.allocate(Integer.BYTES + name.length + description.length)
            .putInt(name.length)
            .put(name)
            .put(description)
            .array());
  }

  void metaContext(int option, int id, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    reply(
        option,
        Protocol.REP_META_CONTEXT,
        ByteBuffer.allocate(Integer.BYTES + text.length).putInt(id).put(text).array());
  }

  void infoExport(int option, long sizeBytes, int transmissionFlags) {
    reply(
        option,
        Protocol.REP_INFO,
        ByteBuffer.allocate(Short.BYTES + Long.BYTES + Short.BYTES)
            .putShort((short) Protocol.INFO_EXPORT)
            .putLong(sizeBytes)
            .putShort((short) transmissionFlags)
            .array());
  }

  void infoText(int option, int info, String text) {
    byte[] encoded = Utf8.truncated(text);
    reply(
        option,
        Protocol.REP_INFO,
        ByteBuffer.allocate(Short.BYTES + encoded.length)
            .putShort((short) info)
            .put(encoded)
            .array());
  }

  void infoBlockSize(int option, int minimum, int preferred, int maximum) {
    reply(
        option,
        Protocol.REP_INFO,
        ByteBuffer.allocate(Short.BYTES + 3 * Integer.BYTES)
            .putShort((short) Protocol.INFO_BLOCK_SIZE)
            .putInt(minimum)
            .putInt(preferred)
            .putInt(maximum)
            .array());
  }

  /// The answer to EXPORT_NAME, which has a form of its own.
  void exportName(long sizeBytes, int transmissionFlags, boolean zeroes) {
    int padding = zeroes ? Protocol.EXPORT_NAME_ZEROES : 0;
    add(
        ByteBuffer.allocate(Long.BYTES + Short.BYTES + padding)
            .putLong(sizeBytes)
            .putShort((short) transmissionFlags)
            .array());
  }

  private void reply(int option, int type, byte[] data) {
    add(
        ByteBuffer.allocate(Protocol.OPTION_REPLY_HEADER_BYTES)
            .putLong(Protocol.OPTION_REPLY_MAGIC)
            .putInt(option)
            .putInt(type)
            .putInt(data.length)
            .array());
    add(data);
  }

  private void add(byte[] more) {
    bytes.writeBytes(more);
  }
}
