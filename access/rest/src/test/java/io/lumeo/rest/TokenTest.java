package io.lumeo.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenTest {
  @TempDir Path directory;

  @Test
  void onlyTheOwnerCanReadIt() throws Exception {
    Token.in(directory);

    var permissions = Files.getPosixFilePermissions(directory.resolve("token"));
    assertThat(PosixFilePermissions.toString(permissions)).isEqualTo("rw-------");
  }

  @Test
  void itStaysTheSameFromRunToRun() throws Exception {
    var first = Token.in(directory);

    assertThat(Token.in(directory).isShownBy(first.authorization())).isTrue();
    assertThat(Token.read(directory).isShownBy(first.authorization())).isTrue();
    assertThat(first.isShownBy("Bearer x")).isFalse();
  }

  @Test
  void oneThatOthersCanReadIsRefused() throws Exception {
    Token.in(directory);
    Files.setPosixFilePermissions(
        directory.resolve("token"), PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(() -> Token.in(directory))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining("can be read by others (rw-r--r--)");
  }

  @Test
  void itDoesNotPrintItself() throws Exception {
    assertThat(Token.in(directory).toString()).isEqualTo("Token(…)");
  }

  @Test
  void anEmptyFileIsNotAToken() throws Exception {
    Files.writeString(directory.resolve("token"), "");

    assertThatThrownBy(() -> Token.read(directory)).hasMessageContaining("does not hold a token");
  }
}
