package io.lumeo.rest;

import io.lumeo.thin.Progress;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// As much of an HTTP/1.1 client as one request to our own server takes: a connection each, bodies
/// of known length, and lines of progress. The JDK's client costs a short command a good part of
/// its time.
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
  ///
  /// @throws ConnectException if nothing was sent
  Response send(String method, String path, @Nullable Object body, Patience patience)
      throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write(request(method, path, body, "application/json"));
      var in = new BufferedInputStream(new PatientInput(socket, patience));
      var head = head(in);
      return new Response(head.status(), content(head, in));
    }
  }

  /// Sends one request for work that may take long, and watches it. When `progress` says so it is
  /// left alone: the server notices, and stops.
  ///
  /// @throws ConnectException if nothing was sent
  /// @throws InterruptedIOException if `progress` stopped it
  Response watch(
      String method, String path, @Nullable Object body, Progress progress, Patience patience)
      throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write(request(method, path, body, ProgressLines.MEDIA_TYPE));
      var in = new BufferedInputStream(new PatientInput(socket, patience));
      var head = head(in);
      return head.header("content-type").startsWith(ProgressLines.MEDIA_TYPE)
          ? lastLine(new ChunkedInput(in), progress)
          : new Response(head.status(), content(head, in));
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    try {
      socket.connect(address, CONNECT_MILLIS);
      return socket;
    } catch (SocketTimeoutException e) {
      socket.close();
      var refused =
          new ConnectException("connecting took more than %d ms".formatted(CONNECT_MILLIS));
      refused.initCause(e);
      throw refused;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private byte[] request(String method, String path, @Nullable Object body, String accept) {
    var content = body == null ? new byte[0] : Json.write(body);
    var head = new StringBuilder();
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    head.append("Host: 127.0.0.1:").append(address.getPort()).append("\r\n");
    head.append("Connection: close\r\n");
    head.append("Accept: ").append(accept).append("\r\n");
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

  /// What comes before the body; the names of headers in lower case.
  private record Head(int status, Map<String, String> headers) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private static Head head(InputStream in) throws IOException {
    var status = line(in).split(" ", 3);
    if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("\\d{3}")) {
      throw new IOException("what listens there does not speak HTTP");
    }
    var headers = new HashMap<String, String>();
    for (var header = line(in); !header.isEmpty(); header = line(in)) {
      var colon = header.indexOf(':');
      if (colon > 0) {
        headers.put(
            header.substring(0, colon).toLowerCase(Locale.ROOT),
            header.substring(colon + 1).strip());
      }
    }
    return new Head(Integer.parseInt(status[1]), headers);
  }

  private static byte[] content(Head head, InputStream in) throws IOException {
    var announced = head.header("content-length");
    int lengthBytes = announced.isEmpty() ? 0 : (int) length(announced);
    var body = in.readNBytes(lengthBytes);
    if (body.length < lengthBytes) {
      throw new EOFException("the server closed the connection within its answer");
    }
    return body;
  }

  /// Tells `progress` what the lines say; the last one is the answer.
  private static Response lastLine(InputStream lines, Progress progress) throws IOException {
    while (true) {
      if (!(Json.read(longLine(lines)) instanceof Map<?, ?> line)) {
        throw new IOException("the server sends a line that is no object");
      }
      if (line.get("problem") instanceof Map<?, ?> problem) {
        return new Response(
            problem.get("status") instanceof Long status ? status.intValue() : 500,
            Json.write(problem));
      }
      if (line.containsKey("result")) {
        var result = line.get("result");
        return new Response(200, result == null ? new byte[0] : Json.write(result));
      }
      if (line.get("done") instanceof Long done
          && line.get("total") instanceof Long total
          && !progress.update(done, total)) {
        throw new InterruptedIOException("stopped; what was done so far stays");
      }
    }
  }

  private static byte[] longLine(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0 || line.size() > MAX_BODY_BYTES) {
        throw new EOFException("the server closed the connection before the work was done");
      }
      line.write(octet);
    }
    return line.toByteArray();
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
