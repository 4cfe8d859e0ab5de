package io.lumeo.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// What the figures were measured on and with.
final class Machine {
  private static final Pattern MODEL = Pattern.compile("model name\\s*:\\s*(.*)");

  private Machine() {}

  static List<String> lines() throws IOException, InterruptedException {
    return List.of(
        "processor: %d × %s".formatted(Runtime.getRuntime().availableProcessors(), processor()),
        "memory: %,d MiB".formatted(Processes.memory("/proc/meminfo", "MemTotal") >> 20),
        "kernel: Linux " + System.getProperty("os.version"),
        "Java: " + System.getProperty("java.vm.version"),
        "peers: %s, %s, %s"
            .formatted(
                firstLine("qemu-nbd", "--version"),
                firstLine("nbdkit", "--version"),
                firstLine("fio", "--version")));
  }

  private static String processor() throws IOException {
    var model = MODEL.matcher(Files.readString(Path.of("/proc/cpuinfo")));
    return model.find() ? model.group(1) : System.getProperty("os.arch");
  }

  private static String firstLine(String... command) throws IOException, InterruptedException {
    return Program.run(command).lines().findFirst().orElse(command[0]);
  }
}
