package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.config.GuestConfig;
import org.vmlog.config.GuestConfigReader;

/**
 * Holds the table of settings in docs/guest.md against the flags, the keys and what is in force.
 */
class GuestDocumentTest {
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| `(--[a-z-]+)` \\| `([a-z_]+)\\.([a-z_]+)` \\| `(\\S+)` \\|", Pattern.MULTILINE);

  @TempDir Path folder;

  @Test
  void everyFlag_isInTheTable() throws IOException {
    Set<String> flags = new TreeSet<>(VmSyslog.FLAGS);
    flags.remove(VmSyslog.CONFIG);

    assertThat(defaultsByFlag().keySet()).containsExactlyInAnyOrderElementsOf(flags);
  }

  @Test
  void everyDefault_isWhatIsInForce() throws Exception {
    Path nothing = Files.writeString(folder.resolve("nothing.toml"), "");
    GuestConfig inForce = new GuestConfigReader(Map.of(), Map.of()).read(nothing);
    GuestConfig documented = new GuestConfigReader(Map.of(), defaultsByFlag()).read(nothing);

    assertThat(documented).usingRecursiveComparison().ignoringFields("sources").isEqualTo(inForce);
    assertThat(documented.sources().devLog()).isEqualTo(inForce.sources().devLog());
    assertThat(documented.sources().kmsg()).isEqualTo(inForce.sources().kmsg());
    assertThat(documented.sources().journalSocket()).isEqualTo(inForce.sources().journalSocket());
  }

  @Test
  void everyKey_isTheFlagsOwn() throws Exception {
    StringBuilder toml = new StringBuilder();
    Matcher row = ROW.matcher(document());
    while (row.find()) {
      String value = row.group(4).equals("none") ? "false" : "\"" + row.group(4) + "\"";
      toml.append("%s.%s = %s%n".formatted(row.group(2), row.group(3), value));
    }
    Path file = Files.writeString(folder.resolve("all.toml"), toml);

    assertThat(new GuestConfigReader(Map.of(), Map.of()).read(file))
        .isEqualTo(new GuestConfigReader(Map.of(), defaultsByFlag()).read(file));
  }

  private static Map<String, String> defaultsByFlag() throws IOException {
    Map<String, String> defaults = new LinkedHashMap<>();
    Matcher row = ROW.matcher(document());
    while (row.find()) {
      defaults.put(row.group(1), row.group(4));
    }
    return defaults;
  }

  private static String document() throws IOException {
    return Files.readString(Path.of("docs/guest.md"));
  }
}
