package io.lumeo.agent.watch;

import io.lumeo.agent.Duty;
import io.lumeo.agent.watch.ReportStore.Post;
import io.lumeo.alerts.Alert;
import io.lumeo.alerts.AlertText;
import io.lumeo.alerts.Delivery;
import io.lumeo.alerts.DeliveryFailure;
import io.lumeo.alerts.Mail;
import io.lumeo.alerts.Message;
import io.lumeo.alerts.Notice;
import io.lumeo.alerts.Severity;
import io.lumeo.configuration.ChannelSettings;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ReportSettings;
import io.lumeo.policies.RunFacts;
import io.lumeo.policies.RunKey;
import io.lumeo.policies.RunPlanner;
import io.lumeo.reports.HtmlReport;
import io.lumeo.reports.MarkdownReport;
import io.lumeo.reports.ReportData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Makes reports by their schedules, keeps them with the state, and sends them to their channels
/// until each has taken them; what waits for a channel that is no more is dropped. What was missed
/// while the agent was down is made up for as its timetable says.
///
/// Safe for use by several threads, of which one at a time performs.
final class ReportRuns implements Duty {
  private static final int KEPT = 100;
  private static final Duration FIRST_PERIOD = Duration.ofDays(7);
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);
  private static final Duration TOO_OLD = Duration.ofDays(1);

  private final Facts facts;
  private final ReportStore store;
  private final ChannelMapping channels;
  private final Consumer<Delivery> log;
  private final Supplier<Configuration> configuration;

  /// Finds what a report is made of.
  @FunctionalInterface
  interface Facts {
    ReportFacts of(Configuration configuration, Instant from, Instant now);
  }

  /// @param log hears of each attempt to send a report
  ReportRuns(
      Facts facts,
      ReportStore store,
      ChannelMapping channels,
      Consumer<Delivery> log,
      Supplier<Configuration> configuration) {
    this.facts = facts;
    this.store = store;
    this.channels = channels;
    this.log = log;
    this.configuration = configuration;
  }

  @Override
  public String name() {
    return "reports";
  }

  @Override
  public Instant perform(Instant now) throws IOException {
    var current = configuration.get();
    var next = now.plus(LONGEST_WAIT);
    for (var report : current.reports()) {
      next = earlier(next, run(current, report, now));
    }
    for (var post : store.posts()) {
      next = earlier(next, send(current, post, now).orElse(next));
    }
    return next;
  }

  private static Instant earlier(Instant one, Instant other) {
    return other.isBefore(one) ? other : one;
  }

  private Instant run(Configuration current, ReportSettings report, Instant now)
      throws IOException {
    var handled = store.handledUpTo(report.name(), now);
    var plan =
        RunPlanner.plan(
            report.timetable().of(report.name()),
            new RunFacts(
                handled,
                scheduled -> store.isMade(report.name(), scheduled),
                new TreeSet<>(),
                Set.of()),
            now);
    var due = plan.run();
    if (due != null) {
      make(current, report, due.key(), plan.handledUpTo(), now);
    } else if (!plan.handledUpTo().equals(handled)) {
      store.handled(report.name(), plan.handledUpTo());
    }
    return plan.lookAgainAt();
  }

  private void make(
      Configuration current, ReportSettings report, RunKey run, Instant handledUpTo, Instant now)
      throws IOException {
    var from =
        store.previous(report.name(), run.scheduledAt()).orElseGet(() -> now.minus(FIRST_PERIOD));
    var data = make(current, report, from, now);
    var html = HtmlReport.of(data);
    var markdown = MarkdownReport.of(data);
    var text =
        switch (report.format()) {
          case HTML -> html;
          case MARKDOWN -> markdown;
        };
    var file = folder(current).write(run, report.format(), text).toString();
    var posts = new ArrayList<Post>();
    for (var channel : report.channels()) {
      posts.add(
          new Post(0, channel, run.toString(), subject(data), file, markdown, html, 0, now, now));
    }
    store.made(report.name(), run.scheduledAt(), file, handledUpTo, posts);
    for (var old : store.forgetAllBut(report.name(), KEPT)) {
      Files.deleteIfExists(Path.of(old));
    }
  }

  private static ReportFolder folder(Configuration current) {
    return new ReportFolder(current.state().resolve("reports"));
  }

  /// A report of this moment.
  ///
  /// @param from the beginning of the time it is about
  ReportData make(Configuration current, ReportSettings report, Instant from, Instant now) {
    return ReportBuilder.of(report, facts.of(current, from, now), from, now);
  }

  private static String subject(ReportData data) {
    var concerns = data.concerns().size();
    return "%s: %s"
        .formatted(
            data.title(),
            switch (concerns) {
              case 0 -> "nothing needs a person";
              case 1 -> "one thing needs a person";
              default -> concerns + " things need a person";
            });
  }

  /// Sends what is due.
  ///
  /// @return when it is due again; nothing when it is done with
  private Optional<Instant> send(Configuration current, Post post, Instant now) {
    if (post.due().isAfter(now) && !post.made().isAfter(now)) {
      return Optional.of(post.due());
    }
    var channel =
        current.channels().stream().filter(any -> any.name().equals(post.channel())).findFirst();
    try {
      if (channel.isEmpty()) {
        throw DeliveryFailure.lasting("there is no such channel any more");
      }
      if (post.made().plus(TOO_OLD).isBefore(now)) {
        throw DeliveryFailure.lasting("it waited for a day and is of no use any more");
      }
      send(channel.get(), post, now);
      store.remove(post);
      report(post, now, Delivery.Result.DELIVERED, "");
      return Optional.empty();
    } catch (DeliveryFailure failure) {
      return fail(channel, post, now, failure);
    }
  }

  private void send(ChannelSettings channel, Post post, Instant now) throws DeliveryFailure {
    switch (channel) {
      case ChannelSettings.Smtp smtp ->
          channels
              .mail(smtp)
              .send(new Mail(post.message(), post.subject(), post.markdown(), post.html()));
      case ChannelSettings.Webhook _, ChannelSettings.Command _ ->
          channels.channel(channel).deliver(message(post, now));
      case ChannelSettings.Alertmanager _ ->
          throw DeliveryFailure.lasting("an Alertmanager takes alerts, not reports");
    }
  }

  /// What those are told who take no letters: that there is a report, and where.
  private static Message message(Post post, Instant now) {
    var labels = new TreeMap<>(Map.of("report", post.message()));
    var alert =
        new Alert("Report", labels, 1, 0, null, null, post.made(), List.of(post.made()), null);
    var text = new AlertText(post.subject(), "It lies in " + post.file() + ".", List.of());
    var notice = new Notice(Notice.Kind.FIRING, alert, Severity.INFO, text, post.made(), null);
    return new Message(post.message(), now, List.of(notice));
  }

  private Optional<Instant> fail(
      Optional<ChannelSettings> channel, Post post, Instant now, DeliveryFailure failure) {
    var reason = String.valueOf(failure.getMessage());
    var wait =
        channel
            .map(ChannelMapping::retries)
            .flatMap(retries -> retries.waitAfter(post.attempts() + 1));
    if (failure.isPermanent() || wait.isEmpty()) {
      store.remove(post);
      report(post, now, Delivery.Result.GIVEN_UP, reason);
      return Optional.empty();
    }
    store.delay(post, wait.get(), now);
    report(post, now, Delivery.Result.DELAYED, reason);
    return Optional.of(now.plus(wait.get()));
  }

  private void report(Post post, Instant now, Delivery.Result result, String reason) {
    log.accept(
        new Delivery(post.channel(), post.message(), post.attempts() + 1, now, result, reason));
  }
}
