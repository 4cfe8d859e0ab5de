package io.lumeo.rest;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// As much of an HTTP/1.1 client as one request to our own server takes: a connection each, bodies
/// of known length. The JDK's client costs a short command a good part of its time.
final class HttpClient {
  private static final int CONNECT_MILLIS = 2000;
  private static final int MAX_BODY_BYTES = 256 << 20;

  private final InetSocketAddress address;
  private final @Nullable Token token;

  HttpClient(InetSocketAddress address, @Nullable Token token) {
    this.address = address;
    this.token = token;
  }

  /// What came back. Never compared with another, so the array does no harm.
  @SuppressWarnings("ArrayRecordComponent")
  record Response(int status, byte[] body) {}

  /// Sends one request; `body` is a record, a list of records, or null for none.
  Response send(String method, String path, @Nullable Object body, int timeoutMillis)
      throws IOException {
    try (var socket = new Socket()) {
      socket.connect(address, CONNECT_MILLIS);
      socket.setSoTimeout(timeoutMillis);
      socket.getOutputStream().write(request(method, path, body));
      return response(new BufferedInputStream(socket.getInputStream()));
    }
  }

  private byte[] request(String method, String path, @Nullable Object body) {
    var content = body == null ? new byte[0] : Json.write(body);
    var head = new StringBuilder();
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    head.append("Host: 127.0.0.1:").append(address.getPort()).append("\r\n");
    head.append("Connection: close\r\n");
    if (token != null) {
      head.append("Authorization: ").append(token.authorization()).append("\r\n");
    }
    if (body != null) {
      head.append("Content-Type: application/json\r\n");
    }
    head.append("Content-Length: ").append(content.length).append("\r\n\r\n");
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
    bytes.writeBytes(content);
    return bytes.toByteArray();
  }

  private static Response response(InputStream in) throws IOException {
    var status = line(in).split(" ", 3);
    if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("\\d{3}")) {
      throw new IOException("what listens there does not speak HTTP");
    }
    long lengthBytes = 0;
    for (var header = line(in); !header.isEmpty(); header = line(in)) {
      var colon = header.indexOf(':');
      if (colon > 0 && header.substring(0, colon).equalsIgnoreCase("Content-Length")) {
        lengthBytes = length(header.substring(colon + 1).strip());
      }
    }
    var body = in.readNBytes((int) lengthBytes);
    if (body.length < lengthBytes) {
      throw new EOFException("the server closed the connection within its answer");
    }
    return new Response(Integer.parseInt(status[1]), body);
  }

  private static long length(String text) throws IOException {
    if (!text.matches("\\d{1,9}") || Long.parseLong(text) > MAX_BODY_BYTES) {
      throw new IOException("the server announces an answer of " + text + " bytes");
    }
    return Long.parseLong(text);
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0 || line.size() > 8192) {
        throw new EOFException("the server closed the connection without an answer");
      }
      line.write(octet);
    }
    return line.toString(StandardCharsets.UTF_8).stripTrailing();
  }
}
