package io.lumeo.rest;

import io.lumeo.block.StorageException;
import io.lumeo.pools.ExportView;
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
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pool that is open in a running server.
///
/// Long work is done there and watched from here: when a [Progress] stops it, it stops there.
public final class RemoteVolumes implements VolumeService {
  private static final int HEALTH_MILLIS = 2000;

  /// Deleting and trimming may take as long as the disk takes.
  private static final int NO_TIMEOUT = 0;

  private final HttpClient http;

  private RemoteVolumes(HttpClient http) {
    this.http = http;
  }

  /// Speaks to the server of a directory.
  public static RemoteVolumes of(RunningServer server, Token token) {
    return new RemoteVolumes(new HttpClient(server.rest(), token));
  }

  /// Asks whoever listens there who it is, without showing a token.
  static HealthView health(InetSocketAddress address) throws IOException {
    var response = new HttpClient(address, null).send("GET", "/health", null, HEALTH_MILLIS);
    return Records.fromTree(Json.read(response.body()), HealthView.class);
  }

  @Override
  public PoolView pool() throws IOException {
    return Records.listFromTree(get("/api/v1/pools", true), PoolView.class).getFirst();
  }

  @Override
  public StatusView status() throws IOException {
    return Records.fromTree(get(poolPath() + "/status", true), StatusView.class);
  }

  @Override
  public PoolView changePool(PoolChange change) throws IOException {
    return Records.fromTree(send("PATCH", poolPath(), change), PoolView.class);
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
    return Records.listFromTree(get("/api/v1/" + collection, true), VolumeView.class);
  }

  @Override
  public VolumeView get(String name) throws IOException {
    return Records.fromTree(get(path(name), true), VolumeView.class);
  }

  @Override
  public VolumeView show(String name, Progress progress) throws IOException {
    return Records.fromTree(
        watch("GET", path(name) + "?usage=true", null, progress), VolumeView.class);
  }

  /// Where the server keeps it: among the volumes or the snapshots.
  private String path(String name) throws IOException {
    var asVolume = "/api/v1/volumes/" + segment(name);
    var asSnapshot = "/api/v1/snapshots/" + segment(name);
    return get(asVolume, false) != null || get(asSnapshot, false) == null ? asVolume : asSnapshot;
  }

  @Override
  public VolumeView create(VolumeRequest request) throws IOException {
    return Records.fromTree(send("POST", "/api/v1/volumes", request), VolumeView.class);
  }

  @Override
  public List<VolumeView> snapshot(List<SnapshotRequest> requests) throws IOException {
    return Records.listFromTree(send("POST", "/api/v1/snapshots", requests), VolumeView.class);
  }

  @Override
  public VolumeView change(String name, VolumeChange change) throws IOException {
    return Records.fromTree(send("PATCH", path(name), change), VolumeView.class);
  }

  @Override
  public VolumeView rollback(String volume, String snapshot, Progress progress) throws IOException {
    return Records.fromTree(
        watch(
            "POST",
            "/api/v1/volumes/" + segment(volume) + "/rollback",
            new RollbackRequest(snapshot),
            progress),
        VolumeView.class);
  }

  @Override
  public TrimView trim(String name, Progress progress) throws IOException {
    return Records.fromTree(
        watch("POST", "/api/v1/volumes/" + segment(name) + "/trim", null, progress),
        TrimView.class);
  }

  @Override
  public void delete(String name, Progress progress) throws IOException {
    watch("DELETE", path(name), null, progress);
  }

  @Override
  public List<ExportView> exports() throws IOException {
    return Records.listFromTree(get("/api/v1/exports", true), ExportView.class);
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
    return tree(() -> http.send(method, path, body, NO_TIMEOUT));
  }

  private @Nullable Object watch(
      String method, String path, @Nullable Object body, Progress progress) throws IOException {
    return tree(() -> http.watch(method, path, body, progress));
  }

  private interface Exchange {
    HttpClient.Response run() throws IOException;
  }

  private static @Nullable Object tree(Exchange exchange) throws IOException {
    var response = answer(exchange);
    if (response.status() >= 400) {
      throw Records.fromTree(Json.read(response.body()), Problem.class).toException();
    }
    return response.body().length == 0 ? null : Json.read(response.body());
  }

  private static HttpClient.Response answer(Exchange exchange) throws IOException {
    try {
      return exchange.run();
    } catch (ConnectException e) {
      throw new StorageException.Failed(
          "the server does not answer (%s); see whether it still runs".formatted(e.getMessage()),
          e);
    }
  }
}
