package io.lumeo.lvm;

import io.lumeo.storage.Change.CreateClone;
import io.lumeo.storage.Draft;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.StorageFailure;
import java.util.List;
import java.util.TreeSet;

/// The plan for the throw-away clone that an inspection looks into. Its tag says what it is, so one
/// that was left behind is known and removed.
final class InspectionPlans {
  private static final String NAME = "lumeo-verify-";

  private InspectionPlans() {}

  static String cloneName(PlanId id) {
    return NAME + id.brief();
  }

  static Draft<Step> cloneOf(String system, Site site, VolumeRow snapshot) throws StorageFailure {
    var name = cloneName(site.id());
    Guards.nameIsFree(site, name);
    var pool = site.group().volume(snapshot.pool());
    if (pool.isPresent()) {
      Guards.poolAdmits(site, pool.get());
    }
    var change = new CreateClone(snapshot.uuid(), name, true, new TreeSet<>());
    return new Drafting(system, site, change)
        .step(
            SnapshotPlans.thinSnapshot(
                site,
                snapshot.name(),
                snapshot.uuid(),
                name,
                true,
                false,
                List.of(OwnTags.CLONE, OwnTags.VERIFY)))
        .expect("a clone of %s to look into", snapshot.fullName())
        .finished();
  }
}
