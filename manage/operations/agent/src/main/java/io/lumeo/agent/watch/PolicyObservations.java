package io.lumeo.agent.watch;

import io.lumeo.agent.RunBook;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.agent.Trouble;
import io.lumeo.agent.runs.TrashTags;
import io.lumeo.alerts.Observation;
import io.lumeo.alerts.Observations;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.PolicySettings;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.storage.Inventory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How the policies are doing on one host, by the runs that are remembered.
///
/// @param runs which runs were made, and how they ended
/// @param policies the configured ones
record PolicyObservations(RunBook runs, List<PolicySettings> policies) {
  /// A run may take this long before it is missed.
  static final Duration GRACE = Duration.ofMinutes(10);

  /// One policy on one host.
  ///
  /// @param begunAt when it was first in force there
  /// @param lastSuccess of its snapshots, or null if there was none yet
  /// @param lastVerified null if there was none yet
  /// @param snapshots how many it keeps
  record Standing(
      PolicySettings policy,
      Instant begunAt,
      @Nullable Instant lastSuccess,
      @Nullable Instant lastVerified,
      Instant overdueAt,
      int snapshots) {
    boolean isOverdue(Instant now) {
      return now.isAfter(overdueAt);
    }
  }

  /// How each policy that is in force on a host stands there.
  ///
  /// @param inventory what is known of the host, or null
  List<Standing> standings(String host, @Nullable Inventory inventory) {
    return policies.stream()
        .filter(PolicySettings::enabled)
        .flatMap(policy -> standing(policy, host, inventory).stream())
        .toList();
  }

  private Optional<Standing> standing(
      PolicySettings policy, String host, @Nullable Inventory inventory) {
    var task = Task.snapshot(policy.id());
    return runs.firstSeen(task, host)
        .map(begunAt -> {
          var last = runs.lastSuccess(task, host).map(RunRecord::begunAt);
          var verified =
              runs.lastSuccess(Task.verification(policy.id()), host)
                  .flatMap(RunRecord::end)
                  .map(RunRecord.End::at);
          var timetable = policy.timetable().of(policy.id());
          return new Standing(
              policy,
              begunAt,
              last.orElse(null),
              verified.orElse(null),
              timetable.overdueAt(last.orElse(begunAt), GRACE),
              inventory == null ? 0 : snapshots(policy.id(), inventory));
        });
  }

  private static int snapshots(String policy, Inventory inventory) {
    return (int)
        inventory.volumes().stream()
            .filter(volume -> {
              var run = SnapshotTags.run(volume.tags());
              return run != null
                  && run.policy().equals(policy)
                  && !TrashTags.isTrashed(volume.tags());
            })
            .count();
  }

  /// The same as observations.
  ///
  /// @param troubles of the host
  List<Observation> of(
      String host, @Nullable Inventory inventory, List<Trouble> troubles, Instant now) {
    var seen = new ArrayList<Observation>();
    for (var standing : standings(host, inventory)) {
      var id = standing.policy().id();
      var labels = Map.of("host", host, "policy", id);
      seen.addAll(
          Observations.policy(
              host,
              id,
              standing.begunAt(),
              standing.lastSuccess(),
              standing.overdueAt(),
              standing.policy().verification().isPresent(),
              standing.lastVerified(),
              now));
      seen.add(
          Observation.of(
              "lumeo_policy_failed", labels, hasFailed(Task.snapshot(id), host) ? 1 : 0));
      if (standing.policy().verification().isPresent()) {
        seen.add(
            Observation.of(
                "lumeo_verification_failed",
                labels,
                hasFailed(Task.verification(id), host) ? 1 : 0));
      }
      seen.add(Observation.of("lumeo_policy_snapshots", labels, (double) standing.snapshots()));
      seen.add(
          troubles.stream()
              .filter(trouble ->
                  trouble.kind() == Trouble.Kind.CLEAN_UP_FAILED && trouble.object().equals(id))
              .findFirst()
              .map(trouble ->
                  Observation.of("lumeo_cleanup_failed", labels, 1).because(trouble.reason()))
              .orElse(Observation.of("lumeo_cleanup_failed", labels, 0)));
      runs.counts(Task.snapshot(id), host)
          .forEach((result, count) ->
              seen.add(
                  Observation.of(
                      "lumeo_policy_runs_total",
                      Map.of("host", host, "policy", id, "result", word(result)),
                      (double) count)));
    }
    return seen;
  }

  /// Whether the latest run did not do all it was for.
  private boolean hasFailed(Task task, String host) {
    return runs.lastEnded(task, host).filter(run -> !run.succeeded()).isPresent();
  }

  /// How many volumes each policy in force selects, on all hosts together. Of a policy that selects
  /// none as far as is known, nothing is said until every host that it may mean was looked at.
  List<Observation> selections(List<HostSettings> hosts) {
    var seen = new ArrayList<Observation>();
    for (var policy : policies.stream().filter(PolicySettings::enabled).toList()) {
      var volumes = 0;
      var isKnown = true;
      for (var host : hosts.stream().map(HostSettings::name).toList()) {
        var selected = runs.selected(Task.snapshot(policy.id()), host);
        volumes += selected.orElse(0);
        isKnown &= selected.isPresent() || !mayMean(policy, host);
      }
      if (volumes > 0 || isKnown) {
        seen.add(
            Observation.of(
                "lumeo_policy_volumes", Map.of("policy", policy.id()), (double) volumes));
      }
    }
    return seen;
  }

  private static boolean mayMean(PolicySettings policy, String host) {
    return policy.volumes().stream().anyMatch(selector -> selector.host().matches(host));
  }

  private static String word(RunRecord.Result result) {
    return result.name().toLowerCase(Locale.ROOT);
  }
}
