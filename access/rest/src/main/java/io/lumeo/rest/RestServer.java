package io.lumeo.rest;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.lumeo.block.StorageException;
import io.lumeo.pools.VolumeService;
import io.lumeo.thin.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// Serves [Resources] over HTTP/1.1.
///
/// Every request but `/health` must show the token, and every request must name this machine as its
/// host: a page in the user's browser can make any name lead to 127.0.0.1, but not say so in
/// `Host`.
public final class RestServer implements AutoCloseable {
  /// The largest body taken; a batch of a thousand snapshots fits.
  private static final int MAX_BODY_BYTES = 256 << 10;

  private static final Duration STOP_GRACE = Duration.ofSeconds(5);
  private static final Set<String> OUR_HOSTS = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Logger LOG = System.getLogger(RestServer.class.getName());

  private final Resources resources;
  private final Token token;
  private final InetSocketAddress wanted;
  private final WebServer server;

  private RestServer(Resources resources, Token token, InetSocketAddress address) {
    this.resources = resources;
    this.token = token;
    this.wanted = address;
    this.server =
        WebServer.builder()
            .address(address.getAddress())
            .port(address.getPort())
            .shutdownHook(false)
            .shutdownGracePeriod(STOP_GRACE)
            .maxPayloadSize(MAX_BODY_BYTES)
            .directHandlers(handlers -> {
              for (var event : DirectHandler.EventType.values()) {
                handlers.addHandler(event, RestServer::refuse);
              }
            })
            .routing(routing -> routing.any(this::handle))
            .build();
  }

  /// Starts on `address`; port 0 takes a free one.
  ///
  /// @param instance names this run of the server
  /// @throws StorageException.Busy if the port is taken
  public static RestServer start(
      VolumeService volumes,
      Token token,
      InetSocketAddress address,
      String instance,
      String version)
      throws IOException {
    requireFree(address);
    var rest = new RestServer(new Resources(volumes, instance, version), token, address);
    rest.server.start();
    if (!rest.server.isRunning()) {
      throw new StorageException.Busy(
          "REST did not start on %s:%d; the log says why"
              .formatted(address.getAddress().getHostAddress(), address.getPort()));
    }
    return rest;
  }

  /// The web server only logs that it could not listen; whoever started it deserves to be told.
  private static void requireFree(InetSocketAddress address) throws StorageException {
    try (var probe = new ServerSocket()) {
      probe.bind(address);
    } catch (IOException e) {
      throw new StorageException.Busy(
          "REST cannot listen on %s:%d: %s; stop what listens there or choose another address"
              .formatted(address.getAddress().getHostAddress(), address.getPort(), e.getMessage()));
    }
  }

  /// Where it listens.
  public InetSocketAddress address() {
    return new InetSocketAddress(wanted.getAddress(), server.port());
  }

  /// Takes no new requests, lets those under way end, and stops.
  @Override
  public void close() {
    server.stop();
  }

  private void handle(ServerRequest request, ServerResponse response) {
    var lines = new ProgressLines(() -> begin(response));
    var answer = answer(request, wantsLines(request) ? lines : Progress.NONE);
    if (lines.isBegun()) {
      lines.end(answer);
      return;
    }
    response.status(Status.create(answer.status()));
    answer.headers().forEach(response::header);
    guard(response);
    if (answer.body().length == 0) {
      response.send();
      return;
    }
    response.header("Content-Type", answer.mediaType());
    response.send(answer.body());
  }

  private static OutputStream begin(ServerResponse response) {
    guard(response);
    response.header("Content-Type", ProgressLines.MEDIA_TYPE);
    return response.outputStream();
  }

  private static void guard(ServerResponse response) {
    response.header("Cache-Control", "no-store");
    response.header("X-Content-Type-Options", "nosniff");
  }

  private static boolean wantsLines(ServerRequest request) {
    return request
        .headers()
        .first(HeaderNames.ACCEPT)
        .filter(types -> types.contains(ProgressLines.MEDIA_TYPE))
        .isPresent();
  }

  private Answer answer(ServerRequest request, Progress progress) {
    var path = request.path().path();
    try {
      checkHost(request);
      if (!path.equals("/health")) {
        checkToken(request);
      }
      return resources.answer(
          request.prologue().method().text(), path, query(request), () -> body(request), progress);
    } catch (HttpProblem e) {
      return Answer.of(e);
    } catch (IOException e) {
      return Answer.of(Problem.of(e));
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "%s %s failed".formatted(request.prologue().method(), path), e);
      return Answer.of(Problem.of(e));
    }
  }

  private static void checkHost(ServerRequest request) throws HttpProblem {
    var authority = request.authority();
    if (!OUR_HOSTS.contains(authority.replaceFirst(":\\d+$", ""))) {
      throw new HttpProblem(
          Problem.Kind.FOREIGN_HOST,
          "the request is for '%s'; ask for localhost or 127.0.0.1".formatted(authority));
    }
  }

  private void checkToken(ServerRequest request) throws HttpProblem {
    var shown = request.headers().first(HeaderNames.AUTHORIZATION);
    if (shown.isEmpty() || !token.isShownBy(shown.get())) {
      throw new HttpProblem(
          Problem.Kind.UNAUTHORIZED,
          "send 'Authorization: Bearer …' with the content of the file 'token' in the server's"
              + " directory");
    }
  }

  private static Map<String, String> query(ServerRequest request) {
    var query = new HashMap<String, String>();
    for (var name : request.query().names()) {
      query.put(name, request.query().get(name));
    }
    return query;
  }

  private static byte[] body(ServerRequest request) throws IOException {
    var type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw new HttpProblem(
          Problem.Kind.UNSUPPORTED_MEDIA_TYPE,
          "the body must be JSON; send it with 'Content-Type: application/json'");
    }
    var bytes = request.content().inputStream().readNBytes(MAX_BODY_BYTES + 1);
    if (bytes.length > MAX_BODY_BYTES) {
      throw new HttpProblem(
          Problem.Kind.TOO_LARGE, "the body is larger than " + MAX_BODY_BYTES + " bytes");
    }
    return bytes;
  }

  /// What never reached a resource: a request that is not HTTP, too large, or of another version.
  private static DirectHandler.TransportResponse refuse(
      DirectHandler.TransportRequest request,
      DirectHandler.EventType event,
      Status status,
      io.helidon.http.ServerResponseHeaders headers,
      String message) {
    var kind =
        switch (status.code()) {
          case 404 -> Problem.Kind.NOT_FOUND;
          case 413 -> Problem.Kind.TOO_LARGE;
          case 500 -> Problem.Kind.INTERNAL;
          default -> Problem.Kind.BAD_REQUEST;
        };
    var detail = kind == Problem.Kind.INTERNAL ? "the request failed" : status.reasonPhrase();
    var problem = Problem.of(kind, detail);
    return DirectHandler.TransportResponse.builder()
        .status(Status.create(problem.status()))
        .headers(headers)
        .header(HeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE)
        .keepAlive(false)
        .entity(Json.write(problem))
        .build();
  }
}
