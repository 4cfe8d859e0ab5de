package io.lumeo.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.ExtentState;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CrashingDiskTest {
  private static final int SIZE = 4 << 20;

  @Test
  void whatWasFlushedSurvivesEveryCrash() throws IOException {
    var disk = new CrashingDisk(SIZE);
    write(disk, 1000, 5000, 1);
    disk.flush();
    for (int seed = 0; seed < 100; seed++) {
      assertThat(read(disk.crash(new Random(seed)), 1000, 5000)).containsOnly(1);
    }
  }

  @Test
  void anUnflushedWriteIsKeptDroppedOrTornAtSectors() throws IOException {
    var disk = new CrashingDisk(SIZE);
    write(disk, 0, 4096, 1);
    disk.flush();
    write(disk, 0, 4096, 2);
    Set<String> outcomes = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      byte[] found = read(disk.crash(new Random(seed)), 0, 4096);
      var sectors = new StringBuilder();
      for (int sector = 0; sector < 8; sector++) {
        byte[] bytes = Arrays.copyOfRange(found, sector * 512, sector * 512 + 512);
        assertThat(bytes).containsOnly(bytes[0]);
        sectors.append(bytes[0]);
      }
      outcomes.add(sectors.toString());
    }
    assertThat(outcomes).contains("11111111", "22222222").hasSizeGreaterThan(20);
  }

  @Test
  void aLaterWriteMayArriveWithoutAnEarlierOneAndBelowIt() throws IOException {
    var disk = new CrashingDisk(SIZE);
    write(disk, 0, 512, 1);
    write(disk, 8192, 512, 2);
    write(disk, 8192, 512, 3);
    Set<String> outcomes = new HashSet<>();
    for (int seed = 0; seed < 500; seed++) {
      var survivor = disk.crash(new Random(seed));
      outcomes.add("" + read(survivor, 0, 1)[0] + read(survivor, 8192, 1)[0]);
    }
    assertThat(outcomes).containsExactlyInAnyOrder("00", "10", "02", "03", "12", "13");
  }

  @Test
  void theSameSeedGivesTheSameDisk() throws IOException {
    var disk = new CrashingDisk(SIZE);
    for (int i = 0; i < 50; i++) {
      write(disk, i * 700L, 900, i + 1);
    }
    for (int seed = 0; seed < 30; seed++) {
      assertThat(read(disk.crash(new Random(seed)), 0, 50_000))
          .isEqualTo(read(disk.crash(new Random(seed)), 0, 50_000));
    }
  }

  @Test
  void disksOnOneSupplyLosePowerAtTheSameOperation() throws IOException {
    var power = new PowerSupply().cutAt(3);
    var metadata = new CrashingDisk(SIZE, power);
    var data = new CrashingDisk(SIZE, power);
    write(metadata, 0, 512, 1);
    write(data, 0, 512, 1);
    assertThatThrownBy(metadata::flush)
        .isInstanceOf(PowerCut.class)
        .hasMessage("the power was cut at operation 3");
    assertThat(power.isCut()).isTrue();
    assertThatThrownBy(() -> write(data, 0, 1, 1)).isInstanceOf(PowerCut.class);
    assertThatThrownBy(() -> read(data, 0, 1)).isInstanceOf(PowerCut.class);
    assertThatThrownBy(data::flush).isInstanceOf(PowerCut.class);
    assertThat(power.operations()).isEqualTo(3);
    assertThat(metadata.unflushedCount()).isEqualTo(1);
    assertThatThrownBy(() -> power.cutAt(2)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aWriteThatIsCutMayBeThereInPart() throws IOException {
    var disk = new CrashingDisk(SIZE, new PowerSupply().cutAt(1));
    assertThatThrownBy(() -> write(disk, 0, 4096, 7)).isInstanceOf(PowerCut.class);
    Set<Integer> kept = new HashSet<>();
    for (int seed = 0; seed < 100; seed++) {
      int sevens = 0;
      for (byte found : read(disk.crash(new Random(seed)), 0, 4096)) {
        sevens += found == 7 ? 1 : 0;
      }
      kept.add(sevens);
    }
    assertThat(kept).contains(0, 4096).hasSizeGreaterThan(3);
  }

  @Test
  void powerCanBeCutByHand() {
    var power = new PowerSupply();
    var disk = new CrashingDisk(SIZE, power);
    power.cut();
    assertThatThrownBy(disk::flush).isInstanceOf(PowerCut.class);
  }

  @Test
  void errorsAreInjectedWhereAsked() throws IOException {
    var disk = new CrashingDisk(SIZE);
    disk.inject(Fault.atNth(Fault.Operation.WRITE, 2));
    write(disk, 0, 10, 1);
    assertThatThrownBy(() -> write(disk, 0, 10, 2)).hasMessage("injected error: WRITE at 0");
    write(disk, 10, 10, 3);
    assertThat(read(disk, 0, 1)).containsExactly(1);

    disk.inject(Fault.inRange(Fault.Operation.READ, 100, 100));
    read(disk, 0, 100);
    read(disk, 200, 100);
    assertThatThrownBy(() -> read(disk, 199, 1)).hasMessage("injected error: READ at 199");

    disk.inject(Fault.always(Fault.Operation.FLUSH));
    assertThatThrownBy(disk::flush).isInstanceOf(IOException.class);
    disk.inject(Fault.NONE);
    disk.flush();
    assertThat(disk.unflushedCount()).isZero();
  }

  @Test
  void itMatchesAnArrayAndItsCopiesAreIndependent() throws IOException {
    var random = new Random(3);
    var disk = new CrashingDisk(SIZE);
    byte[] model = new byte[SIZE];
    CrashingDisk copy = disk.copy();
    byte[] copyModel = model.clone();
    for (int step = 0; step < 400; step++) {
      int length = random.nextInt(20_000);
      int offset = random.nextInt(SIZE - length);
      switch (random.nextInt(5)) {
        case 0 -> {
          disk.discard(offset, length);
          Arrays.fill(model, offset, offset + length, (byte) 0);
        }
        case 1 -> {
          disk.writeZeroes(offset, length, ZeroMode.KEEP_ALLOCATED);
          Arrays.fill(model, offset, offset + length, (byte) 0);
        }
        case 2 -> {
          disk.flush();
          copy = random.nextBoolean() ? disk.copy() : disk.crash(random);
          copyModel = model.clone();
        }
        default -> {
          write(disk, offset, length, step);
          Arrays.fill(model, offset, offset + length, (byte) step);
        }
      }
    }
    assertThat(read(disk, 0, SIZE)).isEqualTo(model);
    assertThat(read(copy, 0, SIZE)).isEqualTo(copyModel);
    long[] covered = {0};
    disk.extents(
        0,
        SIZE,
        (offset, length, state) -> {
          assertThat(offset).isEqualTo(covered[0]);
          covered[0] += length;
          if (state == ExtentState.HOLE) {
            assertThat(read(disk, offset, (int) length)).containsOnly(0);
          }
          return true;
        });
    assertThat(covered[0]).isEqualTo(SIZE);
  }

  @Test
  void itGrowsButDoesNotShrink() throws IOException {
    var disk = new CrashingDisk(SIZE);
    disk.extend(2L * SIZE);
    write(disk, 2L * SIZE - 10, 10, 1);
    assertThat(disk.sizeBytes()).isEqualTo(2L * SIZE);
    assertThat(disk.crash(new Random(1)).sizeBytes()).isEqualTo(2L * SIZE);
    assertThatThrownBy(() -> disk.extend(SIZE))
        .isInstanceOf(StorageException.InvalidArgument.class);
  }

  @Test
  void aClosedDiskCanStillBeCopied() throws IOException {
    var disk = new CrashingDisk(SIZE);
    write(disk, 0, 10, 1);
    disk.close();
    assertThatThrownBy(disk::flush).isInstanceOf(StorageException.Failed.class);
    assertThat(read(disk.copy(), 0, 10)).containsOnly(1);
  }

  private static void write(CrashingDisk disk, long offset, int length, int value)
      throws IOException {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    disk.write(offset, MemorySegment.ofArray(bytes));
  }

  private static byte[] read(CrashingDisk disk, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    disk.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }
}
