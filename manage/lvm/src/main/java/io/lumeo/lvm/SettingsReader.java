package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.lvm.LvmSettings.Extension;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Asks LVM how it is configured, rather than read `lvm.conf`: defaults, included files, tags and
/// profiles are its business.
final class SettingsReader {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Pattern SETTING =
      Pattern.compile("(?m)^\\s*(\\w+)\\s*=\\s*\"?([^\"\\n]*)\"?$");

  private final HostCommands host;

  SettingsReader(HostCommands host) {
    this.host = host;
  }

  /// @param profiles the names of the profiles that groups and volumes follow
  LvmSettings read(Set<String> profiles) throws StorageFailure {
    var settings =
        parse(
            host.expectSuccess(
                config(
                    "activation/thin_pool_autoextend_threshold",
                    "activation/thin_pool_autoextend_percent",
                    "activation/snapshot_autoextend_threshold",
                    "activation/snapshot_autoextend_percent",
                    "activation/monitoring",
                    "config/profile_dir")));
    var byProfile = new HashMap<String, Extension>();
    for (var profile : profiles) {
      byProfile.put(profile, ofProfile(profile));
    }
    return new LvmSettings(
        extension(settings, "thin_pool"),
        extension(settings, "snapshot"),
        !settings.getOrDefault("monitoring", "1").equals("0"),
        monitorAlive(),
        byProfile,
        settings.getOrDefault("profile_dir", "/etc/lvm/profile"),
        systemId());
  }

  private Extension ofProfile(String profile) throws StorageFailure {
    var command =
        config(
            "--metadataprofile",
            profile,
            "activation/thin_pool_autoextend_threshold",
            "activation/thin_pool_autoextend_percent");
    var result = host.run(command);
    // A profile is a file that can be missing: LVM then goes on without, and so do we.
    return result.succeeded() ? extension(parse(result.stdout()), "thin_pool") : Extension.OFF;
  }

  /// `--config` stays out: what is asked for is what holds without us.
  private static Command config(String... arguments) {
    var all = new ArrayList<>(List.of("lvm", "lvmconfig", "--type", "full"));
    all.addAll(List.of(arguments));
    return Command.of(all).within(DEADLINE);
  }

  static Map<String, String> parse(String output) {
    var values = new HashMap<String, String>();
    var found = SETTING.matcher(output);
    while (found.find()) {
      values.put(found.group(1), found.group(2).strip());
    }
    return values;
  }

  private static Extension extension(Map<String, String> settings, String what) {
    return new Extension(
        number(settings.get(what + "_autoextend_threshold"), Extension.OFF.thresholdPercent()),
        number(settings.get(what + "_autoextend_percent"), Extension.OFF.stepPercent()));
  }

  private static int number(@Nullable String text, int otherwise) {
    return text != null && text.matches("\\d{1,3}") ? Integer.parseInt(text) : otherwise;
  }

  private boolean monitorAlive() throws StorageFailure {
    try {
      return host.run(Command.of("pgrep", "-x", "dmeventd").within(DEADLINE)).succeeded();
    } catch (StorageFailure.CommandFailed noPgrep) {
      return host.run(Command.of("pidof", "dmeventd").within(DEADLINE)).succeeded();
    }
  }

  private String systemId() throws StorageFailure {
    var result = host.run(Command.of("lvm", "systemid").within(DEADLINE));
    var colon = result.stdout().indexOf(':');
    return result.succeeded() && colon >= 0 ? result.stdout().substring(colon + 1).strip() : "";
  }
}
