package io.lumeo.thin;

import io.lumeo.thin.CrashingFolder.Content;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A [CrashingFolder] as a file system of the JDK, so that code that knows paths runs on it
/// unchanged. It does what a journal of records needs: files are opened, read, written, cut short,
/// synced, renamed over one another and deleted, and the folder is synced.
///
/// Its paths are proxies of ordinary paths that say which file system they belong to.
final class CrashingFileSystem extends FileSystem {
  private static final Path FOLDER = Path.of("/crashing");

  private final CrashingFolder folder;
  private final Provider provider = new Provider();

  CrashingFileSystem(CrashingFolder folder) {
    this.folder = folder;
  }

  /// The file of that name in the folder.
  Path path(String name) {
    return wrapped(FOLDER.resolve(name));
  }

  private Path wrapped(Path plain) {
    return (Path)
        Proxy.newProxyInstance(
            Path.class.getClassLoader(), new Class<?>[] {Path.class}, new Wrapped(plain));
  }

  /// An ordinary path that belongs to this file system.
  private final class Wrapped implements InvocationHandler {
    private final Path plain;

    Wrapped(Path plain) {
      this.plain = plain;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
        throws Throwable {
      if (method.getName().equals("getFileSystem")) {
        return CrashingFileSystem.this;
      }
      var ordinary = arguments == null ? new Object[0] : arguments.clone();
      for (int i = 0; i < ordinary.length; i++) {
        ordinary[i] = ordinary[i] instanceof Path path ? plain(path) : ordinary[i];
      }
      try {
        var result = method.invoke(plain, ordinary);
        return result instanceof Path path ? wrapped(path) : result;
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }

  private static Path plain(Path path) {
    return Proxy.isProxyClass(path.getClass())
        ? ((Wrapped) Proxy.getInvocationHandler(path)).plain
        : path;
  }

  private static String name(Path path) {
    return plain(path).getFileName().toString();
  }

  private Content existing(Path path) throws NoSuchFileException {
    var content = folder.find(name(path));
    if (content == null) {
      throw new NoSuchFileException(path.toString());
    }
    return content;
  }

  private final class Provider extends FileSystemProvider {
    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      if (plain(path).equals(FOLDER)) {
        return new FolderChannel(folder);
      }
      var content = folder.find(name(path));
      if (content == null && options.contains(StandardOpenOption.CREATE)) {
        content = folder.create(name(path));
      }
      var opened = content == null ? existing(path) : content;
      if (options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
        opened.truncate(0);
      }
      return new ContentChannel(opened);
    }

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      return newFileChannel(path, options, attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
      existing(path);
      folder.delete(name(path));
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
      if (!List.of(options).contains(StandardCopyOption.ATOMIC_MOVE)) {
        throw new UnsupportedOperationException("a move that is not atomic");
      }
      existing(source);
      folder.rename(name(source), name(target));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      if (!plain(path).equals(FOLDER)) {
        existing(path);
      }
    }

    @Override
    public String getScheme() {
      return "crashing";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
      return CrashingFileSystem.this;
    }

    @Override
    public Path getPath(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path directory, DirectoryStream.Filter<? super Path> filter) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isSameFile(Path one, Path other) {
      return plain(one).equals(plain(other));
    }

    @Override
    public boolean isHidden(Path path) {
      return false;
    }

    @Override
    public FileStore getFileStore(Path path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <V extends @Nullable FileAttributeView> V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
      throw new UnsupportedOperationException();
    }
  }

  /// What a channel on a file or folder has in common: nothing but that it can be synced.
  private abstract static class SyncedChannel extends FileChannel {
    @Override
    public int read(ByteBuffer target) throws IOException {
      throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long newPosition) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long size() {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected void implCloseChannel() {}
  }

  private static final class FolderChannel extends SyncedChannel {
    private final CrashingFolder folder;

    FolderChannel(CrashingFolder folder) {
      this.folder = folder;
    }

    @Override
    public void force(boolean metadata) throws IOException {
      folder.sync();
    }
  }

  private static final class ContentChannel extends SyncedChannel {
    private final Content content;
    private long position;

    ContentChannel(Content content) {
      this.content = content;
    }

    @Override
    public void force(boolean metadata) throws IOException {
      content.sync();
    }

    @Override
    public long size() {
      return content.sizeBytes();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      content.truncate(size);
      return this;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      int count = (int) Math.min(target.remaining(), content.sizeBytes() - position);
      if (count <= 0) {
        return -1;
      }
      content.read(position, MemorySegment.ofBuffer(target).asSlice(0, count));
      target.position(target.position() + count);
      position += count;
      return count;
    }

    @Override
    public int write(ByteBuffer source, long at) throws IOException {
      int count = source.remaining();
      content.write(at, MemorySegment.ofBuffer(source));
      source.position(source.limit());
      return count;
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {}

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return FileSystems.getDefault().getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic");
  }

  @Override
  public Path getPath(String first, String... more) {
    return wrapped(Path.of(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    throw new UnsupportedOperationException();
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
