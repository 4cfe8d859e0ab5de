package io.lumeo.policies;

import java.time.Instant;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Predicate;

/// What is known of a policy's runs so far.
///
/// @param handledUpTo the [RunPlan#handledUpTo] of the plan before; of a new policy, when it was
///   first seen
/// @param begun whether a run for a scheduled instant was ever begun; asked for few instants
/// @param volumes the uuids of the volumes that the policy selects now
/// @param running the uuids of the volumes that a run of this policy is at work on
public record RunFacts(
    Instant handledUpTo,
    Predicate<Instant> begun,
    SortedSet<String> volumes,
    Set<String> running) {}
