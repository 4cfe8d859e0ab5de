package io.lumeo.alerts;

import io.lumeo.alerts.AlertStore.Entry;
import io.lumeo.alerts.AlertStore.Post;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Watches and tells: looks at observations, remembers alerts in the state file, and sees to it
/// that what is to be told arrives. Time comes from whoever calls: it calls [#look] at each poll
/// and [#deliver] when that said so.
///
/// A message that was decided on is delivered at least once, across any crash, in order for each
/// channel, until its retries are used up; every attempt is reported. Safe for use by several
/// threads.
public final class Alerting {
  private static final Duration STANDING_EVERY = Duration.ofMinutes(1);
  private static final Duration TOO_OLD = Duration.ofDays(1);
  private static final Duration SILENCES_KEPT = Duration.ofDays(90);
  private static final String STANDING = "standing";
  private static final String PING = "ping/";

  private final AlertStore store;
  private final InstantSource clock;
  private final HttpSender pinger;
  private final Consumer<Delivery> log;
  private final RetryPolicy retries;
  private final ReentrantLock looking = new ReentrantLock();
  private final ReentrantLock delivering = new ReentrantLock();
  private final Map<String, ChannelCount> counts = new ConcurrentHashMap<>();
  private volatile Setup setup;
  private @Nullable Instant stoodAt;

  /// What is configured.
  ///
  /// @param pings the address that each policy signals its life to, by policy
  public record Setup(AlertSettings settings, List<Route> routes, Map<String, Ping.Address> pings) {
    public Setup {
      routes = List.copyOf(routes);
      pings = Map.copyOf(pings);
    }

    Optional<Route> route(String channel) {
      return routes.stream().filter(route -> route.channel().name().equals(channel)).findFirst();
    }

    /// The addresses are secrets in themselves.
    @Override
    public String toString() {
      return "Setup[%d rules, %d channels, %d pings]"
          .formatted(settings.rules().size(), routes.size(), pings.size());
    }
  }

  private record ChannelCount(long delivered, long failed, boolean isFailing) {
    ChannelCount plus(Delivery.Result result) {
      var arrived = result == Delivery.Result.DELIVERED;
      return new ChannelCount(delivered + (arrived ? 1 : 0), failed + (arrived ? 0 : 1), !arrived);
    }
  }

  /// Goes on where the state file says that the last one stopped.
  ///
  /// @param retries of pings; channels have their own, see [Route]
  /// @param pinger what pings are sent by
  /// @param log hears of each attempt to deliver
  public Alerting(
      Database database,
      Setup setup,
      RetryPolicy retries,
      HttpSender pinger,
      InstantSource clock,
      Consumer<Delivery> log)
      throws StateException {
    this.store = AlertStore.open(database);
    this.setup = setup;
    this.retries = retries;
    this.pinger = pinger;
    this.clock = clock;
    this.log = log;
  }

  /// Takes another configuration from now on. What waits for a channel that is no more is dropped.
  public void use(Setup other) {
    setup = other;
  }

  /// Looks once: finds what is wrong and what is to be told, and keeps both.
  public Evaluation look(List<Observation> observations) {
    looking.lock();
    try {
      var now = clock.instant();
      var current = setup;
      var before = store.state();
      var evaluation =
          Evaluator.evaluate(before, observations, withSilences(current.settings()), now);
      var posts = posts(evaluation, current, now);
      if (!posts.isEmpty() || !evaluation.state().equals(before)) {
        store.save(evaluation.state(), posts, now);
      }
      return evaluation;
    } finally {
      looking.unlock();
    }
  }

  private AlertSettings withSilences(AlertSettings settings) {
    var silences = new ArrayList<>(settings.silences());
    silences.addAll(store.silences());
    return settings.withSilences(silences);
  }

  private List<Post> posts(Evaluation evaluation, Setup current, Instant now) {
    var posts = new ArrayList<Post>();
    for (var route : current.routes()) {
      evaluation
          .message()
          .flatMap(message -> filtered(message, route))
          .ifPresent(message -> posts.add(post(route, message)));
      if (route.channel().wantsWhatStands() && isTimeToStand(now)) {
        filtered(new Message(STANDING, now, evaluation.standing()), route)
            .ifPresent(message -> posts.add(post(route, message)));
      }
    }
    if (isTimeToStand(now)) {
      stoodAt = now;
    }
    return posts;
  }

  private boolean isTimeToStand(Instant now) {
    return stoodAt == null || stoodAt.isAfter(now) || !stoodAt.plus(STANDING_EVERY).isAfter(now);
  }

  private static Optional<Message> filtered(Message message, Route route) {
    var notices = message.notices().stream().filter(route::takes).toList();
    return notices.isEmpty()
        ? Optional.empty()
        : Optional.of(new Message(message.id(), message.at(), notices));
  }

  private static Post post(Route route, Message message) {
    return new Post(route.channel().name(), message.id(), AlertJson.text(AlertJson.of(message)));
  }

  /// Signals life, if the policy has an address for it.
  public void ping(Ping ping) {
    if (setup.pings().containsKey(ping.policy())) {
      store.put(
          new Post(PING + ping.policy(), ping.kind() + "-" + ping.at(), ping.detail()),
          clock.instant());
    }
  }

