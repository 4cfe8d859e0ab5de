package io.lumeo.agent.watch;

import io.lumeo.alerts.AlertSettings;
import io.lumeo.alerts.LabelMatcher;
import io.lumeo.alerts.Rule;
import io.lumeo.alerts.Rule.Step;
import io.lumeo.alerts.Severity;
import io.lumeo.alerts.Silence;
import io.lumeo.configuration.AlertRule;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.Glob;
import io.lumeo.storage.Inventory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the configuration says of alerts, as the rules and silences that are looked at. Pure.
final class AlertMapping {
  private static final Duration GROUPED_FOR = Duration.ofMinutes(1);

  private final Configuration configuration;
  private final List<Inventory> inventories;

  private AlertMapping(Configuration configuration, List<Inventory> inventories) {
    this.configuration = configuration;
    this.inventories = inventories;
  }

  /// The settings by which alerts are found and told.
  ///
  /// @param inventories of the hosts that are known: single volumes may have limits of their own
  static AlertSettings settings(Configuration configuration, List<Inventory> inventories) {
    return new AlertMapping(configuration, inventories).settings();
  }

  private AlertSettings settings() {
    return new AlertSettings(
        Arrays.stream(AlertRule.values()).filter(this::isEnabled).map(this::rule).toList(),
        silences(),
        configuration.alerts().repeat(),
        GROUPED_FOR);
  }

  private Optional<io.lumeo.configuration.AlertSettings.Rule> said(AlertRule rule) {
    return Optional.ofNullable(configuration.alerts().rules().get(rule));
  }

  private boolean isEnabled(AlertRule rule) {
    return said(rule).map(io.lumeo.configuration.AlertSettings.Rule::enabled).orElse(true);
  }

  private Rule rule(AlertRule rule) {
    var mapped = withLimits(rule, rule.standard());
    return said(rule).map(said -> with(said, mapped)).orElse(mapped);
  }

  private static Rule with(io.lumeo.configuration.AlertSettings.Rule said, Rule rule) {
    var steps = steps(rule, said);
    var mapped = steps.equals(rule.steps()) ? rule : rule.withSteps(steps);
    return said.holdsFor().map(mapped::withHold).orElse(mapped);
  }

  /// The steps with the levels that the file says. What stands between and beyond them by itself
  /// stays, as far as it still does.
  private static List<Step> steps(Rule rule, io.lumeo.configuration.AlertSettings.Rule said) {
    var critical = level(rule, Severity.CRITICAL, said.critical());
    var warning =
        level(rule, Severity.WARNING, said.warning())
            .filter(step -> critical.filter(worst -> !isWorse(rule, worst, step)).isEmpty());
    var steps = new ArrayList<Step>();
    warning.ifPresent(first -> {
      steps.add(first);
      beyond(rule, first)
          .filter(step -> critical.filter(worst -> !isWorse(rule, worst, step)).isEmpty())
          .forEach(steps::add);
    });
    critical.ifPresent(first -> {
      steps.add(first);
      beyond(rule, first).forEach(steps::add);
    });
    return steps;
  }

  private static Optional<Step> level(
      Rule rule, Severity severity, Optional<AlertRule.Level> said) {
    return said.map(level -> new Step(severity, level.threshold()))
        .or(() -> rule.steps().stream().filter(step -> step.severity() == severity).findFirst());
  }

  /// The further steps of the same severity that are worse. The first is what the file replaces.
  private static Stream<Step> beyond(Rule rule, Step first) {
    return rule.steps().stream()
        .filter(step -> step.severity() == first.severity())
        .skip(1)
        .filter(step -> isWorse(rule, step, first));
  }

  private static boolean isWorse(Rule rule, Step step, Step than) {
    return switch (rule.direction()) {
      case ABOVE -> step.threshold() > than.threshold();
      case BELOW -> step.threshold() < than.threshold();
    };
  }

