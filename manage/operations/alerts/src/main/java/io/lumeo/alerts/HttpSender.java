package io.lumeo.alerts;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Posts to addresses that people configured, and reads no more of the answer than its status.
///
/// It is a client of its own because of one thing that the JDK's cannot do: to connect to the very
/// address that was checked. A name is resolved once; each of its addresses is checked against the
/// [AddressRule], and the connection goes to one that passed, so that a second answer of the name
/// server leads nowhere else. TLS still verifies the name. Redirects are not followed, for they
/// would lead around the check; proxies are not used.
///
/// Safe for use by several threads.
public final class HttpSender {
  private static final int LONGEST_STATUS_LINE = 8192;

  private final AddressRule rule;
  private final Duration deadline;
  private final SSLSocketFactory tls;
  private final Resolver resolver;

  /// Finds the addresses of a name.
  interface Resolver {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  HttpSender(AddressRule rule, Duration deadline, SSLSocketFactory tls, Resolver resolver) {
    this.rule = rule;
    this.deadline = deadline;
    this.tls = tls;
    this.resolver = resolver;
  }

  /// A sender that resolves and trusts as this machine does.
  ///
  /// @param deadline for one exchange, from resolving the name to the status, greater than 0
  public static HttpSender within(Duration deadline, AddressRule rule) {
    return new HttpSender(
        rule,
        deadline,
        (SSLSocketFactory) SSLSocketFactory.getDefault(),
        InetAddress::getAllByName);
  }

