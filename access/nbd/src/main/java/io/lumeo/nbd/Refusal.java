package io.lumeo.nbd;

/// Why a request is not even tried.
record Refusal(NbdError error, String message) {}
