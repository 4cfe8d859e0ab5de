package io.lumeo.benchmarks;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Hosts behind `ssh`: several real `sshd` on this machine, and of each many addresses, so that
/// every host has a connection of its own. All answer as one recorded host does.
final class SshServers implements AutoCloseable {
  /// None listens on more than sixteen addresses.
  private static final int SERVERS = 10;

  private final List<Program> servers = new ArrayList<>();
  private final Path folder;
  private final int hosts;

  private SshServers(Path folder, int hosts) {
    this.folder = folder;
    this.hosts = hosts;
  }

  /// Starts them, with keys of their own, and lets what runs on the recorded host know them.
  static SshServers start(RecordedHost host, int hosts) throws IOException, InterruptedException {
    var servers = new SshServers(Files.createDirectory(host.folder().resolve("ssh")), hosts);
    try {
      servers.start(host);
      return servers;
    } catch (IOException | InterruptedException e) {
      servers.close();
      throw e;
    }
  }

  private void start(RecordedHost host) throws IOException, InterruptedException {
    makeKey("host_key");
    makeKey("key");
    Files.writeString(
        folder.resolve("known_hosts"), "lumeo " + Files.readString(folder.resolve("host_key.pub")));
    var configuration = new StringBuilder();
    for (int server = 0; server < SERVERS; server++) {
      int port = freePort();
      servers.add(start(host, server, port));
      configuration.append(entries(server, port));
    }
    host.configureSsh(configuration + common());
  }

  private void makeKey(String name) throws IOException, InterruptedException {
    var file = folder.resolve(name).toString();
    Program.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /// One server, as its host would have it, but for what keeps ten hosts from connecting to it at
  /// the same moment.
  private Program start(RecordedHost host, int server, int port)
      throws IOException, InterruptedException {
    var configuration = folder.resolve("sshd_config." + server);
    Files.writeString(
        configuration,
        """
        Port %2$d
        %3$s
        HostKey %1$s/host_key
        AuthorizedKeysFile %1$s/key.pub
        PidFile %1$s/sshd.%4$d.pid
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        MaxStartups 200
        """
            .formatted(
                folder,
                port,
                ofServer(server)
                    .map(number -> "ListenAddress " + address(number))
                    .collect(Collectors.joining("\n")),
                server));
    return Program.start(
        folder.resolve("sshd.%d.pid".formatted(server)),
        folder.resolve("sshd.%d.log".formatted(server)),
        host.on("/usr/sbin/sshd", "-D", "-e", "-f", configuration.toString()));
  }

  private Stream<Integer> ofServer(int server) {
    return IntStream.range(0, hosts).boxed().filter(number -> number % SERVERS == server);
  }

  private static String address(int number) {
    return "127.0.1." + (number + 1);
  }

  private String entries(int server, int port) {
    return ofServer(server)
        .map(number ->
            "Host %s\n  HostName %s\n  Port %d\n".formatted(name(number), address(number), port))
        .collect(Collectors.joining());
  }

  private String common() {
    return """
    Host *
      User root
      IdentityFile %1$s/key
      IdentitiesOnly yes
      UserKnownHostsFile %1$s/known_hosts
      GlobalKnownHostsFile /dev/null
      HostKeyAlias lumeo
      StrictHostKeyChecking yes
    """
        .formatted(folder);
  }

  /// What `ssh` calls the hosts.
  List<String> names() {
    return IntStream.range(0, hosts).mapToObj(SshServers::name).toList();
  }

  private static String name(int number) {
    return "host-" + number;
  }

  @Override
  public void close() throws IOException {
    for (var server : servers) {
      server.close();
    }
  }
}
