package io.lumeo.rest;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/// What a server sends, waited for with [Patience].
final class PatientInput extends InputStream {
  private final InputStream in;
  private final Patience patience;

  PatientInput(Socket socket, Patience patience) throws IOException {
    socket.setSoTimeout(Math.toIntExact(patience.step().toMillis()));
    this.in = socket.getInputStream();
    this.patience = patience;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int lengthBytes) throws IOException {
    long begun = System.nanoTime();
    while (true) {
      try {
        return in.read(target, from, lengthBytes);
      } catch (SocketTimeoutException e) {
        patience.bear(Duration.ofNanos(System.nanoTime() - begun));
      }
    }
  }
}
