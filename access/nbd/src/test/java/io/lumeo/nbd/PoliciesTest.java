package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoliciesTest {
  @Test
  void searchesForHolesGrowRareUntilOneIsFound() {
    var search = new HoleSearch();
    int searches = 0;
    for (int read = 0; read < 10_000; read++) {
      if (search.isDue()) {
        searches++;
      }
    }
    assertThat(searches).isBetween(30, 60);
    while (!search.isDue()) {}
    search.found();
    assertThat(search.isDue()).isTrue();
  }

  @Test
  void readsAreSlowUntilSomeWereFast() {
    var pace = new ReadPace();
    assertThat(pace.isFast()).isFalse();
    for (int i = 0; i < 30; i++) {
      pace.took(2_000);
    }
    assertThat(pace.isFast()).isTrue();
    pace.took(1_000_000);
    assertThat(pace.isFast()).isFalse();
  }

  @Test
  void aGivenBufferIsTheNextOneTaken() {
    var pool = new BufferPool(1 << 20);
    var buffer = pool.take(5000);
    assertThat(buffer.sizeBytes()).isEqualTo(8192);
    pool.give(buffer);
    assertThat(pool.idleBytes()).isEqualTo(8192);
    assertThat(pool.take(4097)).isSameAs(buffer);
    assertThat(pool.take(4096).sizeBytes()).isEqualTo(4096);
    assertThat(pool.take(1).sizeBytes()).isEqualTo(4096);
  }

  @Test
  void aPoolKeepsOnlySoMuch() {
    var pool = new BufferPool(8192);
    var first = pool.take(8192);
    var second = pool.take(8192);
    pool.give(first);
    pool.give(second);
    assertThat(pool.idleBytes()).isEqualTo(8192);
    assertThat(pool.take(8192)).isSameAs(first);
    assertThat(pool.take(8192)).isNotSameAs(second);
  }
}
