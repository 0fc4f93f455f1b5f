package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.record.ConsoleDecoder;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;

/** What a machine writes to its console is in its VM's file, as QEMU and crosvm hand it over. */
final class ConsoleTest {
  @TempDir Path folder;

  private TestHost host;

  @BeforeEach
  void configure() throws Exception {
    host = new TestHost(folder).withVm("alice", "web-1").withVm("alice", "web-2");
  }

  @Test
  void console_ofARealBoot_isInTheFile() throws Exception {
    List<String> wanted = new ArrayList<>();
    for (String line :
        new String(resource("console-boot-colour-status.lines"), UTF_8).split("\n")) {
      // One space at a record's beginning is what a tag has before it.
      wanted.add("<118> web-1 " + line.substring(line.startsWith("6  ") ? 3 : 2));
    }
    try (ForwarderProcess forwarder = host.start();
        SocketChannel machine = connect("web-1", "console")) {
      machine.write(ByteBuffer.wrap(resource("console-boot-colour-status.serial")));
      machine.close();
      Await.until("all is written", () -> lines("web-1").size() == wanted.size(), forwarder::log);
    }
    assertThat(lines("web-1")).isEqualTo(wanted);
  }

  @Test
  void console_promptWithoutNewline_isALineAfterSilence() throws Exception {
    try (ForwarderProcess forwarder = host.start();
        SocketChannel machine = connect("web-1", "console")) {
      say(machine, "\r\nweb-1 login: ");
      Await.until("the prompt is written", () -> lines("web-1").size() == 1, forwarder::log);
      say(machine, "[  OK  ] Stopped\r\r\n");
      Await.until("the rest is, too", () -> lines("web-1").size() == 2, forwarder::log);
      machine.configureBlocking(false);
      assertThat(machine.read(ByteBuffer.allocate(1))).as("a console is never written to").isZero();
    }
    assertThat(lines("web-1"))
        .containsExactly("<118> web-1 web-1 login:", "<118> web-1 [  OK  ] Stopped");
  }

  @Test
  void console_unfinishedLineOfAMachineThatDies_isInTheFile() throws Exception {
    try (ForwarderProcess forwarder = host.start()) {
      try (SocketChannel machine = connect("web-1", "console")) {
        say(machine, "<0>[    2.1] Kernel panic - not syncing: \033[1mfatal");
      }
      Await.until("it is written", () -> lines("web-1").size() == 1, forwarder::log);
    }
    assertThat(lines("web-1"))
        .containsExactly("<112> web-1 [    2.1] Kernel panic - not syncing: fatal");
  }

  @Test
  void console_thatFloods_delaysNobodyElse() throws Exception {
    host.with("[limits]\nrecords_per_second = 100\nburst = 100");
    try (ForwarderProcess forwarder = host.start();
        SocketChannel flooder = connect("web-1", "console");
        SocketChannel other = connect("web-2", "console")) {
      Thread flood = new Thread(() -> flood(flooder));
      flood.start();
      for (int i = 1; i <= 20; i++) {
        int count = i;
        say(other, "line " + i + "\r\n");
        Await.until("it is written", () -> lines("web-2").size() == count, forwarder::log);
      }
      flooder.close();
      flood.join();
      Await.until(
          "what found no room is counted",
          () ->
              LogFiles.lines(host.log("alice", "web-1")).stream().anyMatch(ConsoleTest::isDropLine),
          forwarder::log);
    }
  }

  private static boolean isDropLine(String line) {
    return line.startsWith("<44>") && line.contains("records dropped (rate limit)");
  }

  private static void flood(SocketChannel machine) {
    byte[] lines = "a line of a flood that goes on and on\r\n".repeat(1000).getBytes(UTF_8);
    try {
      for (int i = 0; i < 1000; i++) {
        machine.write(ByteBuffer.wrap(lines));
      }
    } catch (IOException e) {
      // It was closed meanwhile: enough.
    }
  }

