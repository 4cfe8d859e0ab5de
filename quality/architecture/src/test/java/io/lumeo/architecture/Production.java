package io.lumeo.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// What the rules look at: the compiled main classes of every module, and the sources they came
/// from.
final class Production {
  static final Path ROOT = Path.of(System.getProperty("lumeo.root")).toAbsolutePath();

  /// Every main class of every module; tests and what JMH generates are free to do as they must.
  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("jmh_generated"))
          .importPaths(outputs());

  private Production() {}

  /// The modules, as folders with main sources.
  static List<Path> modules() {
    var modules = new ArrayList<Path>();
    for (var parent : List.of("engine", "manage", "manage/operations", "access", "quality", ".")) {
      for (var folder : list(ROOT.resolve(parent))) {
        if (Files.isDirectory(sources(folder))) {
          modules.add(folder.normalize());
        }
      }
    }
    return modules;
  }

  /// The `.java` files of all modules that declare a class of their name.
  static List<Path> sourceFiles() {
    var files = new ArrayList<Path>();
    for (var module : modules()) {
      files.addAll(
          walk(
              sources(module),
              file ->
                  file.toString().endsWith(".java")
                      && !file.getFileName().toString().contains("-")));
    }
    return files;
  }

  private static List<Path> outputs() {
    return modules().stream().map(module -> module.resolve("target/classes")).toList();
  }

  private static Path sources(Path module) {
    return module.resolve("src/main/java");
  }

  private static List<Path> list(Path folder) {
    try (var entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> walk(Path folder, Predicate<Path> wanted) {
    try (var files = Files.walk(folder)) {
      return files.filter(wanted).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
