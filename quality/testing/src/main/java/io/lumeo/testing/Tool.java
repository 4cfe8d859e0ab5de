package io.lumeo.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// A program of the machine that a test runs: with arguments as a list, no input, a deadline and
/// bounded output. A program that is not there fails the test with the package to install.
///
/// ```
/// var info = Tool.named("qemu-img").run("info", "--output=json", uri).expectSuccess().stdout();
/// ```
public final class Tool {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final int OUTPUT_LIMIT_BYTES = 64 << 20;
  private static final Path PACKAGES = Path.of("quality", "rig", "packages.txt");

  /// Debian keeps the administrator's programs out of an ordinary user's path.
  private static final List<String> MORE_FOLDERS = List.of("/usr/local/sbin", "/usr/sbin", "/sbin");

  private final List<String> command;
  private final Map<String, String> environment;
  private final Duration deadline;

  private Tool(List<String> command, Map<String, String> environment, Duration deadline) {
    this.command = command;
    this.environment = environment;
    this.deadline = deadline;
  }

  /// The program of that name.
  public static Tool named(String program) {
    return new Tool(List.of(find(program).toString()), Map.of(), DEADLINE);
  }

  /// The program that these first words run, such as a loader with its options.
  public static Tool of(List<String> command) {
    return new Tool(List.copyOf(command), Map.of(), DEADLINE);
  }

  /// The same, killed when it takes longer than `deadline`; 2 minutes unless set.
  public Tool within(Duration deadline) {
    return new Tool(command, environment, deadline);
  }

  /// The same, with one more environment variable.
  public Tool with(String variable, String value) {
    var more = new HashMap<>(environment);
    more.put(variable, value);
    return new Tool(command, Map.copyOf(more), deadline);
  }

  /// Runs it to its end; arguments are turned to strings.
  public Result run(Object... arguments) {
    var line = Stream.concat(command.stream(), Stream.of(arguments).map(Object::toString)).toList();
    var builder = new ProcessBuilder(line).redirectInput(Path.of("/dev/null").toFile());
    builder.environment().putAll(environment);
    builder.environment().put("LC_ALL", "C.UTF-8");
    try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
      var process = builder.start();
      var stdout = CompletableFuture.supplyAsync(() -> drain(process.getInputStream()), readers);
      var stderr = CompletableFuture.supplyAsync(() -> drain(process.getErrorStream()), readers);
      boolean ended = process.waitFor(deadline.toNanos(), NANOSECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        // Process.destroyForcibly would also close the output, of which the end says most.
        process.toHandle().destroyForcibly();
        process.waitFor();
      }
      var result = new Result(line, process.exitValue(), stdout.get(), stderr.get());
      if (!ended) {
        throw new AssertionError("not done after " + deadline + ": " + result);
      }
      return result;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (ExecutionException failure) {
      throw new AssertionError("the output of " + line + " could not be read", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while running " + line, interrupted);
    }
  }

  /// Starts it and lets it run beside the test, until it ends by itself or is closed.
  public Background start(Object... arguments) {
    var line = Stream.concat(command.stream(), Stream.of(arguments).map(Object::toString)).toList();
    try {
      var output = Files.createTempFile("lumeo-tool-", ".log");
      var builder =
          new ProcessBuilder(line)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().putAll(environment);
      builder.environment().put("LC_ALL", "C.UTF-8");
      return new Background(line, builder.start(), output, deadline);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// A program that runs beside the test.
  public static final class Background implements AutoCloseable {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private final List<String> line;
    private final Process process;
    private final Path output;
    private final Duration deadline;

    private Background(List<String> line, Process process, Path output, Duration deadline) {
      this.line = line;
      this.process = process;
      this.output = output;
      this.deadline = deadline;
    }

    /// The program's process id.
    public long pid() {
      return process.pid();
    }

    /// Waits until `ready` says so; fails the test if the program ends before or takes too long.
    public Background await(BooleanSupplier ready) {
      long end = System.nanoTime() + deadline.toNanos();
      try {
        while (!ready.getAsBoolean()) {
          if (process.waitFor(LOOK_AGAIN.toNanos(), NANOSECONDS) || System.nanoTime() > end) {
            throw new AssertionError("%s did not get ready: %s".formatted(line, output()));
          }
        }
        return this;
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for " + line, interrupted);
      }
    }

    /// What it has printed so far, errors included.
    public String output() {
      try {
        return Files.readString(output);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    /// Waits for its end by itself and answers the exit status.
    public int awaitEnd() {
      try {
        if (!process.waitFor(deadline.toNanos(), NANOSECONDS)) {
          throw new AssertionError("%s did not end: %s".formatted(line, output()));
        }
        return process.exitValue();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for " + line, interrupted);
      }
    }

    /// Kills it at once, as `kill -9` does.
    public void kill() {
      process.toHandle().destroyForcibly();
      awaitEnd();
    }

    /// Kills it if it still runs.
    @Override
    public void close() {
      kill();
      try {
        Files.deleteIfExists(output);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  private static String drain(InputStream stream) {
    try (stream) {
      byte[] bytes = stream.readNBytes(OUTPUT_LIMIT_BYTES);
      long more = stream.skip(Long.MAX_VALUE);
      if (more > 0) {
        throw new AssertionError("the program printed more than " + OUTPUT_LIMIT_BYTES + " bytes");
      }
      return new String(bytes, UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// Where the program is.
  public static Path find(String program) {
    var folders =
        Stream.concat(
            Stream.of(System.getenv("PATH").split(":", -1)).filter(folder -> !folder.isEmpty()),
            MORE_FOLDERS.stream());
    return folders
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new AssertionError(
                "%s is missing; install the package %s".formatted(program, packageOf(program))));
  }

  private static String packageOf(String program) {
    try (var lines = Files.lines(Repository.path(PACKAGES))) {
      return lines
          .filter(line -> !line.startsWith("#"))
          .map(line -> List.of(line.strip().split("\\s+", -1)))
          .filter(fields -> fields.size() == 2 && fields.get(1).equals(program))
          .map(List::getFirst)
          .findFirst()
          .orElse("that gives it, and add it to " + PACKAGES);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// What a program did.
  public record Result(List<String> command, int exit, String stdout, String stderr) {
    /// Fails the test unless the program ended with 0.
    public Result expectSuccess() {
      return expectExit(0);
    }

    /// Fails the test unless the program ended with `status`.
    public Result expectExit(int status) {
      if (exit != status) {
        throw new AssertionError("exit status %d was expected: %s".formatted(status, this));
      }
      return this;
    }

    @Override
    public String toString() {
      return "%s%n  exit status %d%n  stdout: %s%n  stderr: %s"
          .formatted(String.join(" ", command), exit, shortened(stdout), shortened(stderr));
    }

    private static String shortened(String text) {
      int limit = 4000;
      return text.length() <= limit
          ? text.strip()
          : text.substring(0, limit) + "… (" + text.length() + " characters)";
    }
  }
}
