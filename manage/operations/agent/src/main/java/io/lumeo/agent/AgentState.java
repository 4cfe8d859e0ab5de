package io.lumeo.agent;

import io.lumeo.audit.AuditLog;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.Secrets;
import io.lumeo.state.Database;
import java.util.function.Supplier;

/// What the parts of an agent have in common. All of it is safe for use by several threads.
///
/// @param database the state file, open for writing
/// @param configuration what is in force now
public record AgentState(
    Database database,
    AuditLog audit,
    Ledger ledger,
    RunBook runs,
    Troubles troubles,
    Secrets secrets,
    TimeSource time,
    Supplier<Configuration> configuration) {}
