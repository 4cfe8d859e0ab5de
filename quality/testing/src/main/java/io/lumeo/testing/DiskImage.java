package io.lumeo.testing;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The content of a disk, of which a copy costs next to nothing: copies share their pages, and a
/// page is copied when one of them writes to it.
///
/// **Threads.** Not safe for use by many threads, except that images that share pages are
/// independent of one another.
final class DiskImage {
  private static final int PAGE_BYTES = 4096;
  private static final int CHUNK_PAGES = 256;
  private static final AtomicLong OWNERS = new AtomicLong();

  /// Pages with the image that may write to them; those of another are shared.
  private static final class Chunk {
    final long owner;
    final byte[] @Nullable [] pages;
    final long[] owners;

    Chunk(long owner, byte[] @Nullable [] pages, long[] owners) {
      this.owner = owner;
      this.pages = pages;
      this.owners = owners;
    }
  }

  private @Nullable Chunk[] chunks;

  /// Replaced at every copy, on both sides, so that neither writes to what was there before it.
  private long owner = OWNERS.incrementAndGet();

  DiskImage(long sizeBytes) {
    chunks = new Chunk[chunkCount(sizeBytes)];
  }

  private DiskImage(@Nullable Chunk[] chunks) {
    this.chunks = chunks;
  }

  private static int chunkCount(long sizeBytes) {
    return Math.toIntExact(Math.ceilDiv(sizeBytes, (long) PAGE_BYTES * CHUNK_PAGES));
  }

  DiskImage copy() {
    owner = OWNERS.incrementAndGet();
    return new DiskImage(chunks.clone());
  }

  void resize(long newSizeBytes) {
    chunks = Arrays.copyOf(chunks, chunkCount(newSizeBytes));
  }

  void read(long offset, byte[] target, int start, int length) {
    for (int done = 0; done < length; ) {
      long at = offset + done;
      int inPage = (int) (at % PAGE_BYTES);
      int piece = Math.min(PAGE_BYTES - inPage, length - done);
      byte[] page = page(at / PAGE_BYTES);
      if (page == null) {
        Arrays.fill(target, start + done, start + done + piece, (byte) 0);
      } else {
        System.arraycopy(page, inPage, target, start + done, piece);
      }
      done += piece;
    }
  }

  void write(long offset, byte[] source, int start, int length) {
    for (int done = 0; done < length; ) {
      long at = offset + done;
      int inPage = (int) (at % PAGE_BYTES);
      int piece = Math.min(PAGE_BYTES - inPage, length - done);
      System.arraycopy(source, start + done, writablePage(at / PAGE_BYTES), inPage, piece);
      done += piece;
    }
  }

  void zero(long offset, long length) {
    for (long done = 0; done < length; ) {
      long at = offset + done;
      int inPage = (int) (at % PAGE_BYTES);
      int piece = (int) Math.min(PAGE_BYTES - inPage, length - done);
      if (page(at / PAGE_BYTES) != null) {
        if (piece == PAGE_BYTES) {
          drop(at / PAGE_BYTES);
        } else {
          Arrays.fill(writablePage(at / PAGE_BYTES), inPage, inPage + piece, (byte) 0);
        }
      }
      done += piece;
    }
  }

  /// Whether anything was written to the page that holds `offset` since it was last zeroed whole.
  boolean hasPageAt(long offset) {
    return page(offset / PAGE_BYTES) != null;
  }

  static long endOfPageAt(long offset) {
    return (offset / PAGE_BYTES + 1) * PAGE_BYTES;
  }

  private byte @Nullable [] page(long index) {
    var chunk = chunks[(int) (index / CHUNK_PAGES)];
    return chunk == null ? null : chunk.pages[(int) (index % CHUNK_PAGES)];
  }

  private byte[] writablePage(long index) {
    var chunk = writableChunk((int) (index / CHUNK_PAGES));
    int slot = (int) (index % CHUNK_PAGES);
    byte[] page = chunk.pages[slot];
    if (page == null || chunk.owners[slot] != owner) {
      page = page == null ? new byte[PAGE_BYTES] : page.clone();
      chunk.pages[slot] = page;
      chunk.owners[slot] = owner;
    }
    return page;
  }

  private void drop(long index) {
    writableChunk((int) (index / CHUNK_PAGES)).pages[(int) (index % CHUNK_PAGES)] = null;
  }

  private Chunk writableChunk(int index) {
    var chunk = chunks[index];
    if (chunk == null) {
      chunk = new Chunk(owner, new byte[CHUNK_PAGES][], new long[CHUNK_PAGES]);
      chunks[index] = chunk;
    } else if (chunk.owner != owner) {
      chunk = new Chunk(owner, chunk.pages.clone(), chunk.owners.clone());
      chunks[index] = chunk;
    }
    return chunk;
  }
}
