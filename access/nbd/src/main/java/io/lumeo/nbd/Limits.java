package io.lumeo.nbd;

import java.time.Duration;

/// What a server grants its clients, so that none of them can hurt it or the others.
///
/// @param connections how many may be open at once; further ones are closed when accepted
/// @param handshake how long a client may take from connecting to choosing an export
/// @param optionBytes the longest option data that is looked at; longer is skipped and refused
/// @param payloadBytes the longest READ or WRITE, advertised to clients; at least 1 MiB
/// @param requestsPerConnection how many requests of a connection may be waiting for the device;
///   while there are as many, no more are read
/// @param bytesPerConnection how much memory such requests may hold, in whole buffers, which are up
///   to twice as large as what is in them; at least `payloadBytes`, and one request of that always
///   fits
/// @param bytes as `bytesPerConnection`, over all connections
/// @param stall how long a client may leave a payload unfinished or replies untaken
/// @param shutdown how long a closing server waits for requests in flight
public record Limits(
    int connections,
    Duration handshake,
    int optionBytes,
    int payloadBytes,
    int requestsPerConnection,
    int bytesPerConnection,
    long bytes,
    Duration stall,
    Duration shutdown) {

  /// For a server that many clients share: 32 MiB requests, 128 MiB in flight.
  public static final Limits DEFAULT =
      new Limits(
          512,
          Duration.ofSeconds(30),
          64 << 10,
          32 << 20,
          128,
          32 << 20,
          128L << 20,
          Duration.ofSeconds(60),
          Duration.ofSeconds(90));

  public Limits {
    require(connections > 0, "connections must be positive", connections);
    require(optionBytes >= 8 << 10, "optionBytes must be at least 8192", optionBytes);
    require(payloadBytes >= 1 << 20, "payloadBytes must be at least 1 MiB", payloadBytes);
    require(
        requestsPerConnection > 0, "requestsPerConnection must be positive", requestsPerConnection);
    require(
        bytesPerConnection >= payloadBytes,
        "bytesPerConnection must not be below payloadBytes",
        bytesPerConnection);
    require(bytes >= bytesPerConnection, "bytes must not be below bytesPerConnection", bytes);
    require(handshake.isPositive(), "handshake must be positive", handshake);
    require(stall.isPositive(), "stall must be positive", stall);
    require(!shutdown.isNegative(), "shutdown must not be negative", shutdown);
  }

  public Limits withConnections(int count) {
    return new Limits(
        count,
        handshake,
        optionBytes,
        payloadBytes,
        requestsPerConnection,
        bytesPerConnection,
        bytes,
        stall,
        shutdown);
  }

  public Limits withHandshake(Duration timeout) {
    return new Limits(
        connections,
        timeout,
        optionBytes,
        payloadBytes,
        requestsPerConnection,
        bytesPerConnection,
        bytes,
        stall,
        shutdown);
  }

  public Limits withPayloadBytes(int count) {
    return new Limits(
        connections,
        handshake,
        optionBytes,
        count,
        requestsPerConnection,
        bytesPerConnection,
        bytes,
        stall,
        shutdown);
  }

  /// Sets what may be in flight: requests and bytes of a connection, bytes of all connections.
  public Limits withInFlight(int requestsPerConnection, int bytesPerConnection, long bytes) {
    return new Limits(
        connections,
        handshake,
        optionBytes,
        payloadBytes,
        requestsPerConnection,
        bytesPerConnection,
        bytes,
        stall,
        shutdown);
  }

  public Limits withStall(Duration timeout) {
    return new Limits(
        connections,
        handshake,
        optionBytes,
        payloadBytes,
        requestsPerConnection,
        bytesPerConnection,
        bytes,
        timeout,
        shutdown);
  }

  public Limits withShutdown(Duration timeout) {
    return new Limits(
        connections,
        handshake,
        optionBytes,
        payloadBytes,
        requestsPerConnection,
        bytesPerConnection,
        bytes,
        stall,
        timeout);
  }

  private static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("%s, not %s".formatted(rule, value));
    }
  }
}
