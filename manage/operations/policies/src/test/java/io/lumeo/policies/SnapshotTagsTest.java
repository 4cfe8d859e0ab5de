package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.policies.SnapshotFacts.State;
import io.lumeo.storage.Health;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotTagsTest {
  private static final RunKey RUN = new RunKey("nightly", Instant.parse("2026-03-29T01:00:00Z"));

  @Test
  void aSnapshotSaysWhoseItIs() {
    var tags = SnapshotTags.of(RUN, "v-1", new TreeSet<>(Set.of("daily", "weekly")));
    assertThat(tags)
        .containsExactly(
            "lumeo.class=daily",
            "lumeo.class=weekly",
            "lumeo.managed",
            "lumeo.of=v-1",
            "lumeo.policy=nightly",
            "lumeo.scheduled=1774746000")
        .allMatch(tag -> tag.matches("[A-Za-z0-9_+.\\-/=!:#&]{1,1024}"));
    assertThat(SnapshotTags.run(tags)).isEqualTo(RUN);
  }

  @Test
  void tagsThatAnybodyWroteMakeNoRun() {
    assertThat(SnapshotTags.run(new TreeSet<>())).isNull();
    assertThat(SnapshotTags.run(tags("lumeo.policy=nightly"))).isNull();
    assertThat(SnapshotTags.run(tags("lumeo.policy=nightly", "lumeo.scheduled=soon"))).isNull();
    assertThat(SnapshotTags.run(tags("lumeo.policy=../etc", "lumeo.scheduled=1"))).isNull();
  }

  @Test
  void aSnapshotWhoseOriginTheSystemForgotStillKnowsItsVolume() {
    var tags = SnapshotTags.of(RUN, "v-1", new TreeSet<>());
    tags.add(SnapshotTags.hold("audit"));
    var facts = SnapshotTags.read(volume(tags, null, false, Health.ok()), false, false);
    assertThat(facts.volume()).isEqualTo("v-1");
    assertThat(facts.owner()).isEqualTo("nightly");
    assertThat(facts.holds()).containsExactly("audit");
    assertThat(facts.states()).isEmpty();
  }

  @Test
  void whatIsNotMarkedAsManagedBelongsToNobody() {
    var facts =
        SnapshotTags.read(
            volume(tags("lumeo.policy=nightly"), "v-2", false, Health.ok()), false, false);
    assertThat(facts.owner()).isNull();
    assertThat(facts.volume()).isEqualTo("v-2");
    assertThat(SnapshotTags.read(volume(tags(), null, false, Health.ok()), false, false).volume())
        .isEmpty();
  }

  @Test
  void whatIsDoneWithASnapshotIsItsState() {
    var invalid = new Health(Health.State.INVALID, "it overflowed");
    assertThat(SnapshotTags.read(volume(tags(), null, true, invalid), true, true).states())
        .containsExactlyInAnyOrder(State.values());
  }

  private static SortedSet<String> tags(String... tags) {
    return new TreeSet<>(Set.of(tags));
  }

  private static Volume volume(
      SortedSet<String> tags, @Nullable String origin, boolean open, Health health) {
    return new Volume(
        "s-1",
        "web-1",
        "p",
        Volume.Kind.THIN_SNAPSHOT,
        1,
        null,
        null,
        origin,
        Instant.EPOCH,
        tags,
        true,
        open,
        true,
        null,
        health,
        Set.of());
  }
}
