package io.lumeo.rest;

import io.lumeo.block.StorageException;
import io.lumeo.pools.ExportView;
import io.lumeo.pools.Health;
import io.lumeo.pools.PoolChange;
import io.lumeo.pools.PoolView;
import io.lumeo.pools.SnapshotRequest;
import io.lumeo.pools.StatusView;
import io.lumeo.pools.TrimView;
import io.lumeo.pools.VolumeChange;
import io.lumeo.pools.VolumeRequest;
import io.lumeo.pools.VolumeService;
import io.lumeo.pools.VolumeView;
import io.lumeo.thin.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pool that is open in a running server.
///
/// Long work is done there and watched from here: when a [Progress] stops it, it stops there. A
/// server that is silent is asked from time to time whether it lives, which it says at once
/// whatever it does; only then is work waited for however long it takes.
public final class RemoteVolumes implements VolumeService {
  private static final Duration HEALTH_LIMIT = Duration.ofSeconds(2);

  private final HttpClient http;

  /// For what only looks: it may have to wait for a change, but not for ever.
  private final Patience looking;

  /// Deleting and trimming, say, may take as long as the disk takes.
  private final Patience changing;

  /// @param step how long the server may be silent before it is asked whether it lives
  /// @param limit how long it may be silent, living, when it is only to look
  RemoteVolumes(RunningServer server, Token token, Duration step, Duration limit) {
    this.http = new HttpClient(server.rest(), token);
    this.looking = new Patience(step, limit, server::requireAlive);
    this.changing = new Patience(step, null, server::requireAlive);
  }

  /// Speaks to the server of a directory.
  public static RemoteVolumes of(RunningServer server, Token token) {
    return new RemoteVolumes(server, token, Duration.ofSeconds(3), Duration.ofMinutes(2));
  }

  /// Asks whoever listens there who it is, without showing a token.
  static HealthView health(InetSocketAddress address) throws IOException {
    var response =
        new HttpClient(address, null).send("GET", "/health", null, Patience.of(HEALTH_LIMIT));
    return Records.fromTree(Json.read(response.body()), HealthView.class);
  }

  @Override
  public Health health() throws IOException {
    var health = one(get("/health", true), HealthView.class);
    return new Health(health.status().equals(HealthView.OK), health.mode());
  }

  @Override
  public PoolView pool() throws IOException {
    var pools = many(get("/api/v1/pools", true), PoolView.class);
    if (pools.isEmpty()) {
      throw new StorageException.Failed(
          "the server's answer makes no sense (it has no pool); see whether it is a lumeo of this version");
    }
    return pools.getFirst();
  }

  @Override
  public StatusView status() throws IOException {
    return one(get(poolPath() + "/status", true), StatusView.class);
  }

  @Override
  public PoolView changePool(PoolChange change) throws IOException {
    return one(send("PATCH", poolPath(), change), PoolView.class);
  }

  @Override
  public void message(String message) throws IOException {
    send("POST", poolPath() + "/messages", new PoolMessage(message));
  }

  private String poolPath() throws IOException {
    return "/api/v1/pools/" + segment(pool().name());
  }

  @Override
  public List<VolumeView> list() throws IOException {
    return Stream.concat(list("volumes").stream(), list("snapshots").stream())
        .sorted(java.util.Comparator.comparing(VolumeView::name))
        .toList();
  }

  private List<VolumeView> list(String collection) throws IOException {
    return many(get("/api/v1/" + collection, true), VolumeView.class);
  }

  @Override
  public VolumeView get(String name) throws IOException {
    return one(get(path(name), true), VolumeView.class);
  }

  @Override
  public VolumeView show(String name, Progress progress) throws IOException {
    return one(watch("GET", path(name) + "?usage=true", null, progress), VolumeView.class);
  }

  /// Where the server keeps it: among the volumes or the snapshots.
  private String path(String name) throws IOException {
    var asVolume = "/api/v1/volumes/" + segment(name);
    var asSnapshot = "/api/v1/snapshots/" + segment(name);
    return get(asVolume, false) != null || get(asSnapshot, false) == null ? asVolume : asSnapshot;
  }

  @Override
  public VolumeView create(VolumeRequest request) throws IOException {
    return one(send("POST", "/api/v1/volumes", request), VolumeView.class);
  }

