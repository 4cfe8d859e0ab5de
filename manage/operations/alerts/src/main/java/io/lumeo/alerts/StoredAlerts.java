package io.lumeo.alerts;

import io.lumeo.state.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The alerts in a state file, which may be open for reading only, beside the process that writes
/// it. Safe for use by several threads.
public final class StoredAlerts {
  private final AlertStore store;

  private StoredAlerts(AlertStore store) {
    this.store = store;
  }

  /// The alerts of a file that an agent has written before.
  public static StoredAlerts view(Database database) {
    return new StoredAlerts(AlertStore.view(database));
  }

  /// All that fires, is about to, or did lately.
  public List<Alert> alerts() {
    return store.state().alerts();
  }

  /// All that fires and is not silenced, gravest first.
  public List<Notice> standing(AlertSettings settings, Instant now) {
    var silences = new ArrayList<>(settings.silences());
    silences.addAll(store.silences());
    return Evaluator.standing(store.state(), settings.withSilences(silences), now);
  }

  /// The silences that were added beside those of the configuration, ended ones included.
  public List<Silence> silences() {
    return store.silences();
  }
}
