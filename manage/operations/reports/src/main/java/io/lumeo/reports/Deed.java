package io.lumeo.reports;

import java.time.Instant;

/// Something that was done, or refused.
///
/// @param actor who wanted it: a person or a policy
/// @param what such as `extend` or `snapshot create`
/// @param target what it was done to
/// @param result such as `done`, `refused`, `failed`
/// @param detail what changed, or why not
public record Deed(
    Instant at,
    String host,
    String actor,
    String what,
    String target,
    String result,
    String detail) {}
