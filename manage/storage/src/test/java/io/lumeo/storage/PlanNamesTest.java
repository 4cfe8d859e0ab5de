package io.lumeo.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.storage.StorageFailure.Refused;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Names that carry meaning: of plans, of tags and of sizes.
class PlanNamesTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aPlansNameTellsItsMomentAndSortsByIt(long seed) {
    var random = new Random(seed);
    var early = Instant.ofEpochMilli(random.nextLong(1L << 47));
    var late = early.plusMillis(1 + random.nextInt(1_000_000));
    var first = PlanId.at(early, random);
    assertThat(first.moment()).isEqualTo(early);
    assertThat(first.text()).isLessThan(PlanId.at(late, random).text());
    assertThat(first.brief()).hasSize(8).isLowerCase();
    assertThat(new PlanId(first.toString())).isEqualTo(first);
  }

  @Test
  void theNextNameIsTheOneThatSortsRightAfter() {
    var first = "01KDVDNA00" + "0".repeat(13) + "1ZZ";
    assertThat(new Ulid(first).next().text()).isEqualTo("01KDVDNA00" + "0".repeat(13) + "200");
    assertThat(new Ulid(first).next().next().text()).endsWith("201");
    assertThat(new Ulid(first).moment()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(Ulid.at(Instant.ofEpochMilli(-7), new Random(1)).moment()).isEqualTo(Instant.EPOCH);
    assertThatThrownBy(() -> new Ulid("mine")).hasMessageContaining("not a ULID");
  }

  @Test
  void whatIsNoNameOfAPlanIsNone() {
    for (var bad :
        List.of("", "../../etc/passwd", "8".repeat(26), "0".repeat(25), "I".repeat(26))) {
      assertThat(PlanId.isOne(bad)).isFalse();
      assertThatThrownBy(() -> new PlanId(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void sizesAreSaidInTheLargestUnitThatFits() {
    assertThat(Words.bytes(0)).isEqualTo("0 B");
    assertThat(Words.bytes(512)).isEqualTo("512 B");
    assertThat(Words.bytes(44L << 20)).isEqualTo("44 MiB");
    assertThat(Words.bytes(3L << 29)).isEqualTo("1.5 GiB");
    assertThat(Words.printable("a\u001b[31m\nb" + "x".repeat(100))).doesNotContain("\n", "\u001b");
  }

  @Test
  void tagsTellOriginsPlansAndTheTrash() {
    var id = PlanId.at(NOW, new Random(1));
    var tags =
        List.of(
            OwnTags.run(id),
            OwnTags.origin("uuid"),
            OwnTags.trash("name"),
            OwnTags.trashUntil(NOW),
            "policy");
    assertThat(OwnTags.runIn(tags)).contains(id.text());
    assertThat(OwnTags.originIn(tags)).contains("uuid");
    assertThat(OwnTags.trashedNameIn(tags)).contains("name");
    assertThat(OwnTags.trashedUntilIn(tags)).contains(NOW);
    assertThat(OwnTags.without(tags)).containsExactly("policy");
  }

  @Test
  void whatOthersWroteInATagOfOursIsNoInstant() {
    assertThat(OwnTags.trashedUntilIn(List.of("lumeo.trash-until=soon"))).isEmpty();
    assertThat(OwnTags.trashedNameIn(List.of("trash=x"))).isEmpty();
  }

  @Test
  void nobodySetsByHandWhatLumeoKnowsItsOwnBy() {
    assertThatCode(() -> OwnTags.checkNotReserved(List.of("lumeo.policy=daily", "mine")))
        .doesNotThrowAnyException();
    for (var tag : List.of(OwnTags.MANAGED, OwnTags.VERIFY, OwnTags.origin("u"), "lumeo.run=x")) {
      assertThatThrownBy(() -> OwnTags.checkNotReserved(List.of("mine", tag)))
          .isInstanceOf(Refused.class)
          .hasMessageContaining(tag);
    }
  }
}
