package io.lumeo.nbd;

/// What a client learns of an export from the list.
///
/// @param name what it is opened by; empty is the default export
/// @param description a line for people; may be empty
public record ExportInfo(String name, String description) {}
