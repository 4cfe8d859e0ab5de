package io.lumeo.audit;

import java.time.Duration;
import java.util.List;

/// A command that was run.
///
/// @param argv its argument vector, as it was given to the kernel but for secrets
/// @param exit its exit status; -1 when it was ended or never began
public record Executed(List<String> argv, int exit, Duration duration) {}
