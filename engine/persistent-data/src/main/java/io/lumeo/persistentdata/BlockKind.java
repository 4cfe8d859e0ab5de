package io.lumeo.persistentdata;

/// What a checked metadata block holds. Each kind has its own salt in the checksum, so that a block
/// of one kind is never taken for one of another.
public enum BlockKind {
  SUPERBLOCK(160774, "a superblock"),
  BTREE_NODE(121107, "a B-tree node"),
  INDEX(160478, "a space-map index"),
  BITMAP(240779, "a space-map bitmap");

  private final int salt;
  private final String words;

  BlockKind(int salt, String words) {
    this.salt = salt;
    this.words = words;
  }

  /// The number that is XORed into the checksum of such a block.
  public int salt() {
    return salt;
  }

  @Override
  public String toString() {
    return words;
  }
}
