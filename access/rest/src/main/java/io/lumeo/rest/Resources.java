package io.lumeo.rest;

import static io.lumeo.rest.Shape.many;
import static io.lumeo.rest.Shape.one;
import static io.lumeo.rest.Shape.oneOrMany;
import static io.lumeo.rest.Shape.other;

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
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The resources: which paths there are, and what each method does to them.
final class Resources {
  private static final String POOL = "/api/v1/pools/{pool}";
  private static final String VOLUMES = "/api/v1/volumes";
  private static final String VOLUME = VOLUMES + "/{volume}";
  private static final String SNAPSHOTS = "/api/v1/snapshots";
  private static final String SNAPSHOT = SNAPSHOTS + "/{snapshot}";
  private static final String EXPORTS = "/api/v1/exports";

  private final VolumeService volumes;
  private final String instance;
  private final String version;
  private final Metrics metrics;
  private final List<Route> routes;

  Resources(VolumeService volumes, String instance, String version) {
    this.volumes = volumes;
    this.instance = instance;
    this.version = version;
    this.metrics = new Metrics(volumes, version);
    this.routes =
        List.of(
            Route.of("GET", "/health", "whether the pool takes writes", _ -> health())
                .open()
                .giving(one(HealthView.class)),
            Route.of("GET", "/metrics", "figures in Prometheus' format", _ -> metrics.answer())
                .giving(other("text/plain")),
            Route.of("GET", "/api/v1/openapi.json", "this description", _ -> description())
                .giving(other("application/json")),
            Route.of("GET", "/api/v1/pools", "the pool", _ -> Answer.ok(List.of(volumes.pool())))
                .giving(many(PoolView.class)),
            Route.of("GET", POOL, "the pool, with usage and mode", this::pool)
                .giving(one(PoolView.class)),
            Route.of("PATCH", POOL, "changes settings and sizes", this::changePool)
                .taking(one(PoolChange.class))
                .giving(one(PoolView.class)),
            Route.of("GET", POOL + "/status", "the kernel's status line", this::status)
                .giving(one(StatusView.class)),
            Route.of("POST", POOL + "/messages", "one of the kernel's messages", this::message)
                .taking(one(PoolMessage.class)),
            Route.of("GET", VOLUMES, "volumes and clones", _ -> Answer.ok(volumes(false)))
                .giving(many(VolumeView.class)),
            Route.of("POST", VOLUMES, "makes a volume or a clone", this::createVolume)
                .taking(one(VolumeRequest.class))
                .making(one(VolumeView.class)),
            Route.of("GET", VOLUME, "one volume", call -> show(call, volume(call)))
                .asking("usage", "boolean")
                .giving(one(VolumeView.class)),
            Route.of("PATCH", VOLUME, "changes a volume", call -> change(call, volume(call)))
                .taking(one(VolumeChange.class))
                .giving(one(VolumeView.class)),
            Route.of("DELETE", VOLUME, "deletes a volume", call -> delete(call, volume(call))),
            Route.of("POST", VOLUME + "/rollback", "makes it what a snapshot is", this::rollback)
                .taking(one(RollbackRequest.class))
                .giving(one(VolumeView.class)),
            Route.of("POST", VOLUME + "/trim", "gives blocks of zeroes back", this::trim)
                .giving(one(TrimView.class)),
            Route.of("GET", SNAPSHOTS, "snapshots", this::listSnapshots)
                .asking("origin", "string")
                .giving(many(VolumeView.class)),
            Route.of("POST", SNAPSHOTS, "takes snapshots at one instant", this::createSnapshots)
                .taking(oneOrMany(SnapshotRequest.class))
                .making(oneOrMany(VolumeView.class)),
            Route.of("GET", SNAPSHOT, "one snapshot", call -> show(call, snapshot(call)))
                .asking("usage", "boolean")
                .giving(one(VolumeView.class)),
            Route.of("PATCH", SNAPSHOT, "changes a snapshot", call -> change(call, snapshot(call)))
                .taking(one(VolumeChange.class))
                .giving(one(VolumeView.class)),
            Route.of(
                "DELETE", SNAPSHOT, "deletes a snapshot", call -> delete(call, snapshot(call))),
            Route.of("GET", EXPORTS, "what is served", _ -> Answer.ok(volumes.exports()))
                .giving(many(ExportView.class)),
            Route.of("GET", EXPORTS + "/{export}", "one export, and who uses it", this::export)
                .giving(one(ExportView.class)));
  }

  List<Route> routes() {
    return routes;
  }

  /// Finds the resource and asks it.
  Answer answer(
      String method, String path, Map<String, String> query, Call.Body body, Progress progress)
      throws IOException {
    var segments = Route.segments(path);
    var allowed = new java.util.TreeSet<String>();
    for (var route : routes) {
      var named = route.match(segments);
      if (named.isPresent()) {
        if (route.method().equals(method)) {
          refuseUnknown(query, route);
          return route.action().answer(new Call(named.get(), query, body, progress));
        }
        allowed.add(route.method());
      }
    }
    if (allowed.isEmpty()) {
      throw new StorageException.NotFound("there is no resource " + path);
    }
    var allow = String.join(", ", allowed);
    throw new HttpProblem(
        Problem.Kind.METHOD_NOT_ALLOWED,
        "%s does not take %s; it takes %s".formatted(path, method, allow),
        allow);
  }

