package io.lumeo.rest;

import io.lumeo.block.StorageException;
import io.lumeo.pools.ExportView;
import io.lumeo.pools.PoolChange;
import io.lumeo.pools.PoolView;
import io.lumeo.pools.SnapshotRequest;
import io.lumeo.pools.VolumeChange;
import io.lumeo.pools.VolumeRequest;
import io.lumeo.pools.VolumeService;
import io.lumeo.pools.VolumeView;
import io.lumeo.thin.Progress;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
            route("GET", "/health", _ -> health()),
            route("GET", "/metrics", _ -> metrics.answer()),
            route("GET", "/api/v1/pools", _ -> Answer.ok(List.of(volumes.pool()))),
            route("GET", POOL, this::pool),
            route("PATCH", POOL, this::changePool),
            route("GET", POOL + "/status", this::status),
            route("POST", POOL + "/messages", this::message),
            route("GET", VOLUMES, _ -> Answer.ok(volumes(false))),
            route("POST", VOLUMES, this::createVolume),
            route("GET", VOLUME, Set.of("usage"), call -> show(call, volume(call))),
            route("PATCH", VOLUME, call -> change(call, volume(call))),
            route("DELETE", VOLUME, call -> delete(call, volume(call))),
            route("POST", VOLUME + "/rollback", this::rollback),
            route("POST", VOLUME + "/trim", this::trim),
            route("GET", SNAPSHOTS, Set.of("origin"), this::listSnapshots),
            route("POST", SNAPSHOTS, this::createSnapshots),
            route("GET", SNAPSHOT, Set.of("usage"), call -> show(call, snapshot(call))),
            route("PATCH", SNAPSHOT, call -> change(call, snapshot(call))),
            route("DELETE", SNAPSHOT, call -> delete(call, snapshot(call))),
            route("GET", EXPORTS, _ -> Answer.ok(volumes.exports())),
            route("GET", EXPORTS + "/{export}", this::export));
  }

  private static Route route(String method, String template, Route.Action action) {
    return new Route(method, template, Set.of(), action);
  }

  private static Route route(
      String method, String template, Set<String> queries, Route.Action action) {
    return new Route(method, template, queries, action);
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
      if (!route.queries().contains(name)) {
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