  /// Posts `body`. In what is thrown the address is named by host and port only, since the rest of
  /// it is often a secret.
  ///
  /// @throws DeliveryFailure unless the answer is a 2xx
  void post(URI address, Map<String, String> headers, byte[] body) throws DeliveryFailure {
    var target = Target.of(address);
    var request = request(target, headers, body);
    var open = new AtomicReference<Socket>();
    var exchange = new FutureTask<>(() -> exchange(target, request, open));
    Thread.ofVirtual().name("alert to " + target.place()).start(exchange);
    try {
      judge(target, exchange.get(deadline.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      abandon(open.get());
      throw DeliveryFailure.passing(
          "%s did not answer within %d ms".formatted(target.place(), deadline.toMillis()));
    } catch (InterruptedException e) {
      abandon(open.get());
      Thread.currentThread().interrupt();
      throw DeliveryFailure.passing("interrupted while sending to " + target.place());
    } catch (ExecutionException e) {
      throw failure(target, e.getCause());
    }
  }

  /// Signals life at `address`: see [Ping].
  void ping(URI address, Ping.Kind kind, String detail) throws DeliveryFailure {
    var whole = address.getRawPath() == null ? "" : address.getRawPath();
    var path = (whole.endsWith("/") ? whole.substring(0, whole.length() - 1) : whole) + kind.path();
    var query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    post(
        address.resolve(path.isEmpty() ? "/" + query : path + query),
        Map.of("Content-Type", "text/plain; charset=utf-8"),
        detail.getBytes(StandardCharsets.UTF_8));
  }

  private int exchange(Target target, byte[] request, AtomicReference<Socket> open)
      throws IOException, DeliveryFailure {
    try (var socket = connect(target)) {
      open.set(socket);
      if (!target.secure()) {
        return exchange(socket, request);
      }
      try (var secured = (SSLSocket) tls.createSocket(socket, target.host(), target.port(), true)) {
        var parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        return exchange(secured, request);
      }
    }
  }

  private Socket connect(Target target) throws IOException, DeliveryFailure {
    var addresses = allowed(target);
    IOException last = null;
    for (var address : addresses) {
      var socket = new Socket();
      try {
        socket.connect(
            new InetSocketAddress(address, target.port()), Math.toIntExact(deadline.toMillis()));
        return socket;
      } catch (IOException e) {
        socket.close();
        last = e;
      }
    }
    throw last == null ? new UnknownHostException(target.host()) : last;
  }

  private List<InetAddress> allowed(Target target) throws IOException, DeliveryFailure {
    var allowed = new ArrayList<InetAddress>();
    var found = resolver.addresses(target.host());
    for (var address : found) {
      if (rule.allows(address)) {
        allowed.add(address);
      }
    }
    if (allowed.isEmpty() && found.length > 0) {
      throw DeliveryFailure.lasting(
          "%s is the private or local address %s; allow private addresses for this channel if that is meant"
              .formatted(target.place(), found[0].getHostAddress()));
    }
    return allowed;
  }

  private static int exchange(Socket socket, byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    socket.getOutputStream().flush();
    return status(socket.getInputStream());
  }

  private static int status(InputStream answer) throws IOException {
    var line = new ByteArrayOutputStream();
    for (var next = answer.read(); next != '\n'; next = answer.read()) {
      if (next < 0 || line.size() == LONGEST_STATUS_LINE) {
        throw new IOException("its answer is not HTTP");
      }
      line.write(next);
    }
    var words = line.toString(StandardCharsets.ISO_8859_1).strip().split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[1-5]\\d\\d")) {
      throw new IOException("its answer is not HTTP");
    }
    return Integer.parseInt(words[1]);
  }

  private static byte[] request(Target target, Map<String, String> headers, byte[] body) {
    var head = new StringBuilder();
    head.append("POST ").append(target.path()).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(target.place()).append("\r\n");
    head.append("User-Agent: lumeo\r\nConnection: close\r\n");
    head.append("Content-Length: ").append(body.length).append("\r\n");
    headers.forEach((name, value) -> {
      if (!Words.oneLine(value).equals(value)) {
        throw new IllegalArgumentException("the value of header " + name + " is not one line");
      }
      head.append(name).append(": ").append(value).append("\r\n");
    });
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }

  private static void judge(Target target, int status) throws DeliveryFailure {
    if (status >= 200 && status < 300) {
      return;
    }
    if (status >= 300 && status < 400) {
      throw DeliveryFailure.lasting(
          "%s answered %d: redirects are not followed, so configure the address it leads to"
              .formatted(target.place(), status));
    }
    var answer = "%s answered %d".formatted(target.place(), status);
    var passes = status == 408 || status == 425 || status == 429 || status >= 500;
    throw passes
        ? DeliveryFailure.passing(answer)
        : DeliveryFailure.lasting(answer + "; check the address, the template and the key");
  }

  private static DeliveryFailure failure(Target target, @Nullable Throwable cause) {
    return switch (cause) {
      case DeliveryFailure failure -> failure;
      case UnknownHostException _ ->
          DeliveryFailure.passing("%s is not a name that can be found".formatted(target.host()));
      case SSLException e ->
          DeliveryFailure.passing(
              "TLS with %s failed: %s".formatted(target.place(), e.getMessage()));
      case null -> DeliveryFailure.passing("sending to %s failed".formatted(target.place()));
      default ->
          DeliveryFailure.passing(
              "sending to %s failed: %s".formatted(target.place(), cause.getMessage()));
    };
  }

  private static void abandon(@Nullable Socket socket) throws DeliveryFailure {
    if (socket == null) {
      return;
    }
    try {
      socket.close();
    } catch (IOException e) {
      throw DeliveryFailure.passing("closing a slow connection failed: " + e.getMessage());
    }
  }

  /// The parts of an address.
  private record Target(boolean secure, String host, int port, String place, String path) {
    static Target of(URI address) throws DeliveryFailure {
      var scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
      var secure = scheme.equals("https");
      var host = address.getHost();
      if (host == null || !(secure || scheme.equals("http")) || address.getRawUserInfo() != null) {
        throw DeliveryFailure.lasting(
            "an address must be http://HOST/… or https://HOST/…, without a user in it");
      }
      var usual = secure ? 443 : 80;
      var port = address.getPort() < 0 ? usual : address.getPort();
      var path = new StringBuilder(address.getRawPath() == null ? "" : address.getRawPath());
      if (path.isEmpty()) {
        path.append('/');
      }
      if (address.getRawQuery() != null) {
        path.append('?').append(address.getRawQuery());
      }
      var ascii = URI.create(address.toASCIIString());
      var bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
      return new Target(
          secure,
          bare,
          port,
          port == usual ? host : host + ":" + port,
          ascii.getRawPath().isEmpty() ? path.toString() : ascii(path.toString()));
    }

    private static String ascii(String path) {
      return URI.create("x:" + path).toASCIIString().substring(2);
    }
  }
}
