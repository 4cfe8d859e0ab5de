package io.lumeo.audit;

import java.time.Instant;

/// An entry in its place in the chain.
///
/// @param sequence from 1, without gaps, through all files
/// @param id a ULID: sorts by time, unique everywhere
/// @param previousHash the hash of the record before, or zeros for the first
/// @param hash SHA-256 of its line up to the hash itself, in hexadecimal
public record AuditRecord(
    long sequence, String id, Instant time, AuditEntry entry, String previousHash, String hash) {}
