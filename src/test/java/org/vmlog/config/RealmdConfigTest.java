package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration of vmlog-realmd, and what docs/components.md says of it. */
final class RealmdConfigTest {
  private static final Path DOCUMENT = Path.of("docs/components.md");

  /** A key in backticks and, in the next column, its default. */
  private static final Pattern ROW =
      Pattern.compile("^\\| `([a-z_]+\\.[a-z_]+)` \\| `(.*?)` \\|", Pattern.MULTILINE);

  private static final HostFacts HOST = hostWith("vmlog-admin");

  @TempDir Path folder;

  private final List<String> notices = new ArrayList<>();
  private Path file;
  private RealmdConfigReader reader;

  @BeforeEach
  void makeReader() {
    file = folder.resolve("realmd.toml");
    reader = new RealmdConfigReader(Map.of(), file, HOST, notices::add);
  }

  @Test
  void withoutAFile_everyDefaultIsAsDocumented() throws Exception {
    Map<String, String> documented = new TreeMap<>();
    for (MatchResult row : ROW.matcher(Files.readString(DOCUMENT)).results().toList()) {
      documented.put(row.group(1), row.group(2));
    }

    Map<String, String> inForce = new TreeMap<>();
    String table = "";
    for (String line : ConfigDescription.of(reader.readDefault()).lines().toList()) {
      if (line.startsWith("[")) {
        table = line.substring(1, line.length() - 1);
      } else if (!line.isEmpty()) {
        String[] parts = line.split(" = ", 2);
        inForce.put(table + "." + parts[0], parts[1]);
      }
    }
    assertThat(inForce).isEqualTo(documented);
  }

  @Test
  void description_ofAnyConfiguration_readsBackAsTheSame() throws Exception {
    write(
        """
        [dbus]
        address = "unix:path=/run/bus"
        [access]
        group = false
        [sinks]
        directory = "/run/sinks"
        mode = "0600"
        group = false
        plain = false
        [limits]
        hold = "7s"
        realms = 1
        sinks = 2
        waiting = 3
        sink_buffer = "1MiB"
        [log]
        level = "debug"
        """);
    RealmdConfig config = reader.read(file);
    assertThat(config.limits().sinkBytes()).isEqualTo(1 << 20);
    assertThat(config.groups()).isEmpty();

    write(ConfigDescription.of(config));
    assertThat(reader.read(file)).isEqualTo(config);
  }

  @Test
  void errors_areToldAllAtOnceWithWhatIsAllowed() throws Exception {
    write(
        """
        [dbus]
        address = "nonsense"
        [access]
        group = "nobody-has-this"
        [sinks]
        directory = "relative"
        mode = "0999"
        [limits]
        realms = 0
        sink_buffer = "1GiB"
        realm = 1
        """);
    ConfigException thrown = catchThrowableOfType(ConfigException.class, () -> reader.read(file));
    assertThat(thrown.getMessage().lines())
        .satisfiesExactlyInAnyOrder(
            line -> assertThat(line).contains("dbus.address", "nonsense"),
            line -> assertThat(line).contains("access.group", "nobody-has-this"),
            line -> assertThat(line).contains("sinks.directory", "relative"),
            line -> assertThat(line).contains("sinks.mode", "0999"),
            line -> assertThat(line).contains("limits.realms", "1 to 65536"),
            line ->
                assertThat(line).contains("limits.sink_buffer", "at least 4KiB and at most 16MiB"),
            line -> assertThat(line).contains("limits.realm", "no such key"));
  }

  @Test
  void runtimeDirectory_ofSystemd_isWhereSinksAre() throws Exception {
    RealmdConfigReader underSystemd =
        new RealmdConfigReader(Map.of("RUNTIME_DIRECTORY", "/run/other"), file, HOST, notices::add);
    assertThat(underSystemd.readDefault().sinks().directory())
        .isEqualTo(Path.of("/run/other/sinks"));
  }

  @Test
  void defaultGroup_thatIsMissing_letsNobodyElseInAndSaysSo() throws Exception {
    RealmdConfigReader elsewhere =
        new RealmdConfigReader(Map.of(), file, hostWith("users"), notices::add);
    assertThat(elsewhere.readDefault().groups()).isEmpty();
    assertThat(notices)
        .containsExactly(
            "no group \"vmlog-admin\" on this host: access.group lets nobody else in",
            "no group \"vmlog-admin\" on this host: sinks.group is left at the daemon's own group");
  }

  private static HostFacts hostWith(String group) {
    return new HostFacts() {
      @Override
      public boolean hasGroup(String name) {
        return name.equals(group);
      }

      @Override
      public boolean hasAddress(InetAddress address) {
        return false;
      }
    };
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }
}
