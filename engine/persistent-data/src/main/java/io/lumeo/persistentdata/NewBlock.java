package io.lumeo.persistentdata;

import java.lang.foreign.MemorySegment;

/// A metadata block that was just allocated, and its bytes, which may be filled until the
/// transaction is sealed.
public record NewBlock(long block, MemorySegment bytes) {}
