/// The agent: one process that does what the policies decide, records it, and lets others watch.
@NullMarked
package io.lumeo.agent;

import org.jspecify.annotations.NullMarked;
