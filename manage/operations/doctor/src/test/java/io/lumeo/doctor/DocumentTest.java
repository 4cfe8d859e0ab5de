package io.lumeo.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `docs/doctor.md` lists what the doctor looks for.
class DocumentTest {
  private static final Pattern ROW = Pattern.compile("\\| `([a-z-]+)` \\| (\\w+) \\| \\S.*\\|");

  @Test
  void everyTroubleIsInThePageWithTheWorstItCanBe() throws IOException {
    var page = Files.readString(Repository.path(Path.of("docs/doctor.md")));
    assertThat(ROW.matcher(page).results().map(row -> row.group(1) + " " + row.group(2)))
        .containsExactlyElementsOf(
            Arrays.stream(Trouble.values())
                .map(trouble -> trouble.code() + " " + worst(trouble))
                .toList());
  }

  private static String worst(Trouble trouble) {
    return DoctorTest.rows()
        .filter(row -> row.trouble() == trouble)
        .map(DoctorTest.Row::severity)
        .min(Comparator.naturalOrder())
        .orElseThrow()
        .name()
        .toLowerCase(Locale.ROOT);
  }
}
