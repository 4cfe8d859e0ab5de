package io.lumeo.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.Pool.SelfExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A journal gives back what it was given, and every kind of change can be in one.
class PlanJournalTest {
  private static final TreeSet<String> TAGS = new TreeSet<>(Set.of("a=b", "c"));
  private static final TreeSet<String> NONE = new TreeSet<>();

  @TempDir Path folder;

  private static final List<Change> CHANGES =
      List.of(
          new Change.CreateSnapshot("v", "n", new StoreSize.OfOrigin(20), true, false, TAGS),
          new Change.CreateSnapshot("v", "n", new StoreSize.Bytes(4096), false, true, NONE),
          new Change.CreateSnapshot("v", "n", null, false, true, NONE),
          new Change.CreateClone("v", "n", true, TAGS),
          new Change.CreateVolume("p", "n", 1L << 40, TAGS),
          new Change.CreateThinPool(
              "g", "n", 1, 2L, 3L, List.of("/dev/a"), List.of("/dev/b"), "fast", TAGS),
          new Change.CreateThinPool("g", "n", 1, null, null, List.of(), List.of(), null, NONE),
          new Change.ExtendVolume("v", 5, WithFileSystem.GROW),
          new Change.ExtendVolume("v", 5, WithFileSystem.LEAVE),
          new Change.GrowFileSystem("v"),
          new Change.ExtendSnapshotStore("v", 5),
          new Change.ExtendPoolData("p", 5),
          new Change.ExtendPoolMetadata("p", 5),
          new Change.RepairPoolMetadata("p"),
          new Change.AddDevices("g", List.of("/dev/a", "/dev/b")),
          new Change.RollBack("v", "s", true, "safe"),
          new Change.RollBack("v", "s", false, null),
          new Change.Trim("v"),
          new Change.SetDiscards("p", "ignore"),
          new Change.Activate("v", true),
          new Change.Rename("v", "n"),
          new Change.SetTags("v", TAGS, NONE),
          new Change.Trash("v", Duration.ofDays(7)),
          new Change.RestoreFromTrash("v"),
          new Change.Purge("v"),
          new Change.SetSelfExtension("p", new SelfExtension(70, 20, true, 9L)),
          new Change.SetSelfExtension("p", new SelfExtension(70, 20, false, null)),
          new Change.SetSelfExtension("p", null),
          new Change.RestoreGroupMetadata("g", "b.vg"));

  private record Note(String id, boolean hasEnded) implements PlanJournal.Entry {
    byte[] encode() {
      return (id + " " + hasEnded).getBytes(StandardCharsets.UTF_8);
    }

    static Note decode(byte[] bytes) {
      var text = new String(bytes, StandardCharsets.UTF_8);
      int space = text.indexOf(' ');
      return new Note(text.substring(0, space), Boolean.parseBoolean(text.substring(space + 1)));
    }
  }

  private static PlanJournal<Note> journal(Path folder) {
    return new PlanJournal<>(folder, Note::encode, Note::decode);
  }

  @Test
  void everyKindOfChangeIsReadAgainAsItWasWritten() {
    assertThat(CHANGES.stream().map(Change::getClass).collect(Collectors.toSet()))
        .hasSize(Change.class.getPermittedSubclasses().length);
    for (var change : CHANGES) {
      var written = Json.MAPPER.writeValueAsBytes(ChangeCodec.encode(change));
      assertThat(ChangeCodec.decode(Json.MAPPER.readTree(written))).isEqualTo(change);
    }
    assertThatThrownBy(() -> ChangeCodec.decode(Json.object("Explode")))
        .hasMessageContaining("Explode");
  }

  @Test
  void whatIsUnfinishedIsFoundAgainOldestFirst() throws StorageFailure {
    assertThat(journal(folder.resolve("none")).unfinished()).isEmpty();
    var written = new ArrayList<Note>();
    for (var id : List.of("1", "2", "3")) {
      var note = new Note(id, false);
      journal(folder).write(note);
      written.add(note);
    }
    assertThat(journal(folder).unfinished()).isEqualTo(written);
    assertThat(journal(folder).unfinished("2")).contains(written.get(1));
    assertThat(journal(folder).unfinished("4")).isEmpty();
  }

  @Test
  void whatHasEndedIsKeptForAWhileAndNoLongerUnfinished() throws StorageFailure, IOException {
    for (int i = 0; i < 210; i++) {
      journal(folder).write(new Note("%03d".formatted(i), true));
    }
    assertThat(journal(folder).unfinished()).isEmpty();
    try (var files = Files.list(folder.resolve("ended"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .hasSize(200)
          .doesNotContain("009.json")
          .contains("010.json", "209.json");
    }
  }

  @Test
  void aTornFileIsSaidAloudAndAHalfWrittenOneIsNone() throws StorageFailure, IOException {
    journal(folder).write(new Note("1", false));
    Files.writeString(folder.resolve("1.json.new"), "1");
    assertThat(journal(folder).unfinished()).hasSize(1);
    Files.writeString(folder.resolve("1.json"), "1");
    assertThatThrownBy(() -> journal(folder).unfinished())
        .isInstanceOf(StorageFailure.CommandFailed.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void aJournalThatCannotBeWrittenStopsThePlan() throws IOException {
    var file = Files.writeString(folder.resolve("file"), "in the way");
    assertThatThrownBy(() -> journal(file).write(new Note("1", false)))
        .isInstanceOf(StorageFailure.CommandFailed.class)
        .hasMessageContaining("nothing is changed");
  }
}
