package io.lumeo.storage;

import java.time.Instant;

/// A plan that was begun and whose end nobody saw.
///
/// @param stepsDone how many of its steps are known to be complete
public record UnfinishedPlan(Plan plan, Instant begunAt, int stepsDone) {}
