package io.lumeo.pools;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Progress;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineageTest {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  private LocalVolumes volumes;

  @BeforeEach
  void makeAPool() throws IOException {
    var format = new Volumes.Format(64 << 10, 64 * MIB, 0, PoolOptions.DEFAULT);
    volumes = new LocalVolumes(Volumes.create(PoolFiles.in(directory), format), Serving.NOBODY);
  }

  @AfterEach
  void close() throws IOException {
    volumes.close();
  }

  private void volume(String name) throws IOException {
    volumes.create(VolumeRequest.empty(name, MIB));
  }

  private void snapshot(String origin, String name) throws IOException {
    volumes.snapshot(List.of(new SnapshotRequest(name, origin, List.of())));
  }

  private void copy(String origin, String name) throws IOException {
    volumes.create(VolumeRequest.clone(name, origin, List.of()));
  }

  private void assertRelated(String volume, String snapshot) {
    assertThatCode(() -> check(volume, snapshot)).doesNotThrowAnyException();
  }

  private void assertStrange(String volume, String snapshot) {
    assertThatThrownBy(() -> check(volume, snapshot))
        .isInstanceOf(StorageException.Unsupported.class)
        .hasMessageContaining("has nothing in common with '" + volume + "'");
  }

  private void check(String volume, String snapshot) throws IOException {
    new Lineage(volumes).requireRelated(volumes.get(volume), volumes.get(snapshot));
  }

  @Test
  void aSnapshotIsOfTheLineageOfItsVolumeAtAnyDepth() throws Exception {
    volume("v");
    snapshot("v", "s");
    snapshot("s", "deep");
    copy("s", "c");
    snapshot("c", "ofClone");
    volume("other");

    assertRelated("v", "s");
    assertRelated("v", "deep");
    assertRelated("v", "ofClone");
    assertRelated("c", "s");
    assertRelated("c", "deep");
    assertStrange("other", "s");
  }

  @Test
  void anAncestorThatIsGoneStillJoins() throws Exception {
    volume("v");
    snapshot("v", "s");
    copy("v", "c");
    volumes.delete("v", Progress.NONE);

    assertRelated("c", "s");
  }

  @Test
  void aVolumeThatOnlyHasTheNameOfAnOriginIsAStranger() throws Exception {
    volume("v");
    snapshot("v", "s");
    volumes.delete("v", Progress.NONE);
    volume("v");

    assertStrange("v", "s");
  }

  @Test
  void aNewNameChangesNothing() throws Exception {
    volume("v");
    snapshot("v", "s");
    volumes.change("v", new VolumeChange("renamed", null, null, null));

    assertRelated("renamed", "s");
  }

  /// As the kernel makes one: nothing but the number is known.
  private void outside(int id) throws IOException {
    volumes.message("create_thin " + id);
  }

  @Test
  void whatWasMadeOutsideIsARelativeOfEverythingAndSoIsWhatWasMadeOfIt() throws Exception {
    volume("v");
    snapshot("v", "s");
    volume("other");
    outside(77);
    snapshot("thin-77", "ofOutside");

    assertRelated("v", "thin-77");
    assertRelated("v", "ofOutside");
    assertRelated("thin-77", "s");
    assertStrange("other", "s");
  }
}