  @Override
  public List<VolumeView> snapshot(List<SnapshotRequest> requests) throws IOException {
    return many(send("POST", "/api/v1/snapshots", requests), VolumeView.class);
  }

  @Override
  public VolumeView change(String name, VolumeChange change) throws IOException {
    return one(send("PATCH", path(name), change), VolumeView.class);
  }

  @Override
  public VolumeView rollback(String volume, String snapshot, Progress progress) throws IOException {
    return one(
        watch(
            "POST",
            "/api/v1/volumes/" + segment(volume) + "/rollback",
            new RollbackRequest(snapshot),
            progress),
        VolumeView.class);
  }

  @Override
  public TrimView trim(String name, Progress progress) throws IOException {
    return one(
        watch("POST", "/api/v1/volumes/" + segment(name) + "/trim", null, progress),
        TrimView.class);
  }

  @Override
  public void delete(String name, Progress progress) throws IOException {
    watch("DELETE", path(name), null, progress);
  }

  @Override
  public List<ExportView> exports() throws IOException {
    return many(get("/api/v1/exports", true), ExportView.class);
  }

  /// Nothing to do: every request has a connection of its own.
  @Override
  public void close() {}

  private static String segment(String name) {
    return java.net.URLEncoder.encode(name, java.nio.charset.StandardCharsets.UTF_8)
        .replace("+", "%20");
  }

  private @Nullable Object get(String path, boolean required) throws IOException {
    try {
      return send("GET", path, null);
    } catch (StorageException.NotFound e) {
      if (required) {
        throw e;
      }
      return null;
    }
  }

  private @Nullable Object send(String method, String path, @Nullable Object body)
      throws IOException {
    var patience = changes(method) ? changing : looking;
    return tree(method, () -> http.send(method, path, body, patience));
  }

  private @Nullable Object watch(
      String method, String path, @Nullable Object body, Progress progress) throws IOException {
    return tree(method, () -> http.watch(method, path, body, progress, changing));
  }

  private static boolean changes(String method) {
    return !method.equals("GET");
  }

  private interface Exchange {
    HttpClient.Response run() throws IOException;
  }

  private static @Nullable Object tree(String method, Exchange exchange) throws IOException {
    var response = answer(method, exchange);
    if (response.status() >= 400) {
      throw one(understood(response.body()), Problem.class).toException();
    }
    return response.body().length == 0 ? null : understood(response.body());
  }

  private static HttpClient.Response answer(String method, Exchange exchange) throws IOException {
    try {
      return exchange.run();
    } catch (StorageException.InvalidArgument e) {
      throw senseless(e);
    } catch (ConnectException e) {
      throw silent("see whether it still runs", e);
    } catch (SocketTimeoutException e) {
      throw silent(whatNow(method), e);
    } catch (InterruptedIOException e) {
      throw e; // by whom watches
    } catch (IOException e) {
      throw silent(whatNow(method), e);
    }
  }

  private static String whatNow(String method) {
    return changes(method)
        ? "see whether it still runs, and what it has done before you ask again"
        : "see whether it still runs";
  }

  private static StorageException silent(String whatNow, IOException cause) {
    return new StorageException.Failed(
        "the server does not answer (%s); %s".formatted(cause.getMessage(), whatNow), cause);
  }

  // What it answers; that it is at fault and not who asks is the difference to a request

  private static @Nullable Object understood(byte[] body) throws IOException {
    try {
      return Json.read(body);
    } catch (StorageException.InvalidArgument e) {
      throw senseless(e);
    }
  }

  private static <T extends Record> T one(@Nullable Object tree, Class<T> type) throws IOException {
    try {
      return Records.fromTree(tree, type);
    } catch (StorageException.InvalidArgument e) {
      throw senseless(e);
    }
  }

  private static <T extends Record> List<T> many(@Nullable Object tree, Class<T> type)
      throws IOException {
    try {
      return Records.listFromTree(tree, type);
    } catch (StorageException.InvalidArgument e) {
      throw senseless(e);
    }
  }

  /// Without the advice that is meant for who sends a request.
  private static StorageException senseless(StorageException.InvalidArgument cause) {
    return new StorageException.Failed(
        "the server's answer makes no sense (%s); see whether it is a lumeo of this version"
            .formatted(String.valueOf(cause.getMessage()).split(";", 2)[0]),
        cause);
  }
}
