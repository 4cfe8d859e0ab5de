package io.lumeo.configuration;

import java.time.Duration;
import java.util.List;

/// A command that is run beside the real work; never by a shell.
///
/// @param command the program, as an absolute path, and its arguments
/// @param deadline when it is ended
public record Hook(List<String> command, Duration deadline) {}
