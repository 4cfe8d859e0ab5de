package io.lumeo.agent.runs;

import io.lumeo.storage.Change;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.UnfinishedPlan;
import io.lumeo.storage.UsageSample;
import java.util.List;

/// A system that puts nothing in the trash.
record FailingTrash(StorageSystem system) implements StorageSystem {

  @Override
  public String name() {
    return system.name();
  }

  @Override
  public Inventory inventory() throws StorageFailure {
    return system.inventory();
  }

  @Override
  public List<UsageSample> usage() throws StorageFailure {
    return system.usage();
  }

  @Override
  public Plan plan(Change change) throws StorageFailure {
    if (change instanceof Change.Trash) {
      throw new StorageFailure.Busy("it is in use");
    }
    return system.plan(change);
  }

  @Override
  public Outcome apply(Plan plan, Progress progress) throws StorageFailure {
    return system.apply(plan, progress);
  }

  @Override
  public List<UnfinishedPlan> unfinished() throws StorageFailure {
    return system.unfinished();
  }

  @Override
  public Outcome finish(UnfinishedPlan plan, Progress progress) throws StorageFailure {
    return system.finish(plan, progress);
  }

  @Override
  public Inspection inspect(InspectionRequest request, Progress progress) throws StorageFailure {
    return system.inspect(request, progress);
  }
}
