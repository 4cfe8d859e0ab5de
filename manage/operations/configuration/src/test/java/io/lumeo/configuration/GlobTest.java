package io.lumeo.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.SeededTest;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GlobTest {
  @Test
  void onlyStarsAndQuestionMarksAreSpecial() {
    assertThat(new Glob("pg-*").matches("pg-main")).isTrue();
    assertThat(new Glob("pg-*").matches("pg-")).isTrue();
    assertThat(new Glob("p?").matches("pg")).isTrue();
    assertThat(new Glob("p?").matches("p")).isFalse();
    assertThat(new Glob("a.b").matches("axb")).isFalse();
    assertThat(new Glob("a+[x]\\E").matches("a+[x]\\E")).isTrue();
    assertThat(Glob.ANY.matches("a\nb")).isTrue();
    assertThat(Glob.ANY).hasToString("*");
  }

  @Test
  void aSelectorIsAllOfItsParts() {
    var selector =
        new Selector(new Glob("db*"), new Glob("vg0"), new Glob("pg-*"), List.of("production"));
    var pools = List.of("thin", "vg0");
    assertThat(selector.matches("db1", pools, "pg-main", Set.of("production", "x"))).isTrue();
    assertThat(selector.matches("web", pools, "pg-main", Set.of("production"))).isFalse();
    assertThat(selector.matches("db1", List.of("vg1"), "pg-main", Set.of("production"))).isFalse();
    assertThat(selector.matches("db1", pools, "home", Set.of("production"))).isFalse();
    assertThat(selector.matches("db1", pools, "pg-main", Set.of())).isFalse();
  }

  /// Beside the obvious way: look at every short name.
  @SeededTest(seeds = 200)
  void patternsOverlapWhenSomeNameMatchesBoth(Random random) {
    var one = pattern(random);
    var other = pattern(random);
    assertThat(one.overlaps(other))
        .as("%s and %s", one, other)
        .isEqualTo(someNameMatches(one, other, ""))
        .isEqualTo(other.overlaps(one));
  }

  private static Glob pattern(Random random) {
    var text = new StringBuilder();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      text.append("ab*?".charAt(random.nextInt(4)));
    }
    return new Glob(text.toString());
  }

  /// Two patterns of at most four characters that overlap do so in a name of at most eight.
  private static boolean someNameMatches(Glob one, Glob other, String name) {
    if (one.matches(name) && other.matches(name)) {
      return true;
    }
    return name.length() < 8
        && (someNameMatches(one, other, name + "a") || someNameMatches(one, other, name + "b"));
  }
}
