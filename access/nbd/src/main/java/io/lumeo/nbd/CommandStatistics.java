package io.lumeo.nbd;

/// How often a command was asked for, how often it failed, and the bytes it was asked for.
///
/// @param requests all that were answered, with an error or without
/// @param errors those answered with an error
/// @param bytes the sum of the lengths of those answered without an error
public record CommandStatistics(long requests, long errors, long bytes) {}
