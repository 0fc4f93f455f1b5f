package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;

/** The log's level, and what there is, by D-Bus, as systemd's own tool reads and sets it. */
@Timeout(60)
final class LogControlTest {
  private static final Path BUSCTL = Path.of("/usr/bin/busctl");
  private static final String PATH = "/org/freedesktop/LogControl1";

  @TempDir static Path folder;
  private static PrivateBus bus;
  private static ForwarderProcess forwarder;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(Files.exists(BUSCTL), "busctl is missing (Debian package systemd)");
    bus = PrivateBus.create().start();
    forwarder = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"").start();
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
    assertThat(busctl("introspect", PATH))
        .contains("org.freedesktop.LogControl1", ".LogLevel", ".LogTarget", ".SyslogIdentifier");
  }

  @Test
  void introspectionOfTheForwarder_isTheInstalledFiles() throws Exception {
    Pattern element =
        Pattern.compile("<interface name=\"org.vmlog.Forwarder1\">.*?</interface>", Pattern.DOTALL);
    List<String> elements = new ArrayList<>();
    for (String xml :
        List.of(
            busctl("--xml-interface", "introspect", "/org/vmlog/Forwarder1"),
            Files.readString(Path.of("packaging/dbus/interfaces/org.vmlog.Forwarder1.xml")))) {
      Matcher matcher = element.matcher(xml);
      assertThat(matcher.find()).as(xml).isTrue();
      elements.add(matcher.group().replaceAll("\\s+", " "));
    }
    assertThat(elements.get(1)).isEqualTo(elements.get(0));
  }

  private static String get(String property) throws Exception {
    return busctl("get-property", PATH, "org.freedesktop.LogControl1", property);
  }

  private static String set(String property, String value) throws Exception {
    return busctl("set-property", PATH, "org.freedesktop.LogControl1", property, "s", value);
  }

  /** The object's path, and what else the verb takes, behind the name; the options in front. */
  private static String busctl(String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(BUSCTL.toString(), "--address=" + bus.address(), "--timeout=50"));
    for (String word : words) {
      if (word.startsWith("/")) {
        command.add("org.vmlog.Forwarder1");
      }
      command.add(word);
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    int unused = process.waitFor();
    return said.strip();
  }
}
