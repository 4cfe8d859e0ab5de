/// What the agent sees of storage, what it foresees, and whom it tells: monitors, forecasts,
/// alerts, reports and the page for Prometheus.
@NullMarked
package io.lumeo.agent.watch;

import org.jspecify.annotations.NullMarked;
