package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwarderConfigErrorsTest {
  @TempDir Path folder;
  private ConfigFolder config;

  @BeforeEach
  void openFolder() {
    config = new ConfigFolder(folder);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          listen.vsock = true             | a whole number from 1 to 2147483647, or false
          listen.vsock = 0                | a whole number from 1 to 2147483647, or false
          listen.vsock = "9999"           | a whole number from 1 to 2147483647, or false
          listen.tcp = "localhost:9999"   | a numeric address and a port from 1 to 65535, such as "127.0.0.1:9999" or "[::1]:9999" (names are not looked up), or false
          listen.tcp = "127.0.0.1:0"      | a numeric address and a port from 1 to 65535, such as "127.0.0.1:9999" or "[::1]:9999" (names are not looked up), or false
          listen.unix = "run/f.sock"      | an absolute path, or false
          metrics.listen = "unix:m.sock"  | an absolute path, or false
          metrics.listen = 9100           | "unix:PATH" or a numeric "ADDRESS:PORT" of this host, or false
          metrics.listen = "10.0.0.1:91"  | "unix:PATH" or a loopback address such as 127.0.0.1:9464, or false
          listen.unix = ""                | an absolute path, or false
          listen.unix = "/a\\u0000b"      | an absolute path, or false
          listen.unix_mode = 660          | an octal mode in quotes such as "0660", at most "0777"
          listen.unix_mode = "0680"       | an octal mode in quotes such as "0660", at most "0777"
          listen.unix_mode = "4755"       | an octal mode in quotes such as "0660", at most "0777"
          listen.unix_group = "nobody-x"  | a group that exists on this host, or false
          logs.directory = false          | an absolute path
          logs.layout = "Plain"           | one of "plain", "chromeos"
          logs.format = "syslog"          | one of "rfc3164", "rfc5424", "chromeos"
          logs.scrub = "none"             | one of "standard", "strict"
          logs.copy_to_syslog = "yes"     | true or false
          logs.journald = "journal"       | true or the absolute path of a journal's socket, or false
          logs.journald = 1               | true or the absolute path of a journal's socket, or false
          logs.rotation.max_size = "1KiB" | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 256KiB
          logs.rotation.max_size = "64MB" | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 256KiB
          logs.rotation.max_age = "999ms" | a duration such as "5s" or "1d" (ms, s, m, h or d), at least 1s and at most 36500d
          logs.rotation.max_age = 5       | a duration such as "5s" or "1d" (ms, s, m, h or d), at least 1s and at most 36500d
          logs.rotation.keep = 1001       | a whole number from 0 to 1000
          logs.rotation.keep = 1.5        | a whole number from 0 to 1000
          logs.rotation.compress = 1      | true or false
          logs.rotation.expire = "999ms"  | a duration such as "5s" or "1d" (ms, s, m, h or d), at least 1s and at most 36500d, or false
          logs.sync = "daily"             | one of "never", "interval", "always"
          logs.quota.per_vm = "1023KiB"   | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 1MiB
          logs.quota.per_vm = false       | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 1MiB
          logs.quota.per_vm = "5GiB"      | at most logs.quota.total, which is 4GiB
          logs.quota.total = "511MiB"     | at least logs.quota.per_vm, which is 512MiB
          logs.quota.total = 0            | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 1MiB
          logs.quota.keep_free = "91%"    | a percentage from "0%" to "90%"
          logs.quota.keep_free = 5        | a percentage from "0%" to "90%"
          limits.max_request = "4095"     | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 4KiB and at most 64MiB
          limits.max_request = "65MiB"    | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 4KiB and at most 64MiB
          limits.burst = 19999            | at least limits.records_per_second, which is 20000
          limits.bytes_per_second = "1"   | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 4KiB
          limits.records_per_second = 0   | a whole number from 1 to 100000000
          limits.max_records = 0          | a whole number from 1 to 2147483647
          limits.pipe = "63KiB"           | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 64KiB and at most 1GiB
          limits.pipe = "2GiB"            | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 64KiB and at most 1GiB
          limits.pipe = "25MiB"           | at most limits.pipes_total, which is 24MiB
          limits.pipes_total = "512KiB"   | at least limits.pipe, which is 1MiB
          limits.hold = "-1s"             | a duration such as "5s" or "1d" (ms, s, m, h or d), at least 0ms and at most 15s
          limits.hold = "15001ms"         | a duration such as "5s" or "1d" (ms, s, m, h or d), at least 0ms and at most 15s
          syslog.queue = -1               | a size such as "64MiB" (KiB, MiB, GiB or plain bytes), at least 64KiB and at most 1GiB
          syslog.max_severity = "loud"    | one of emerg, alert, crit, err, warning, notice, info, debug or 0 to 7, in quotes
          syslog.max_severity = 2         | one of emerg, alert, crit, err, warning, notice, info, debug or 0 to 7, in quotes
          crosvm.socket_directory = "/ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" | an absolute path of at most 81 bytes; this one has 82
          crosvm.group = ""               | a group that exists on this host, or false
          dbus.address = "session"        | "system" or a D-Bus address that begins with "unix:", or false
          dbus.concierge = 1979-05-27     | true or false
          log.level = "trace"             | one of "error", "warning", "info", "debug"
          """)
  void read_badValue_saysWhatIsAllowed(String line, String allowed) throws Exception {
    assertThat(config.main("", line).errors())
        .containsExactly("forwarder.toml:2: " + line + ": " + allowed);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          listen.vsok = 1          | listen.vsok = 1: no such key; did you mean "vsock"?
          logs.rotation.max = 1    | logs.rotation.max = 1: no such key
          log.levle = "info"       | log.levle = "info": no such key; did you mean "level"?
          logs.rotaton.keep = 5    | logs.rotaton = {…}: no such table; did you mean "rotation"?
          lgs.format = "rfc3164"   | lgs = {…}: no such table; did you mean "logs"?
          tls.key = "/k.pem"       | tls = {…}: no such table
          "" = 1                   | "" = 1: no such key
          "a b" = [1]              | "a b" = […]: no such key
          logs = 3                 | logs = 3: a table, [logs]
          vm = 3                   | vm = 3: a list of tables, [[vm]]
          vm = [3]                 | vm = 3: a table, [[vm]]
          """)
  void read_unknownOrMisplaced_saysWhatWasMeant(String line, String error) throws Exception {
    assertThat(config.main(line).errors()).containsExactly("forwarder.toml:1: " + error);
  }

  @Test
  void read_manyErrorsInManyFiles_tellsThemAllInOrder() throws Exception {
    config.main("[logs]", "format = 'x'", "[log]", "level = 3", "[listen]", "port = 9999");
    Path dropIn = config.dropIn("a.toml", "[[vm]]", "name = ''", "cid = 2", "colour = 'red'");

    ConfigException thrown = catchThrowableOfType(ConfigException.class, config::read);

    assertThat(thrown.errors())
        .containsExactly(
            new ConfigError(
                config.main.toString(),
                2,
                1,
                "logs.format",
                "\"x\"",
                "one of \"rfc3164\", \"rfc5424\", \"chromeos\""),
            new ConfigError(
                config.main.toString(),
                4,
                1,
                "log.level",
                "3",
                "one of \"error\", \"warning\", \"info\", \"debug\""),
            new ConfigError(config.main.toString(), 6, 1, "listen.port", "9999", "no such key"),
            new ConfigError(
                dropIn.toString(),
                1,
                1,
                "vm.owner",
                "",
                "missing; every [[vm]] has an owner and a name"),
            new ConfigError(
                dropIn.toString(), 2, 1, "vm.name", "\"\"", "a string that is not empty"),
            new ConfigError(
                dropIn.toString(),
                3,
                1,
                "vm.cid",
                "2",
                "a whole number from 3 to 4294967294 (2 is the host)"),
            new ConfigError(dropIn.toString(), 4, 1, "vm.colour", "\"red\"", "no such key"));
    assertThat(thrown.getMessage().lines()).hasSize(7);
  }

  @Test
  void read_notToml_tellsThatAndTheRest() throws Exception {
    config.main("[log]", "level =", "[logs]", "format = 'x'");

    assertThat(config.errors())
        .containsExactly(
            "forwarder.toml:2: Unexpected end of line, expected a value",
            "forwarder.toml:4: logs.format = \"x\": one of \"rfc3164\", \"rfc5424\", \"chromeos\"");
  }

  @Test
  void read_sameKeyTwice_isAnError() throws Exception {
    config.main("[log]", "level = 'info'", "level = 'debug'");

    assertThat(config.errors())
        .containsExactly("forwarder.toml:3: level previously defined at line 2, column 1");
  }

  @Test
  void read_notUtf8_namesTheByte() throws Exception {
    Files.write(config.main, new byte[] {'#', '\n', '#', ' ', (byte) 0xE9, '\n'});

    ConfigException thrown = catchThrowableOfType(ConfigException.class, config::read);

    assertThat(thrown.errors())
        .containsExactly(
            new ConfigError(
                config.main.toString(), 2, 3, "", "", "byte 0xE9 is not UTF-8, as TOML must be"));
  }

  @Test
  void read_hostileValue_isShownOnOneLineAndShortened() throws Exception {
    config.main("log.level = \"a\\nb" + "x".repeat(200) + "\"");

    assertThat(config.errors())
        .containsExactly(
            "forwarder.toml:1: log.level = \"a\\nb"
                + "x".repeat(95)
                + "…: one of \"error\", \"warning\", \"info\", \"debug\"");
  }

  @Test
  void read_bothPipeSizes_blamesTheTotal() throws Exception {
    config.main("[limits]", "pipe = '2MiB'", "pipes_total = '1MiB'");

    assertThat(config.errors())
        .containsExactly(
            "forwarder.toml:3: limits.pipes_total = \"1MiB\": at least limits.pipe, which is 2MiB");
  }
}