  /// The rules whose limits are set elsewhere: in `monitors`, and in the policies.
  private Rule withLimits(AlertRule which, Rule rule) {
    var monitors = configuration.monitors();
    return switch (which) {
      case IOPS_DROPPED ->
          rule.withSteps(warning(monitors.iopsDropPercent() / 100.0))
              .withExceptions(ofVolumes(limits -> limits.iopsDropPercent() / 100.0));
      case LATENCY_HIGH ->
          rule.withSteps(warning(seconds(monitors.latency())))
              .withExceptions(ofVolumes(limits -> seconds(limits.latency())));
      case VERIFICATION_OLD -> rule.withExceptions(ofPolicies());
      default -> rule;
    };
  }

  private static List<Step> warning(double threshold) {
    return List.of(new Step(Severity.WARNING, threshold));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  /// A limit of a volume, in the unit of its rule.
  private interface Limit {
    double of(Monitors.Limits limits);
  }

  private Map<SortedMap<String, String>, List<Step>> ofVolumes(Limit limit) {
    var monitors = configuration.monitors();
    if (monitors.limits().isEmpty()) {
      return Map.of();
    }
    var usual = limit.of(new Monitors.Limits(monitors.iopsDropPercent(), monitors.latency()));
    var exceptions = new HashMap<SortedMap<String, String>, List<Step>>();
    for (var inventory : inventories) {
      for (var volume : inventory.volumes()) {
        var own = limit.of(Monitors.limits(monitors, inventory, volume));
        if (own != usual) {
          exceptions.put(Names.labels(inventory, volume), warning(own));
        }
      }
    }
    return exceptions;
  }

  private Map<SortedMap<String, String>, List<Step>> ofPolicies() {
    var exceptions = new HashMap<SortedMap<String, String>, List<Step>>();
    for (var policy : configuration.policies()) {
      policy
          .verification()
          .ifPresent(verification -> {
            for (var host : configuration.hosts()) {
              exceptions.put(
                  new TreeMap<>(Map.of("host", host.name(), "policy", policy.id())),
                  warning(seconds(verification.maximumAge())));
            }
          });
    }
    return exceptions;
  }

  private List<Silence> silences() {
    var silences = new ArrayList<Silence>();
    for (var said : configuration.alerts().silences()) {
      silences.add(
          new Silence(
              "configuration-" + (silences.size() + 1),
              matchers(said),
              said.from().orElse(Instant.EPOCH),
              said.until(),
              said.author(),
              said.reason()));
    }
    return silences;
  }

  /// At least one, since a silence without any silences nothing.
  private static List<LabelMatcher> matchers(io.lumeo.configuration.AlertSettings.Silence silence) {
    var rules =
        Arrays.stream(AlertRule.values())
            .filter(rule -> silence.rule().matches(rule.id()))
            .map(AlertRule::ruleName)
            .collect(Collectors.joining("|"));
    var matchers = new ArrayList<LabelMatcher>();
    matchers.add(new LabelMatcher("alertname", true, true, rules));
    if (!silence.host().equals(Glob.ANY)) {
      matchers.add(new LabelMatcher("host", true, true, expression(silence.host())));
    }
    if (!silence.object().equals(Glob.ANY)) {
      matchers.add(new LabelMatcher("object", true, true, objects(silence.object())));
    }
    return matchers;
  }

  /// A name without its group means that of any.
  private static String objects(Glob glob) {
    return (glob.text().contains("/") ? "" : "(?:.*/)?") + expression(glob);
  }

  private static String expression(Glob glob) {
    var expression = new StringBuilder();
    for (var c : glob.text().toCharArray()) {
      expression.append(
          switch (c) {
            case '*' -> ".*";
            case '?' -> ".";
            default -> Pattern.quote(String.valueOf(c));
          });
    }
    return expression.toString();
  }

  /// Which rules' alerts go to a channel.
  static Predicate<String> rulesOf(Configuration configuration, String channel) {
    var own = new HashMap<String, List<String>>();
    configuration
        .alerts()
        .rules()
        .forEach((rule, said) -> {
          if (!said.channels().isEmpty()) {
            own.put(rule.ruleName(), said.channels());
          }
        });
    return rule ->
        Objects.requireNonNull(own.getOrDefault(rule, configuration.alerts().channels()))
            .contains(channel);
  }
}
