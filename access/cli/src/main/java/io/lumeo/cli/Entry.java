package io.lumeo.cli;

import java.util.function.Supplier;

/// A command of the first level: its name, a line about it, and how it is made.
///
/// A command is made only when it is called: to look at the annotations of two dozen of them takes
/// longer than most of them run.
public record Entry(String name, String description, Supplier<Object> command) {}
