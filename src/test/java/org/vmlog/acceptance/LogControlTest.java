package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;

/** The log's level by D-Bus, as systemd's own tool reads and sets it. */
@Timeout(60)
final class LogControlTest {
  private static final Path BUSCTL = Path.of("/usr/bin/busctl");

  @TempDir static Path folder;
  private static PrivateBus bus;
  private static ForwarderProcess forwarder;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(Files.exists(BUSCTL), "busctl is missing (Debian package systemd)");
    bus = PrivateBus.create().start();
    forwarder =
        new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"").start();
  }

  @AfterAll
  static void stop() {
    if (forwarder != null) {
      forwarder.close();
    }
    if (bus != null) {
      bus.close();
    }
  }

  @Test
  void logLevel_set_isTheLevelFromThenOn() throws Exception {
    assertThat(get("LogLevel")).isEqualTo("s \"info\"");

    assertThat(set("LogLevel", "warning")).isEmpty();
    assertThat(get("LogLevel")).isEqualTo("s \"warning\"");

    assertThat(set("LogLevel", "notice")).isEmpty();
    assertThat(get("LogLevel")).isEqualTo("s \"info\"");
    forwarder.awaitLog("the log's level is notice now");
    assertThat(forwarder.log()).doesNotContain("level is warning");
  }

  @Test
  void otherProperties_areReadAndStayAsTheyAre() throws Exception {
    assertThat(get("LogTarget")).isEqualTo("s \"console\"");
    assertThat(set("LogTarget", "console")).isEmpty();
    assertThat(set("LogTarget", "kmsg"))
        .contains("LogTarget = kmsg: allowed is console, which is where stderr leads");
    assertThat(get("SyslogIdentifier")).isEqualTo("s \"vmlog-forwarder\"");
    assertThat(set("SyslogIdentifier", "x")).contains("SyslogIdentifier cannot be set");
  }

  @Test
  void whatIsNone_isAnError() throws Exception {
    assertThat(get("LogColour")).contains("no property LogColour");
    assertThat(set("LogColour", "red")).contains("no property LogColour");
    assertThat(set("LogLevel", "loud")).contains("LogLevel = loud: allowed is one of emerg, alert");
  }

  @Test
  void introspection_namesTheProperties() throws Exception {
    assertThat(busctl("introspect"))
        .contains("org.freedesktop.LogControl1", ".LogLevel", ".LogTarget", ".SyslogIdentifier");
  }

  private static String get(String property) throws Exception {
    return busctl("get-property", "org.freedesktop.LogControl1", property);
  }

  private static String set(String property, String value) throws Exception {
    return busctl("set-property", "org.freedesktop.LogControl1", property, "s", value);
  }

  private static String busctl(String verb, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                BUSCTL.toString(),
                "--address=" + bus.address(),
                "--timeout=50",
                verb,
                "org.vmlog.Forwarder1",
                "/org/freedesktop/LogControl1"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    int unused = process.waitFor();
    return said.strip();
  }
}
