package io.lumeo.rest;

/// One of the kernel's message strings, such as `create_thin 0`.
public record PoolMessage(String message) {}
