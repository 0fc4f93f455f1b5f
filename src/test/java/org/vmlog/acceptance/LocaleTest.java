package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.TestHost;

/**
 * A host whose users speak another language: numbers have Persian digits there, and the C library's
 * errors are in German. The gate runs more tests in that language, see the target locale of the
 * Makefile.
 */
final class LocaleTest {
  private static final String LOCALE = "fa_IR.UTF-8";

  @TempDir static Path locales;
  @TempDir Path folder;

  @BeforeAll
  static void makeLocale() throws Exception {
    assumeTrue(
        Files.exists(Path.of("/usr/share/i18n/locales/fa_IR"))
            && Files.exists(Path.of("/usr/share/locale/de/LC_MESSAGES/libc.mo")),
        "locales or their messages are missing (Debian packages locales and libc-l10n)");
    Process made =
        new ProcessBuilder(
                "localedef", "-i", "fa_IR", "-f", "UTF-8", locales.resolve(LOCALE).toString())
            .inheritIO()
            .start();
    assertThat(made.waitFor()).isZero();
  }

  @Test
  void start_afterAKillInThatLanguage_takesTheSocketsOverAndKeepsTheIds() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    Path ids;
    String before;
    try (ForwarderProcess forwarder = start(host)) {
      send(host, "one");
      ids = ids();
      before = Files.readString(ids);
      forwarder.kill();
    }
    assertThat(before).matches("[0-9]+ [0-9a-f]{16}\n");
    try (ForwarderProcess forwarder = start(host)) {
      send(host, "two");
      assertThat(Files.readString(ids)).isEqualTo(before);
      assertThat(forwarder.terminate()).isZero();
    }
    assertThat(Files.readAllLines(host.log("alice", "web-1")))
        .allMatch(line -> line.matches("<[0-9]+>Nov 14 22:13:20 web-1 (one|two)"))
        .hasSize(2);
  }

  @Test
  void start_whereSomebodyListens_exits69InThatLanguageToo() throws Exception {
    TestHost host = new TestHost(folder);
    try (ForwarderProcess first = start(host)) {
      host.with("[logs]\ndirectory = \"" + folder + "/other\"")
          .with("[state]\ndirectory = \"" + folder + "/other-state\"");
      try (ForwarderProcess second = ForwarderProcess.launch(host.config(), environment())) {
        assertThat(second.await()).isEqualTo(69);
      }
      assertThat(first.terminate()).isZero();
    }
  }

  private ForwarderProcess start(TestHost host) throws IOException {
    return ForwarderProcess.launch(host.config(), environment()).awaitReady();
  }

  private static Map<String, String> environment() {
    return Map.of("LOCPATH", locales.toString(), "LC_ALL", LOCALE, "LANGUAGE", "de");
  }

  private static void send(TestHost host, String text) {
    try (Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(
          Guest.Method.USER,
          LogRequest.newBuilder().addRecords(Guest.record(1_700_000_000, text)).build());
    }
  }

  private Path ids() throws IOException {
    try (var files = Files.walk(folder.resolve("state/logs"))) {
      List<Path> found = files.filter(one -> one.toString().endsWith(".ids")).toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }
}
