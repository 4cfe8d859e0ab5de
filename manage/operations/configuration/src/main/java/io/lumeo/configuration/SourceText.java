package io.lumeo.configuration;

/// One file of a configuration.
///
/// @param file how the file is called in messages and in the history: its path below the folder of
///   the main file, with `/`
public record SourceText(String file, String text) {}
