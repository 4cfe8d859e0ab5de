package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandResult;
import io.lumeo.storage.StorageFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A mount namespace of its own on a host, kept by a file, with a folder in it where a file system
/// can be mounted that nobody else on the host sees: not its users, not the programs that watch
/// mounts, not a second mount of the same file system by its label or uuid.
///
/// The file lies on a mount that is private and made for it, as the kernel demands. No shell is
/// involved: each command enters the namespace by itself.
final class PrivateMount implements AutoCloseable {
  private final HostCommands host;
  private final Path folder;

  private PrivateMount(HostCommands host, Path folder) {
    this.host = host;
    this.folder = folder;
  }

  /// @param folder of its own; made here, and removed by [#close]
  static PrivateMount open(HostCommands host, Path folder) throws StorageFailure {
    var mount = new PrivateMount(host, folder);
    try {
      mount.make();
      return mount;
    } catch (StorageFailure e) {
      mount.close();
      throw e;
    }
  }

  private void make() throws StorageFailure {
    expect("mkdir", "-p", "-m", "700", folder.toString());
    expect("mount", "--bind", folder.toString(), folder.toString());
    expect("mount", "--make-private", folder.toString());
    expect("mkdir", "-p", tree().toString());
    expect("touch", namespace().toString());
    expect("unshare", "--mount=" + namespace(), "--propagation", "private", "true");
  }

  /// Where file systems are mounted, as it is called inside.
  Path tree() {
    return folder.resolve("tree");
  }

  private Path namespace() {
    return folder.resolve("namespace");
  }

  CommandResult run(Duration deadline, String... arguments) throws StorageFailure {
    var all = new ArrayList<>(List.of("nsenter", "--mount=" + namespace(), "--"));
    all.addAll(List.of(arguments));
    return host.run(Command.of(all).within(deadline));
  }

  private void expect(String... arguments) throws StorageFailure {
    host.expectSuccess(Command.of(List.of(arguments)));
  }

  /// Takes everything down again, whatever of it there is: also what a process that was killed has
  /// left in the folder.
  @Override
  public void close() throws StorageFailure {
    boolean interrupted = Thread.interrupted();
    try {
      run(Step.SHORT, "umount", tree().toString());
      for (var mounted : List.of(namespace(), folder)) {
        host.run(Command.of("umount", mounted.toString()));
      }
      host.run(Command.of("rm", "-f", namespace().toString()));
      host.run(Command.of("rmdir", tree().toString(), folder.toString()));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Takes down what was left in this folder by an inspection that did not come to its end.
  static void removeLeftover(HostCommands host, Path folder) throws StorageFailure {
    new PrivateMount(host, folder).close();
  }
}
