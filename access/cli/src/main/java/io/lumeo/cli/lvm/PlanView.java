package io.lumeo.cli.lvm;

import io.lumeo.storage.Plan;
import io.lumeo.storage.UnfinishedPlan;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A plan as programs read it.
///
/// @param host the system it is for
/// @param change which kind of change: `extend-volume`
/// @param pool the uuid of the pool whose sequence it holds for
/// @param dryRun whether it was only asked for
/// @param begunAt when it was begun; null for one that was not
/// @param stepsDone how many steps are known to be complete
public record PlanView(
    String id,
    String host,
    String change,
    String pool,
    long sequence,
    boolean dryRun,
    @Nullable Instant begunAt,
    int stepsDone,
    List<String> preconditions,
    List<Plan.Step> steps,
    List<String> expected,
    List<String> notes) {

  /// Of a plan that is only shown.
  static PlanView of(Plan plan) {
    return of(plan, true, null, 0);
  }

  /// Of a plan that was begun.
  static PlanView of(UnfinishedPlan half) {
    return of(half.plan(), false, half.begunAt(), half.stepsDone());
  }

  private static PlanView of(Plan plan, boolean dryRun, @Nullable Instant begunAt, int stepsDone) {
    return new PlanView(
        plan.id(),
        plan.system(),
        plan.change().kind(),
        plan.pool(),
        plan.sequence(),
        dryRun,
        begunAt,
        stepsDone,
        plan.preconditions(),
        plan.steps(),
        plan.expected(),
        plan.notes());
  }
}
