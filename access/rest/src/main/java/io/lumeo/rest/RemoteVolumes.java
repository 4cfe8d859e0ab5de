package io.lumeo.rest;

import io.lumeo.block.StorageException;
import io.lumeo.thin.Progress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pool that is open in a running server.
///
/// Long work is done there and not watched: a [Progress] given here is not told.
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
    return view(name, "");
  }

  @Override
  public VolumeView show(String name, Progress progress) throws IOException {
    return view(name, "?usage=true");
  }

  private VolumeView view(String name, String query) throws IOException {
    return Records.fromTree(get(path(name) + query, true), VolumeView.class);
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
  public VolumeView rollback(String volume, String snapshot) throws IOException {
    return Records.fromTree(
        send(
            "POST",
            "/api/v1/volumes/" + segment(volume) + "/rollback",
            new RollbackRequest(snapshot)),
        VolumeView.class);
  }

  @Override
  public TrimView trim(String name, Progress progress) throws IOException {
    return Records.fromTree(
        send("POST", "/api/v1/volumes/" + segment(name) + "/trim", null), TrimView.class);
  }

  @Override
  public void delete(String name, Progress progress) throws IOException {
    send("DELETE", path(name), null);
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
    var response = exchange(method, path, body);
    if (response.status() >= 400) {
      throw Records.fromTree(Json.read(response.body()), Problem.class).toException();
    }
    return response.body().length == 0 ? null : Json.read(response.body());
  }

  private HttpClient.Response exchange(String method, String path, @Nullable Object body)
      throws IOException {
    try {
      return http.send(method, path, body, NO_TIMEOUT);
    } catch (ConnectException e) {
      throw new StorageException.Failed(
          "the server does not answer (%s); see whether it still runs".formatted(e.getMessage()),
          e);
    }
  }
}
