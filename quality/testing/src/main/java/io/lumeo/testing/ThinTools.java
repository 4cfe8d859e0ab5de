package io.lumeo.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// thin-provisioning-tools 1.x, the checker to trust.
///
/// They are where `quality/rig/fetch-trixie-tools` put them: in `$LUMEO_TOOLS/bin`, else in
/// `~/.cache/lumeo/trixie/bin`. Version 0.9.0, which Debian 12 has, is not used: it does not look
/// at data reference counts. Arguments are those of the tools' manual pages; `metadata` is a file
/// or a block device.
public final class ThinTools {
  private ThinTools() {}

  /// One of the tools by name, such as `thin_ls`.
  public static Tool tool(String name) {
    var program = folder().resolve("bin").resolve(name);
    if (!Files.isExecutable(program)) {
      throw new AssertionError(
          "%s 1.x is missing; run quality/rig/fetch-trixie-tools".formatted(name));
    }
    return Tool.of(List.of(program.toString()));
  }

  static Path folder() {
    var told = System.getenv("LUMEO_TOOLS");
    return told == null || told.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "lumeo", "trixie")
        : Path.of(told);
  }

  /// Runs `thin_check`; exit status 0 means that nothing is wrong.
  public static Tool.Result check(Path metadata) {
    return tool("thin_check").run(metadata);
  }

  /// Fails the test unless `thin_check` finds nothing wrong with `metadata`.
  public static void expectClean(Path metadata) {
    check(metadata).expectSuccess();
  }

  /// The metadata as XML, with shared mappings written out for each device.
  public static String dump(Path metadata) {
    return tool("thin_dump").run(metadata).expectSuccess().stdout();
  }

  /// Makes binary metadata in the existing file `metadata` from an XML dump.
  public static void restore(Path xml, Path metadata) {
    tool("thin_restore").run("-i", xml, "-o", metadata).expectSuccess();
  }

  /// What differs between two devices, by id, as XML.
  public static String delta(Path metadata, int left, int right) {
    return tool("thin_delta")
        .run("--thin1", left, "--thin2", right, metadata)
        .expectSuccess()
        .stdout();
  }

  /// The devices in a table, with the columns that `format` names, separated by commas.
  public static String list(Path metadata, String format) {
    return tool("thin_ls").run("--format", format, metadata).expectSuccess().stdout();
  }
}
