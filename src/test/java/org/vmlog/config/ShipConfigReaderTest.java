package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShipConfigReaderTest {
  @TempDir Path folder;

  @Test
  void read_onlyWhatHasToBe_hasTheDefaults() throws Exception {
    ShipConfig config = read("kafka.bootstrap = 'one:9092,two:9092'");

    assertThat(config.host()).isEqualTo(new ShipConfig.Host(Optional.empty(), Optional.empty()));
    assertThat(config.serviceName()).isEqualTo("vmlog");
    assertThat(config.logs())
        .isEqualTo(new ShipConfig.Logs(Path.of("/var/log/vmlog"), Path.of("/var/lib/vmlog")));
    assertThat(config.stateDirectory()).isEqualTo(Path.of("/var/lib/vmlog-ship"));
    assertThat(config.memoryBytes()).isEqualTo(16 << 20);
    assertThat(config.target())
        .isEqualTo(
            new ShipConfig.Kafka(
                "one:9092,two:9092",
                "vmlog",
                ShipConfig.Format.OTLP,
                "lz4",
                1000 << 10,
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void read_tlsAndLogin() throws Exception {
    ShipConfig.Kafka kafka =
        kafka(
            """
            [kafka]
            bootstrap = "one:9092"
            certificate = "/c"
            key = "/k"
            user = "ship"
            password_file = "/p"
            """);
    assertThat(kafka.tls())
        .contains(
            new ShipConfig.Tls(
                Optional.empty(),
                Optional.of(new ShipConfig.Identity(Path.of("/c"), Path.of("/k")))));
    assertThat(kafka.login())
        .contains(new ShipConfig.Login("SCRAM-SHA-512", "ship", Path.of("/p")));
  }

  @Test
  void read_otlpAndMetrics() throws Exception {
    ShipConfig config =
        read(
            """
            metrics.listen = "unix:/run/ship.sock"
            [otlp]
            server = "collector.example:4317"
            headers_file = "/h"
            secrets_without_tls = true
            compression = "gzip"
            """);
    assertThat(config.target())
        .isEqualTo(
            new ShipConfig.Otlp(
                "collector.example",
                4317,
                ShipConfig.Protocol.GRPC,
                "/v1/logs",
                Optional.empty(),
                Optional.of(Path.of("/h")),
                "gzip",
                4 << 20));
    assertThat(config.metrics()).contains(UnixDomainSocketAddress.of("/run/ship.sock"));
  }

  @Test
  void read_stateDirectoryOfSystemd_wins() throws Exception {
    Path file = Files.writeString(folder.resolve("c.toml"), "kafka.bootstrap = 'one:9092'");
    ShipConfig config = new ShipConfigReader(Map.of("STATE_DIRECTORY", "/var/lib/x")).read(file);
    assertThat(config.stateDirectory()).isEqualTo(Path.of("/var/lib/x"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "host.id = 'a/b'|host.id = \"a/b\": 1 to 128 letters, digits and characters of \"._:-\"",
        "kafka.bootstrap = 'one'|kafka.bootstrap = \"one\": \"HOST:PORT\", or several with commas",
        "kafka.topic = 'a b'|kafka.topic = \"a b\": 1 to 249 letters, digits",
        "kafka.compression = 'snappy'|kafka.compression = \"snappy\": one of \"none\", \"lz4\"",
        "kafka.key = '/k'|kafka.key = \"/k\": together with kafka.certificate",
        "kafka={user='a',password_file='/p'}|kafka.password_file = \"/p\": together with kafka.tls =",
        "otlp.headers_file = '/h'|otlp.headers_file = \"/h\": together with otlp.tls = true, or",
        "otlp.protocol = 'http'|otlp.protocol = \"http\": one of \"grpc\", \"http/protobuf\"",
        "otlp.path = 'v1/logs'|otlp.path = \"v1/logs\": a path such as",
        "service.name = 'a{b}'|service.name = \"a{b}\": 1 to 255 characters, with {owner}",
        "kafka.user = 'me'|kafka.user = \"me\": together with kafka.password_file",
        "kafka.topik = 'x'|kafka.topik = \"x\": no such key; did you mean \"topic\"?",
        "syslog.max_message = '1KiB'|syslog.max_message = \"1KiB\": a size",
        "limits.memory = '1KiB'|limits.memory = \"1KiB\": a size",
      })
  void read_wrongValue_saysWhatIsAllowed(String line, String error) {
    assertThatThrownBy(() -> read(line))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(error);
  }

  @Test
  void read_memoryThatTheHeapDoesNotHold_isRefused() {
    assertThatThrownBy(() -> read("kafka.bootstrap = 'a:1'\nlimits.memory = '1GiB'"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("limits.memory = \"1GiB\": a size")
        .hasMessageContaining("VMLOG_SHIP_JAVA_OPTS=-Xmx");
  }

  @Test
  void read_syslog() throws Exception {
    assertThat(read("[syslog]\nserver = 'logs.example:6514'\nca = '/ca'").target())
        .isEqualTo(
            new ShipConfig.Syslog(
                "logs.example",
                6514,
                new ShipConfig.Tls(Optional.of(Path.of("/ca")), Optional.empty()),
                8096));
    assertThatThrownBy(() -> read("[syslog]\nserver = 'logs.example'"))
        .hasMessageContaining("syslog.server = \"logs.example\": \"HOST:PORT\"");
    assertThatThrownBy(() -> read("syslog.server = 'a:1'\nkafka.bootstrap = 'b:1'"))
        .hasMessageContaining("one engine: there is [kafka], too");
  }

  @Test
  void read_noEngine_saysWhichKeyIsMissing() {
    assertThatThrownBy(() -> read(""))
        .hasMessageContaining("kafka.bootstrap: is not set, and has no default");
  }

  /** Every key of the shipped file is one, with its default; and the document names each. */
  @Test
  void shippedFile_uncommented_isTheDefaultsAndIsDocumented() throws Exception {
    String shipped = Files.readString(Path.of("packaging/vmlog-ship.toml"));
    String own = shipped.substring(0, shipped.indexOf("# In the place of [kafka]:"));
    String whole = own.replaceAll("(?m)^# (?=[a-z_]+ = )", "").replace("\"…\"", "\"x\"");
    String notDefaults = "(?m)^(id|name|tls|ca|user|certificate|key|password_file) = .*";
    assertThat(read(whole.replaceAll(notDefaults, "")))
        .isEqualTo(read("kafka.bootstrap = 'kafka-1:9092,kafka-2:9092'"));
    assertThat(kafka(whole.replace("tls = false", "tls = true")).tls()).isPresent();

    String document = Files.readString(Path.of("docs/fleet.md"));
    var table = new TreeSet<String>();
    String section = "";
    for (String line : whole.lines().toList()) {
      if (line.startsWith("[")) {
        section = line.replaceAll("[\\[\\]]", "") + ".";
      } else if (line.contains(" = ")) {
        table.add(section + line.substring(0, line.indexOf(' ')));
      }
    }
    var documented = new TreeSet<String>();
    Pattern.compile("`([a-z]+\\.[a-z_]+)`")
        .matcher(
            String.join("\n", document.lines().filter(line -> line.startsWith("| `")).toList()))
        .results()
        .forEach(match -> documented.add(match.group(1)));
    assertThat(documented).containsAll(List.copyOf(table));
  }

  private ShipConfig.Kafka kafka(String text) throws Exception {
    return (ShipConfig.Kafka) read(text).target();
  }

  private ShipConfig read(String text) throws Exception {
    Path file = Files.writeString(folder.resolve("vmlog-ship.toml"), text);
    return new ShipConfigReader(Map.of()).read(file);
  }
}
