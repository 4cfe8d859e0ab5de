package io.lumeo.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.pools.ExportView;
import io.lumeo.pools.LocalVolumes;
import io.lumeo.pools.PoolChange;
import io.lumeo.pools.SnapshotRequest;
import io.lumeo.pools.TrimView;
import io.lumeo.pools.VolumeChange;
import io.lumeo.pools.VolumeRequest;
import io.lumeo.pools.VolumeService;
import io.lumeo.pools.VolumeView;
import io.lumeo.testing.Repository;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Progress;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The resources over the real server, on a real pool.
@org.junit.jupiter.api.Timeout(20)
class RestServerTest {
  private static final long GIB = 1L << 30;

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();
  private LocalVolumes local;
  private Token token;
  private RestServer server;
  private RemoteVolumes remote;

  @BeforeEach
  void serve() throws IOException {
    var format = new Volumes.Format(64 << 10, GIB, 0, PoolOptions.DEFAULT);
    var export =
        new ExportView(
            "v", "nbd+unix:///v?socket=s", "nbd://h/v", GIB, false, 3, List.of("a", "b", "c"));
    local =
        new LocalVolumes(Volumes.create(PoolFiles.in(directory), format), () -> List.of(export));
    token = Token.in(directory);
    server = start(0);
    remote = RemoteVolumes.of(running("test"), token);
  }