  /// Delivers all that is due, each receiver's in order and the receivers side by side, and waits
  /// until that is done.
  ///
  /// @return when something will be due next; nothing if all is delivered
  public Optional<Instant> deliver() {
    delivering.lock();
    try {
      for (var due = due(); !due.isEmpty(); due = due()) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
          due.forEach(entry -> threads.execute(() -> deliver(entry)));
        }
      }
      return store.heads().stream().map(Entry::due).min(Comparator.naturalOrder());
    } finally {
      delivering.unlock();
    }
  }

  private List<Entry> due() {
    var now = clock.instant();
    return store.heads().stream().filter(entry -> !entry.due().isAfter(now)).toList();
  }

  private void deliver(Entry entry) {
    var now = clock.instant();
    try {
      if (entry.made().plus(TOO_OLD).isBefore(now)) {
        throw DeliveryFailure.lasting("it waited for a day and is of no use any more");
      }
      send(entry);
      store.remove(entry);
      report(entry, now, Delivery.Result.DELIVERED, "");
    } catch (DeliveryFailure failure) {
      fail(entry, now, failure);
    } catch (RuntimeException e) {
      // An entry that nobody can read or send must not stand in the way of the others.
      fail(entry, now, DeliveryFailure.lasting("it cannot be sent: " + e.getClass().getName()));
    }
  }

  private void send(Entry entry) throws DeliveryFailure {
    var current = setup;
    if (entry.receiver().startsWith(PING)) {
      var address = current.pings().get(entry.receiver().substring(PING.length()));
      if (address == null) {
        throw DeliveryFailure.lasting("the policy has no address to ping any more");
      }
      var kind = Ping.Kind.valueOf(entry.message().substring(0, entry.message().indexOf('-')));
      pinger.ping(address.find(), kind, entry.body());
      return;
    }
    var route = current.route(entry.receiver());
    if (route.isEmpty()) {
      throw DeliveryFailure.lasting("there is no such channel any more");
    }
    route.get().channel().deliver(AlertJson.message(AlertJson.parse(entry.body())));
  }

  private void fail(Entry entry, Instant now, DeliveryFailure failure) {
    var reason = String.valueOf(failure.getMessage());
    var policy = setup.route(entry.receiver()).map(Route::retries).orElse(retries);
    var wait = policy.waitAfter(entry.attempts() + 1);
    if (failure.isPermanent() || wait.isEmpty()) {
      store.remove(entry);
      report(entry, now, Delivery.Result.GIVEN_UP, reason);
    } else {
      store.delay(entry, wait.get(), now);
      report(entry, now, Delivery.Result.DELAYED, reason);
    }
  }

  private void report(Entry entry, Instant now, Delivery.Result result, String reason) {
    counts.merge(
        entry.receiver(),
        new ChannelCount(0, 0, false).plus(result),
        (before, first) -> before.plus(result));
    log.accept(
        new Delivery(entry.receiver(), entry.message(), entry.attempts() + 1, now, result, reason));
  }

  /// Sends a message that says it is a test, at once and without retries.
  ///
  /// @throws IllegalArgumentException if there is no such channel, naming those there are
  public Delivery test(String channel) {
    var current = setup;
    var route =
        current
            .route(channel)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "there is no channel '%s'; there are: %s"
                        .formatted(
                            channel,
                            String.join(
                                ", ",
                                current.routes().stream()
                                    .map(other -> other.channel().name())
                                    .toList()))));
    var delivery = test(route.channel(), clock.instant());
    log.accept(delivery);
    return delivery;
  }

  /// Sends a message that says it is a test to any channel, at once and without retries.
  public static Delivery test(Channel channel, Instant now) {
    var message = testMessage(channel.name(), now);
    try {
      channel.deliver(message);
      return new Delivery(channel.name(), message.id(), 1, now, Delivery.Result.DELIVERED, "");
    } catch (DeliveryFailure e) {
      return new Delivery(
          channel.name(),
          message.id(),
          1,
          now,
          Delivery.Result.GIVEN_UP,
          String.valueOf(e.getMessage()));
    }
  }

  private static Message testMessage(String channel, Instant now) {
    var labels = new TreeMap<>(Map.of("channel", channel));
    var alert = new Alert("Test", labels, 1, 0, null, null, now, List.of(now), null);
    var text =
        new AlertText(
            "This is a test of channel " + Words.oneLine(channel),
            "Nothing is wrong: somebody wanted to see whether messages arrive here.",
            List.of("Nothing is to be done."));
    var notice = new Notice(Notice.Kind.FIRING, alert, Severity.INFO, text, now, null);
    return new Message("test-" + now.toEpochMilli(), now, List.of(notice));
  }

  /// All that fires, is about to, or did lately.
  public List<Alert> alerts() {
    return store.state().alerts();
  }

  /// Adds a silence, in place of one with the same id.
  public void silence(Silence silence) {
    store.forgetSilencesBefore(clock.instant().minus(SILENCES_KEPT));
    store.add(silence);
  }

  /// Ends a silence, and says whether there was one.
  public boolean endSilence(String id) {
    return store.removeSilence(id);
  }

  /// The silences that were added, ended ones of the last 90 days included.
  public List<Silence> silences() {
    return store.silences();
  }

  /// How deliveries went since the start, as observations.
  public List<Observation> observations() {
    var observations = new ArrayList<Observation>();
    counts.forEach((channel, count) -> {
      var labels = new HashMap<>(Map.of("channel", channel));
      observations.add(
          Observation.of("lumeo_alert_channel_failing", labels, count.isFailing() ? 1 : 0));
      labels.put("result", "delivered");
      observations.add(
          Observation.of("lumeo_alerts_sent_total", labels, (double) count.delivered()));
      labels.put("result", "failed");
      observations.add(Observation.of("lumeo_alerts_sent_total", labels, (double) count.failed()));
    });
    return observations;
  }
}