  @Test
  void syslog_bothFormatsAndFramings_areInTheFile() throws Exception {
    try (ForwarderProcess forwarder = host.start()) {
      try (SocketChannel lines = connect("web-1", "syslog")) {
        say(lines, "<27>Jan  2 03:04:05 sshd[3]: no\n<14>1 - - cron 7 - - yes\n");
      }
      Await.until("the first are written", () -> lines("web-1").size() == 2, forwarder::log);
      try (SocketChannel counted = connect("web-1", "syslog")) {
        say(counted, "8 <14>a: b\n11 <14>1 - - ");
        say(counted, "x");
      }
      Await.until("the others are, too", () -> lines("web-1").size() == 4, forwarder::log);
    }
    assertThat(lines("web-1"))
        .startsWith("<11> web-1 sshd[3]: no", "<14> web-1 cron[7]: yes", "<14> web-1 a: b");
  }

  /**
   * By each of the ways that are no single VM's, and by what a VMM with hybrid vsock connects to.
   */
  @Test
  void syslog_byTcpHybridVsockAndTheForwardersOwnSocket_isOfWhoSentIt() throws Exception {
    InetSocketAddress tcp = TestHost.freeTcpAddress();
    Path vsock = Files.createDirectory(folder.resolve("fc")).resolve("v.sock");
    Path unix = folder.resolve("syslog.sock");
    host.with(
            "[listen]\nsyslog_tcp = \"127.0.0.1:%d\"\nsyslog_unix = \"%s\""
                .formatted(tcp.getPort(), unix))
        .with("[attribution]\ninsecure_loopback_identity = true")
        .with(
            "[[vm]]\nowner = \"bob\"\nname = \"db-1\"\naddress = \"127.0.0.1\"\nhybrid_vsock = \"%s\""
                .formatted(vsock));
    Path log = host.log("bob", "db-1");
    try (ForwarderProcess forwarder = host.start()) {
      for (String framing : List.of("--octet-count", "--rfc3164")) {
        logger("--tcp", framing, "-n", "127.0.0.1", "-P", "" + tcp.getPort(), "-t", "app", framing);
      }
      Await.until("both came", () -> LogFiles.lines(log).size() == 2, forwarder::log);
      try (SocketChannel vmm = SocketChannel.open(UnixDomainSocketAddress.of(vsock + "_9514"));
          SocketChannel program = SocketChannel.open(UnixDomainSocketAddress.of(unix))) {
        say(vmm, "<11>Jan  2 03:04:05 db: by vsock\n");
        say(program, "<11>Jan  2 03:04:05 cron: of this host\n");
      }
      Await.until("the third came", () -> LogFiles.lines(log).size() == 3, forwarder::log);
      Path own = host.hostUserLog((int) Files.getAttribute(folder, "unix:uid"));
      Await.until("the host's came", () -> LogFiles.lines(own).size() == 1, forwarder::log);
      assertThat(withoutTime(own).get(0)).endsWith(" cron: of this host");
    }
    // What logger(1) says of its clock depends on the machine.
    assertThat(withoutTime(log))
        .map(line -> line.replaceFirst("timeQuality[^]]+", "timeQuality"))
        .containsExactlyInAnyOrder(
            "<13> db-1 app: [timeQuality] --octet-count",
            "<13> db-1 app: --rfc3164",
            "<11> db-1 db: by vsock");
  }

  private static void logger(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("logger"));
    command.addAll(List.of(arguments));
    command.add(command.size() - 1, "--");
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  /** A VM's lines without their times. */
  private List<String> lines(String vm) throws IOException {
    return withoutTime(host.log("alice", vm));
  }

  private static List<String> withoutTime(Path log) throws IOException {
    return LogFiles.lines(log).stream()
        .map(line -> line.replaceFirst("^(<\\d+>)\\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d", "$1"))
        .map(line -> line.replaceFirst(" +$", ""))
        .toList();
  }

  private SocketChannel connect(String vm, String kind) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(host.socket("alice", vm, kind)));
  }

  private static void say(SocketChannel machine, String text) throws IOException {
    machine.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ConsoleDecoder.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
