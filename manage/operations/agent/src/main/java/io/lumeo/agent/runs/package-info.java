/// What an agent does to storage: runs of snapshots, retention, verification, growth and trim, and
/// what a person asks for by hand. Each turns a pure decision into changes that are recorded.
@NullMarked
package io.lumeo.agent.runs;

import org.jspecify.annotations.NullMarked;
