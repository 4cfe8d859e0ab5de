package io.lumeo.rest;

/// The snapshot whose content a volume is to have again.
public record RollbackRequest(String snapshot) {}
