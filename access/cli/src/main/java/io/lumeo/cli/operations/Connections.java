package io.lumeo.cli.operations;

import io.lumeo.commands.Commands;
import io.lumeo.commands.LocalCommands;
import io.lumeo.commands.SshCommands;
import io.lumeo.storage.StorageFailure;
import java.nio.file.Path;

/// How commands get to hosts.
public interface Connections {
  /// This host.
  Commands local(boolean sudo);

  /// The host that `ssh` knows by this name.
  ///
  /// @throws StorageFailure.NotFound if it is no name of one
  Commands ssh(String destination, boolean sudo) throws StorageFailure;

  /// For real.
  ///
  /// @param runtimeFolder where connections have their sockets
  static Connections real(Path runtimeFolder) {
    return new Connections() {
      @Override
      public Commands local(boolean sudo) {
        return sudo ? LocalCommands.throughSudo() : LocalCommands.direct();
      }

      @Override
      public Commands ssh(String destination, boolean sudo) throws StorageFailure {
        try {
          var commands = SshCommands.to(destination, runtimeFolder);
          return sudo ? commands.throughSudo() : commands;
        } catch (IllegalArgumentException e) {
          throw new StorageFailure.NotFound(String.valueOf(e.getMessage()));
        }
      }
    };
  }
}
