package io.lumeo.rest;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/// The secret that the owner of a directory shows to the server that serves it: 256 random bits in
/// a file that only the owner can read.
public final class Token {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final byte[] text;

  private Token(String text) {
    this.text = text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Reads the token of a directory, or makes one. A token that others can read is refused: it is
  /// not known who has read it.
  public static Token in(Path directory) throws IOException {
    var file = directory.resolve("token");
    try {
      var created = Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      var bits = new byte[32];
      new SecureRandom().nextBytes(bits);
      Files.writeString(created, HexFormat.of().formatHex(bits) + "\n");
    } catch (FileAlreadyExistsException _) {
      refuseUnlessPrivate(file);
    }
    return read(directory);
  }

  private static void refuseUnlessPrivate(Path file) throws IOException {
    var permissions = Files.getPosixFilePermissions(file);
    if (!OWNER_ONLY.containsAll(permissions)) {
      throw new StorageException.InvalidArgument(
          "%s can be read by others (%s); delete it and start again, a new one is made"
              .formatted(file, PosixFilePermissions.toString(permissions)));
    }
  }

  /// Reads the token of a directory that is being served.
  public static Token read(Path directory) throws IOException {
    var file = directory.resolve("token");
    var text = Files.readString(file).strip();
    if (!text.matches("[0-9a-f]{64}")) {
      throw new StorageException.InvalidArgument(
          file + " does not hold a token; stop the server, delete the file and start again");
    }
    return new Token(text);
  }

  /// What a client sends in `Authorization`.
  String authorization() {
    return "Bearer " + new String(text, StandardCharsets.US_ASCII);
  }

  /// Takes the same time whether little or much of it is right.
  boolean isShownBy(String authorization) {
    return MessageDigest.isEqual(
        authorization().getBytes(StandardCharsets.US_ASCII),
        authorization.getBytes(StandardCharsets.UTF_8));
  }

  /// Never the secret: tokens end up in logs.
  @Override
  public String toString() {
    return "Token(…)";
  }
}
