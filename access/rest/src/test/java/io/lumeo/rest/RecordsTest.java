package io.lumeo.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.pools.PoolChange;
import io.lumeo.pools.SnapshotRequest;
import io.lumeo.pools.VolumeChange;
import io.lumeo.pools.VolumeRequest;
import io.lumeo.pools.VolumeView;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.Volume;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordsTest {
  @Test
  void everyFieldSurvivesTheWayToJsonAndBack() throws Exception {
    var view =
        new VolumeView(
            "v",
            Volume.Kind.CLONE,
            7,
            1L << 40,
            65536,
            null,
            3L,
            "origin",
            Instant.parse("2026-11-21T01:02:03.5Z"),
            List.of("a", "b"),
            null,
            null,
            12L,
            "5b0c7b3a-8a37-3f1d-9d5a-2f9e0a8d7c11");

    assertThat(Records.fromTree(Json.read(Json.write(view)), VolumeView.class)).isEqualTo(view);
  }

  @Test
  void enumConstantsAreWords() throws Exception {
    var change = Records.fromTree(read("{\"discard\":\"no-passdown\"}"), PoolChange.class);

    assertThat(change.discard()).isEqualTo(DiscardMode.NO_PASSDOWN);
    assertThat(Records.word(DiscardMode.NO_PASSDOWN)).isEqualTo("no-passdown");
  }

  @Test
  void absentListsAreEmptyUnlessAbsenceMeansSomething() throws Exception {
    var request =
        Records.fromTree(read("{\"name\":\"s\",\"origin\":\"v\"}"), SnapshotRequest.class);

    assertThat(request.tags()).isEmpty();
    assertThat(Records.fromTree(read("{}"), VolumeChange.class).tags()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {"name":"v","sizeBytes":1,"size":1}     | field 'size' is not known; known are name, sizeBytes
          {"sizeBytes":1}                         | field 'name' is missing
          {"name":1,"sizeBytes":1}                | field 'name' must be a string, not a whole number
          {"name":"v","sizeBytes":"1G"}           | field 'sizeBytes' must be a whole number, not a string
          {"name":"v","sizeBytes":1.5}            | field 'sizeBytes' must be a whole number, not a fraction
          {"name":"v","sizeBytes":1,"tags":"a"}   | field 'tags' must be an array of strings, not a string
          {"name":"v","sizeBytes":1,"tags":[1]}   | field 'tags' must be an array of strings, not an array
          {"name":"v"}                            | give either sizeBytes, for an empty volume, or origin
          {"name":"v","sizeBytes":1,"origin":"o"} | give either sizeBytes, for an empty volume, or origin
          []                                      | a JSON object is wanted, not an array
          null                                    | a JSON object is wanted, not null
          """)
  void aWrongFieldIsNamed(String json, String message) {
    assertThatThrownBy(() -> Records.fromTree(read(json), VolumeRequest.class))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining(message);
  }

  @Test
  void aWrongWordIsToldTheRightOnes() {
    assertThatThrownBy(() -> Records.fromTree(read("{\"discard\":\"all\"}"), PoolChange.class))
        .hasMessage("field 'discard' must be one of passdown, no-passdown, ignore, not 'all'");
  }

  private static Object read(String json) throws StorageException {
    return Json.read(json.getBytes(StandardCharsets.UTF_8));
  }
}