  private static void refuseUnknown(Map<String, String> query, Route route)
      throws StorageException {
    for (var name : query.keySet()) {
      if (!route.queries().containsKey(name)) {
        throw new StorageException.InvalidArgument(
            "query parameter '%s' is not known to %s".formatted(name, route.template()));
      }
    }
  }

  private Answer health() throws IOException {
    var health = volumes.health();
    var status = health.well() ? HealthView.OK : "degraded";
    return Answer.ok(new HealthView(status, version, instance, health.mode()));
  }

  private Answer description() {
    return Answer.ok(OpenApi.describe(routes, version));
  }

  private Answer pool(Call call) throws IOException {
    return Answer.ok(namedPool(call));
  }

  private Answer changePool(Call call) throws IOException {
    namedPool(call);
    return Answer.ok(volumes.changePool(call.body(PoolChange.class)));
  }

  private Answer status(Call call) throws IOException {
    namedPool(call);
    return Answer.ok(volumes.status());
  }

  private Answer message(Call call) throws IOException {
    namedPool(call);
    volumes.message(call.body(PoolMessage.class).message());
    return Answer.nothing();
  }

  private PoolView namedPool(Call call) throws IOException {
    var pool = volumes.pool();
    var name = call.segment("pool");
    if (!pool.name().equals(name)) {
      throw new StorageException.NotFound(
          "there is no pool '%s'; the pool here is '%s'".formatted(name, pool.name()));
    }
    return pool;
  }

  private List<VolumeView> volumes(boolean snapshots) throws IOException {
    return volumes.list().stream().filter(volume -> volume.isSnapshot() == snapshots).toList();
  }

  private Answer createVolume(Call call) throws IOException {
    var made = volumes.create(call.body(VolumeRequest.class));
    return Answer.created(VOLUMES + "/" + made.name(), made);
  }

  /// The volume of the path, which must not be a snapshot.
  private VolumeView volume(Call call) throws IOException {
    var volume = volumes.get(call.segment("volume"));
    if (volume.isSnapshot()) {
      throw new StorageException.NotFound(
          "'%s' is a snapshot; ask %s".formatted(volume.name(), SNAPSHOTS));
    }
    return volume;
  }

  private VolumeView snapshot(Call call) throws IOException {
    var volume = volumes.get(call.segment("snapshot"));
    if (!volume.isSnapshot()) {
      throw new StorageException.NotFound(
          "'%s' is a volume; ask %s".formatted(volume.name(), VOLUMES));
    }
    return volume;
  }

  private Answer show(Call call, VolumeView volume) throws IOException {
    return Answer.ok(call.flag("usage") ? volumes.show(volume.name(), call.progress()) : volume);
  }

  private Answer change(Call call, VolumeView volume) throws IOException {
    return Answer.ok(volumes.change(volume.name(), call.body(VolumeChange.class)));
  }

  private Answer delete(Call call, VolumeView volume) throws IOException {
    volumes.delete(volume.name(), call.progress());
    return Answer.nothing();
  }

  private Answer rollback(Call call) throws IOException {
    var snapshot = call.body(RollbackRequest.class).snapshot();
    return Answer.ok(volumes.rollback(volume(call).name(), snapshot, call.progress()));
  }

  private Answer trim(Call call) throws IOException {
    return Answer.ok(volumes.trim(volume(call).name(), call.progress()));
  }

  private Answer listSnapshots(Call call) throws IOException {
    var origin = call.query().get("origin");
    return Answer.ok(
        volumes(true).stream()
            .filter(snapshot -> origin == null || origin.equals(snapshot.origin()))
            .toList());
  }

  /// One snapshot, or an array of them taken at one instant.
  private Answer createSnapshots(Call call) throws IOException {
    var tree = Json.read(call.body().bytes());
    if (tree instanceof List<?>) {
      var made = volumes.snapshot(Records.listFromTree(tree, SnapshotRequest.class));
      return Answer.created(SNAPSHOTS, made);
    }
    var request = Records.fromTree(tree, SnapshotRequest.class);
    var made = volumes.snapshot(List.of(request)).getFirst();
    return Answer.created(SNAPSHOTS + "/" + made.name(), made);
  }

  private Answer export(Call call) throws IOException {
    var name = call.segment("export");
    return volumes.exports().stream()
        .filter(export -> export.name().equals(name))
        .findFirst()
        .map(Answer::ok)
        .orElseThrow(() ->
            new StorageException.NotFound(
                "there is no export '%s'; there are %s".formatted(name, exportNames())));
  }

  private String exportNames() {
    try {
      return volumes.exports().stream()
          .map(ExportView::name)
          .limit(10)
          .collect(Collectors.joining(", "));
    } catch (IOException e) {
      return "none that can be listed: " + e.getMessage();
    }
  }
}
