package io.lumeo.persistentdata;

/// The root of a tree after entries were removed, and how many were.
public record Removal(long root, long count) {}