  private RestServer start(int port) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return RestServer.start(local, token, address, "test", "0.0");
  }

  private RunningServer running(String instance) {
    return new RunningServer(
        instance,
        ProcessHandle.current().pid(),
        "127.0.0.1",
        server.address().getPort(),
        null,
        null,
        null,
        "0.0",
        Instant.EPOCH);
  }

  @AfterEach
  void stop() throws IOException {
    http.close();
    server.close();
    local.close();
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return send(
        request(method, path, body)
            .header("Authorization", token.authorization())
            .header("Content-Type", "application/json"));
  }

  private HttpRequest.Builder request(String method, String path, String body) {
    var uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    return HttpRequest.newBuilder(uri)
        .method(
            method,
            body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Map<?, ?> json(HttpResponse<String> response) throws IOException {
    return (Map<?, ?>) Json.read(response.body().getBytes(StandardCharsets.UTF_8));
  }

  private static void assertProblem(HttpResponse<String> response, int status, String detail)
      throws IOException {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(json(response).get("status")).isEqualTo((long) status);
    assertThat((String) json(response).get("detail"))
        .contains(detail)
        .doesNotContain("\n", "Exception", "io.lumeo");
  }

  @Test
  void aVolumeIsMadeShownChangedAndDeleted() throws Exception {
    var made = send("POST", "/api/v1/volumes", "{\"name\":\"v\",\"sizeBytes\":1048576}");
    assertThat(made.statusCode()).isEqualTo(201);
    assertThat(made.headers().firstValue("Location")).hasValue("/api/v1/volumes/v");
    assertThat(json(made).get("kind")).isEqualTo("volume");

    var changed = send("PATCH", "/api/v1/volumes/v", "{\"sizeBytes\":2097152,\"tags\":[\"t\"]}");
    assertThat(json(changed).get("sizeBytes")).isEqualTo(2097152L);
    assertThat(json(changed).get("tags")).isEqualTo(List.of("t"));

    var renamed = send("PATCH", "/api/v1/volumes/v", "{\"name\":\"w\",\"quotaBytes\":65536}");
    assertThat(json(renamed).get("name")).isEqualTo("w");
    assertThat(json(renamed).get("quotaBytes")).isEqualTo(65536L);

    assertThat(send("DELETE", "/api/v1/volumes/w", "").statusCode()).isEqualTo(204);
    assertProblem(send("GET", "/api/v1/volumes/w", ""), 404, "'w'");
  }

  @Test
  void snapshotsAreTakenTogetherOrNotAtAll() throws Exception {
    local.create(VolumeRequest.empty("v", GIB));

    var both =
        send(
            "POST",
            "/api/v1/snapshots",
            "[{\"name\":\"a\",\"origin\":\"v\"},{\"name\":\"b\",\"origin\":\"v\"}]");
    assertThat(both.statusCode()).isEqualTo(201);
    var none =
        send(
            "POST",
            "/api/v1/snapshots",
            "[{\"name\":\"c\",\"origin\":\"v\"},{\"name\":\"a\",\"origin\":\"v\"}]");
    assertProblem(none, 409, "'a'");

    assertThat(remote.list()).extracting(VolumeView::name).containsExactly("a", "b", "v");
    assertThat(send("GET", "/api/v1/snapshots?origin=x", "").body()).isEqualTo("[]");
  }

  @Test
  void volumesAndSnapshotsAreNotTakenForEachOther() throws Exception {
    local.create(VolumeRequest.empty("v", GIB));
    local.snapshot(List.of(new SnapshotRequest("s", "v", List.of())));

    assertProblem(send("DELETE", "/api/v1/volumes/s", ""), 404, "'s' is a snapshot");
    assertProblem(send("DELETE", "/api/v1/snapshots/v", ""), 404, "'v' is a volume");
    assertThat(local.list()).hasSize(2);
  }

  @Test
  void theDescriptionHasEveryRouteAndEveryField() throws Exception {
    local.create(VolumeRequest.empty("v", GIB));
    local.snapshot(List.of(new SnapshotRequest("s", "v", List.of("nightly"))));
    var description = json(send("GET", "/api/v1/openapi.json", ""));
    var described = new TreeSet<String>();
    map(description, "paths")
        .forEach((path, operations) ->
            ((Map<?, ?>) operations)
                .keySet()
                .forEach(method ->
                    described.add(method.toString().toUpperCase(Locale.ROOT) + " " + path)));
    assertThat(described).isEqualTo(routes());

    assertDescribed(description, "/health", "HealthView");
    assertDescribed(description, "/api/v1/pools", "PoolView");
    assertDescribed(description, "/api/v1/pools/pool/status", "StatusView");
    assertDescribed(description, "/api/v1/volumes", "VolumeView");
    assertDescribed(description, "/api/v1/volumes/v?usage=true", "VolumeView");
    assertDescribed(description, "/api/v1/snapshots", "VolumeView");
    assertDescribed(description, "/api/v1/exports", "ExportView");
    assertDescribed(description, "/api/v1/volumes/none", "Problem");
    assertThat(properties(description, "PoolChange").get("autoExtendStepBytes")).isNotNull();
    assertThat(map(description, "components", "schemas", "SnapshotRequest").get("required"))
        .isEqualTo(List.of("name", "origin"));
    assertThat(map(description, "paths", "/health", "get").get("security")).isEqualTo(List.of());
  }

  private Set<String> routes() {
    var routes = new TreeSet<String>();
    for (var route : new Resources(local, "test", "0.0").routes()) {
      routes.add(route.method() + " " + route.template());
    }
    return routes;
  }

  /// Each field of what is answered is a property of that schema, and of the type it says.
  private void assertDescribed(Map<?, ?> description, String path, String schema) throws Exception {
    var answer = Json.read(send("GET", path, "").body().getBytes(StandardCharsets.UTF_8));
    var item = (Map<?, ?>) (answer instanceof List<?> list ? list.getFirst() : answer);
    var properties = properties(description, schema);
    assertThat(item.keySet()).as(path).isEqualTo(properties.keySet());
    item.forEach((name, value) ->
        assertThat(((Map<?, ?>) properties.get(name)).get("type"))
            .as("%s of %s", name, schema)
            .satisfies(type ->
                assertThat(type instanceof List<?> types ? types : List.of(type))
                    .containsAnyOf(typesOf(value))));
  }

  private static Object[] typesOf(Object value) {
    return switch (value) {
      case null -> new Object[] {"null"};
      case String _ -> new Object[] {"string"};
      case Boolean _ -> new Object[] {"boolean"};
      case Long _ -> new Object[] {"integer"};
      case Double _ -> new Object[] {"number"};
      case List<?> _ -> new Object[] {"array"};
      default -> throw new AssertionError(value + " is of no type here");
    };
  }

  private static Map<?, ?> properties(Map<?, ?> description, String schema) {
    return map(description, "components", "schemas", schema, "properties");
  }

  private static Map<?, ?> map(Map<?, ?> tree, String... names) {
    for (var name : names) {
      tree = (Map<?, ?>) tree.get(name);
      assertThat(tree).as(name).isNotNull();
    }
    return tree;
  }

  @Test
  void thePageHasEveryRoute() throws IOException {
    var told = new TreeSet<String>();
    for (var line : Files.readAllLines(Repository.path(Path.of("docs/manual/rest.md")))) {
      if (line.startsWith("| `")) {
        told.addAll(routesOf(line.split("\\|", 3)[1]));
      }
    }
    assertThat(told).isEqualTo(routes());
  }

  /// `` `GET`, `POST /api/v1/volumes` `` are two: a method without a path is of the next.
  private static List<String> routesOf(String cell) {
    var routes = new ArrayList<String>();
    var methods = new ArrayList<String>();
    for (var words : Pattern.compile("`([^`]+)`").matcher(cell).results().toList()) {
      var parts = words.group(1).split(" ", 2);
      methods.add(parts[0]);
      if (parts.length == 2) {
        methods.forEach(method -> routes.add(method + " " + parts[1]));
        methods.clear();
      }
    }
    return routes;
  }

  @Test
  void theClientDoesWhatTheServerCan() throws Exception {
    remote.create(VolumeRequest.empty("v", GIB));
    remote.snapshot(List.of(new SnapshotRequest("s", "v", List.of("nightly"))));
    remote.create(VolumeRequest.clone("c", "s", List.of()));
    assertThat(remote.rollback("v", "s", Progress.NONE).name()).isEqualTo("v");
    assertThat(remote.trim("v", Progress.NONE).freedBytes()).isZero();
    assertThat(remote.show("c", Progress.NONE).exclusiveBytes()).isZero();
    assertThat(remote.get("s").tags()).containsExactly("nightly");
    assertThat(remote.change("c", VolumeChange.size(2 * GIB)).sizeBytes()).isEqualTo(2 * GIB);
    remote.delete("s", Progress.NONE);
    remote.message("set_transaction_id 0 18446744073709551615");
    assertThat(remote.pool()).isEqualTo(local.pool());
    assertThat(remote.pool().transactionId()).isEqualTo("18446744073709551615");
    assertThat(remote.status()).isEqualTo(local.status());
    assertThat(remote.exports()).extracting(ExportView::connectionCount).containsExactly(3);
    assertThat(remote.list()).isEqualTo(local.list());
  }

  @Test
  void thePoolIsExtendedAndSet() throws Exception {
    var changed =
        remote.changePool(
            new PoolChange(
                2 * GIB,
                null,
                1L << 20,
                DiscardMode.IGNORE,
                false,
                true,
                true,
                5L,
                1L << 20,
                4 * GIB));

    assertThat(changed.dataSizeBytes()).isEqualTo(2 * GIB);
    assertThat(changed.lowWaterBytes()).isEqualTo(1L << 20);
    assertThat(changed.discard()).isEqualTo(DiscardMode.IGNORE);
    assertThat(changed.zeroNewBlocks()).isFalse();
    assertThat(changed.readOnly()).as("read-only from the next opening on").isFalse();
    assertThat(changed.errorIfNoSpace()).isTrue();
    assertThat(changed.noSpaceTimeoutSeconds()).isEqualTo(5);
    assertThat(changed.autoExtendMaximumBytes()).isEqualTo(4 * GIB);
    assertThat(remote.pool()).isEqualTo(changed);
    assertThatThrownBy(() -> remote.changePool(growingTo(2 * GIB - 1)))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining("cannot grow by itself up to 2147483647; give a larger maximum");
    assertThat(remote.changePool(growingTo(2 * GIB)).autoExtendMaximumBytes()).isEqualTo(2 * GIB);
    assertProblem(send("GET", "/api/v1/pools/other", ""), 404, "the pool here is 'pool'");
  }

  private static PoolChange growingTo(long maximumBytes) {
    return new PoolChange(null, null, null, null, null, null, null, null, null, maximumBytes);
  }

  @Test
  void failuresComeBackAsWhatTheyWere() throws Exception {
    remote.create(VolumeRequest.empty("v", GIB));

    assertThatThrownBy(() -> remote.create(VolumeRequest.empty("v", GIB)))
        .isInstanceOf(StorageException.AlreadyExists.class);
    assertThatThrownBy(() -> remote.get("none")).isInstanceOf(StorageException.NotFound.class);
    assertThatThrownBy(() -> remote.create(VolumeRequest.empty("-v", GIB)))
        .isInstanceOf(StorageException.InvalidArgument.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          POST   | /api/v1/volumes        | {"name":              | 400 | not JSON: line 1
          POST   | /api/v1/volumes        | {"name":"v","size":1} | 400 | field 'size' is not known
          POST   | /api/v1/volumes        | ^^                    | 400 | the body is empty
          POST   | /api/v1/volumes        | {"name":"-","sizeBytes":512} | 400 | '-' is not a volume name
          POST   | /api/v1/volumes        | {"name":"v","sizeBytes":0}   | 400 | 0 bytes
          DELETE | /api/v1/volumes        | ^^                    | 405 | it takes GET, POST
          PUT    | /api/v1/volumes/v      | {}                    | 405 | it takes DELETE, GET, PATCH
          GET    | /api/v1/nothing        | ^^                    | 404 | there is no resource
          GET    | /                      | ^^                    | 404 | there is no resource
          GET    | /api/v1/volumes?x=1    | ^^                    | 400 | 'x' is not known
          GET    | /api/v1/volumes/..%2Fv | ^^                    | 404 | there is no
          POST   | /api/v1/pools/pool/messages | {"message":"format"} | 400 | format
          """)
  void whatIsNotUnderstoodIsAProblem(
      String method, String path, String body, int status, String detail) throws Exception {
    assertProblem(send(method, path, body), status, detail);
  }

  @Test
  void aWrongMethodIsToldTheRightOnes() throws Exception {
    var response = send("PUT", "/api/v1/volumes", "{}");

    assertThat(response.headers().firstValue("Allow")).hasValue("GET, POST");
  }

  @Test
  void onlyJsonIsTaken() throws Exception {
    var form =
        request("POST", "/api/v1/volumes", "name=v")
            .header("Authorization", token.authorization())
            .header("Content-Type", "application/x-www-form-urlencoded");

    assertProblem(send(form), 415, "must be JSON");
  }

  @Test
  void aHugeBodyIsRefused() throws Exception {
    var huge = "{\"name\":\"" + "x".repeat(1 << 20) + "\"}";

    assertProblem(send("POST", "/api/v1/volumes", huge), 413, "");
  }

  @Test
  void withoutTheTokenThereIsOnlyHealth() throws Exception {
    assertThat(send(request("GET", "/health", "")).statusCode()).isEqualTo(200);
    for (var path : List.of("/metrics", "/api/v1/volumes", "/api/v1/nothing")) {
      assertProblem(send(request("GET", path, "")), 401, "Authorization: Bearer");
    }
    var wrong =
        request("GET", "/api/v1/volumes", "").header("Authorization", "Bearer " + "0".repeat(64));
    assertProblem(send(wrong), 401, "Authorization: Bearer");
  }

  /// A page in a browser can make its own name lead here.
  @Test
  void anotherHostNameIsRefused() throws Exception {
    assertThat(raw("GET /health HTTP/1.1\r\nHost: evil.example:9000\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 421")
        .contains("urn:lumeo:problem:foreign-host");
    assertThat(raw("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void whatIsNotHttpIsAProblemToo() throws Exception {
    assertThat(raw("GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n"))
        .contains("application/problem+json")
        .doesNotContain("Exception");
  }

  private String raw(String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.setSoTimeout(10_000);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aTakenPortIsSaidInOneLine() {
    assertThatThrownBy(() -> start(server.address().getPort()))
        .isInstanceOf(StorageException.Busy.class)
        .hasMessageContaining("REST cannot listen on 127.0.0.1:" + server.address().getPort())
        .hasMessageContaining("Address already in use");
  }

  @Test
  void theNamesOfTheMetricsStay() throws Exception {
    local.create(VolumeRequest.empty("v", GIB));

    var response = send("GET", "/metrics", "");

    assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertThat(response.body().lines().filter(line -> line.startsWith("# TYPE ")))
        .containsExactly(
            "# TYPE lumeo_build_info gauge",
            "# TYPE lumeo_export_connections gauge",
            "# TYPE lumeo_pool_data_size_bytes gauge",
            "# TYPE lumeo_pool_data_used_bytes gauge",
            "# TYPE lumeo_pool_low_water_bytes gauge",
            "# TYPE lumeo_pool_metadata_size_bytes gauge",
            "# TYPE lumeo_pool_metadata_used_bytes gauge",
            "# TYPE lumeo_pool_mode gauge",
            "# TYPE lumeo_pool_needs_check gauge",
            "# TYPE lumeo_pool_snapshot_ticks_left gauge",
            "# TYPE lumeo_pool_snapshots gauge",
            "# TYPE lumeo_pool_transaction_id gauge",
            "# TYPE lumeo_pool_virtual_size_bytes gauge",
            "# TYPE lumeo_pool_volumes gauge",
            "# TYPE lumeo_volume_mapped_bytes gauge",
            "# TYPE lumeo_volume_size_bytes gauge");
    assertThat(response.body())
        .contains("lumeo_export_connections{export=\"v\",pool=\"pool\"} 3.0")
        .contains("lumeo_pool_mode{mode=\"write\",pool=\"pool\"} 1")
        .contains("lumeo_volume_size_bytes{kind=\"volume\",pool=\"pool\",volume=\"v\"}");
  }

  @Test
  void longWorkTellsWhoWatchesHowFarItIs() throws Exception {
    remote.create(VolumeRequest.empty("v", GIB));
    var told = new ArrayList<String>();

    var trimmed = remote.trim("v", (done, total) -> told.add(done + " of " + total));

    assertThat(trimmed).isEqualTo(new TrimView("v", 0));
    assertThat(told).first().isEqualTo("16384 of 16384");
    var lines = watch("POST", "/api/v1/volumes/v/trim", "");
    assertThat(lines.headers().firstValue("Content-Type")).hasValue("application/x-ndjson");
    assertThat(lines.body())
        .isEqualTo(
            """
            {"done":16384,"total":16384}
            {"result":{"name":"v","freedBytes":0}}
            """);
    assertThat(watch("DELETE", "/api/v1/volumes/v", "").body()).endsWith("\n{\"result\":null}\n");
  }

  @Test
  void aFailureInTheMiddleOfLongWorkIsTheLastLineAndOneBeforeItAnAnswerAsEver() throws Exception {
    remote.create(VolumeRequest.empty("v", GIB));
    serveInstead(progress -> {
      progress.update(1, 2);
      throw new StorageException.OutOfSpace("no space for it; make some");
    });

    assertThatThrownBy(() -> remote.trim("v", (_, _) -> true))
        .isInstanceOf(StorageException.OutOfSpace.class)
        .hasMessage("no space for it; make some");
    assertThat(watch("POST", "/api/v1/volumes/v/trim", "").body())
        .startsWith("{\"done\":1,\"total\":2}\n{\"problem\":{\"type\":\"urn:lumeo:problem:");
    assertProblem(watch("POST", "/api/v1/volumes/none/trim", ""), 404, "'none'");
    assertThatThrownBy(() -> remote.trim("none", (_, _) -> true))
        .isInstanceOf(StorageException.NotFound.class);
  }

  @Test
  void longWorkStopsWhenNobodyWatchesAnyMore() throws Exception {
    remote.create(VolumeRequest.empty("v", GIB));
    var stopped = new CountDownLatch(2);
    serveInstead(progress -> {
      for (long done = 0; progress.update(done, Long.MAX_VALUE); done++) {
        Thread.onSpinWait();
      }
      stopped.countDown();
      throw new InterruptedIOException("stopped");
    });

    assertThatThrownBy(() -> remote.trim("v", (done, _) -> done == 0))
        .isInstanceOf(InterruptedIOException.class);
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      var request =
          String.join(
              "\r\n",
              "POST /api/v1/volumes/v/trim HTTP/1.1",
              "Host: localhost",
              "Content-Length: 0",
              "Accept: application/x-ndjson",
              "Authorization: " + token.authorization(),
              "",
              "");
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo('H');
    }
    assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
  }

  /// Long work of a test.
  private interface Work {
    TrimView run(Progress progress) throws IOException;
  }

  /// Serves the same pool, where trimming is `work`.
  private void serveInstead(Work work) throws IOException {
    server.close();
    var volumes =
        (VolumeService)
            Proxy.newProxyInstance(
                VolumeService.class.getClassLoader(),
                new Class<?>[] {VolumeService.class},
                (_, method, arguments) ->
                    method.getName().equals("trim")
                        ? work.run((Progress) arguments[1])
                        : asIs(method, arguments));
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server = RestServer.start(volumes, token, address, "test", "0.0");
    remote = RemoteVolumes.of(running("test"), token);
  }

  private Object asIs(Method method, Object... arguments) throws Throwable {
    try {
      return method.invoke(local, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private HttpResponse<String> watch(String method, String path, String body) throws Exception {
    return send(
        request(method, path, body)
            .header("Authorization", token.authorization())
            .header("Accept", "application/x-ndjson"));
  }

  @Test
  void aVolumeIsRolledBackOnlyToWhatItComesFromOrWhatComesFromIt() throws Exception {
    remote.create(VolumeRequest.empty("a", GIB));
    remote.create(VolumeRequest.empty("b", GIB));
    remote.snapshot(
        List.of(
            new SnapshotRequest("a1", "a", List.of()), new SnapshotRequest("b1", "b", List.of())));
    remote.create(VolumeRequest.clone("c", "a1", List.of()));

    assertThat(remote.rollback("c", "a1", Progress.NONE).name()).isEqualTo("c");
    assertProblem(
        send("POST", "/api/v1/volumes/a/rollback", "{\"snapshot\":\"b1\"}"),
        422,
        "'b1' was taken of 'b' and has nothing in common with 'a'; 'lumeo clone' makes a volume");
  }

  /// A deletion holds off everything else until it is done.
  @Test
  void theServerSaysThatItLivesWhateverItDoes() throws Exception {
    remote.create(VolumeRequest.empty("v", GIB));
    var deleting = new CountDownLatch(1);
    var asked = new CountDownLatch(1);
    var deletion =
        CompletableFuture.runAsync(() -> {
          try {
            local.delete(
                "v",
                (_, _) -> {
                  deleting.countDown();
                  return isOver(asked);
                });
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    assertThat(isOver(deleting)).isTrue();

    assertThat(RemoteVolumes.health(server.address()).status()).isEqualTo("ok");

    asked.countDown();
    deletion.join();
  }

  private static boolean isOver(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anExportIsFoundByItsName() throws Exception {
    assertThat(json(send("GET", "/api/v1/exports/v", "")).get("connectionCount")).isEqualTo(3L);
    assertProblem(send("GET", "/api/v1/exports/w", ""), 404, "there is no export 'w'; there are v");
  }

  @Test
  void aRunningServerIsFoundByItsDirectoryAndAStaleOneIsNot() throws Exception {
    assertThat(RunningServer.find(directory)).isEmpty();

    running("test").write(directory);
    assertThat(RunningServer.find(directory)).hasValue(running("test"));

    running("an earlier one").write(directory);
    assertThat(RunningServer.find(directory)).isEmpty();

    running("test").remove(directory);
    assertThat(directory.resolve("server.json")).exists();
    running("an earlier one").remove(directory);
    assertThat(directory.resolve("server.json")).doesNotExist();
  }
}
