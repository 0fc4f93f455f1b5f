package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds docs/configuration.md against what the reader takes and what is in force without a file.
 */
class ConfigurationDocumentTest {
  private static final Path DOCUMENT = Path.of("docs/configuration.md");

  /** A key in backticks and, in the next column, a value in backticks or words. */
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| `([a-z_]+(?:\\.[a-z_]+)+)` \\|(?: (`?)(.*?)\\2)? \\|", Pattern.MULTILINE);

  private static final Pattern TABLE = Pattern.compile("\\[{1,2}([a-z.]+)\\]{1,2}");

  private static final String[] VM = {
    "[[vm]]",
    "owner = 'alice'",
    "name = 'web-1'",
    "cid = 42",
    "address = '10.0.7.2'",
    "hybrid_vsock = '/run/fc/web-1/v.sock'"
  };

  @TempDir Path folder;
  private ConfigFolder config;
  private Map<String, String> documented;

  @BeforeEach
  void read() throws IOException {
    config = new ConfigFolder(folder);
    documented = rows(Files.readString(DOCUMENT));
  }

  @Test
  void everyKey_isInOneTable() throws Exception {
    assertThat(new TreeSet<>(documented.keySet())).isEqualTo(new TreeSet<>(described(VM).keySet()));
  }

  @Test
  void everyDefault_isInForceWithoutAFile() throws Exception {
    documented.keySet().removeIf(key -> key.startsWith("vm."));
    documented.values().removeIf(String::isEmpty);

    assertThat(new TreeMap<>(documented)).isEqualTo(new TreeMap<>(described("")));
  }

  @Test
  void everyKey_isTaken() throws Exception {
    for (String key : documented.keySet()) {
      String table = key.startsWith("vm.") ? "[[vm]]" : "[" + parent(key) + "]";

      config.main(table, key.substring(key.lastIndexOf('.') + 1) + " = {}");

      // No key takes a table, so a key that is known has something else to say.
      assertThat(config.errors()).as(key).isNotEmpty().noneMatch(line -> line.contains("no such"));
    }
  }

  private static Map<String, String> rows(String text) {
    Map<String, String> rows = new LinkedHashMap<>();
    for (MatchResult row : ROW.matcher(text).results().toList()) {
      String value = row.group(3) == null ? "" : row.group(3);
      assertThat(rows.put(row.group(1), value)).as(row.group(1) + " is there twice").isNull();
    }
    return rows;
  }

  /** What --check-config prints, by the keys' full names. */
  private Map<String, String> described(String... lines) throws Exception {
    config.main(lines);
    Map<String, String> described = new LinkedHashMap<>();
    String table = "";
    for (String line : ConfigDescription.of(config.read()).lines().toList()) {
      if (TABLE.matcher(line).matches()) {
        table = TABLE.matcher(line).replaceFirst("$1.");
      } else if (!line.isEmpty()) {
        String[] parts = line.split(" = ", 2);
        described.put(table + parts[0], parts[1]);
      }
    }
    return described;
  }

  private static String parent(String key) {
    return key.substring(0, key.lastIndexOf('.'));
  }
}
