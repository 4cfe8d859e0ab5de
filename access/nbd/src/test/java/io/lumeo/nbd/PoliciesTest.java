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
    var pool = new BufferPool(1 << 20, Buffer::new);
    var buffer = pool.take(5000);
    assertThat(buffer.sizeBytes()).isEqualTo(8192);
    assertThat(pool.heldBytes()).isEqualTo(8192);
    pool.give(buffer);
    assertThat(pool.idleBytes()).isEqualTo(8192);
    assertThat(pool.heldBytes()).isZero();
    assertThat(pool.take(4097)).isSameAs(buffer);
  }

  @Test
  void aPayloadOfAPowerOfTwoAndItsHeaderFitOneBuffer() {
    assertThat(BufferPool.sizeBytes(1)).isEqualTo(8192);
    assertThat(BufferPool.sizeBytes(8192)).isEqualTo(8192);
    assertThat(BufferPool.sizeBytes(8193)).isEqualTo(12288);
    assertThat(BufferPool.sizeBytes((1 << 20) + 32)).isEqualTo((1 << 20) + 4096);
    assertThat(BufferPool.sizeBytes((1 << 20) + 4097)).isEqualTo((2 << 20) + 4096);
    var pool = new BufferPool(0, Buffer::new);
    for (int length = 1; length < 1 << 20; length += 4001) {
      int size = pool.take(length).sizeBytes();
      assertThat(size).isEqualTo(BufferPool.sizeBytes(length)).isBetween(length, 2 * length + 8192);
      assertThat(BufferPool.sizeBytes(size)).isEqualTo(size);
    }
  }

  @Test
  void aPoolKeepsOnlySoMuch() {
    var pool = new BufferPool(8192, Buffer::new);
    var first = pool.take(8192);
    var second = pool.take(8192);
    pool.give(first);
    pool.give(second);
    assertThat(pool.idleBytes()).isEqualTo(8192);
    assertThat(pool.take(8192)).isSameAs(first);
    assertThat(pool.take(8192)).isNotSameAs(second);
  }
}
