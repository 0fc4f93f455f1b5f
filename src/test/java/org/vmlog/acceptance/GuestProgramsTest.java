package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.Seed;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.VmSyslogProcess;

/** What programs of a guest log, by vm-syslog and the forwarder, in the VM's file on the host. */
@Timeout(120)
final class GuestProgramsTest {
  private static final Path PYTHON = Path.of("/usr/bin/python3");
  private static final String TIME = "[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}";

  @TempDir Path folder;
  private Path devLog;
  private TestHost host;
  private ForwarderProcess forwarder;

  @BeforeEach
  void startHost() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    devLog = folder.resolve("devlog");
    host = new TestHost(folder).withVm("alice", "web-1");
    forwarder = host.start();
  }

  @AfterEach
  void stopHost() {
    forwarder.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dgram", "stream"})
  void logger_inEveryWayOfIts_isOneLineEach(String type) throws Exception {
    try (VmSyslogProcess guest = startGuest("--dev-log-type", type)) {
      logger("-t", "tag", "-p", "user.notice", "hello\nworld");
      awaitLines(1);
      logger("-t", "tag", "--id=77", "-p", "daemon.err", "it failed");
      awaitLines(2);
      logger("--rfc3164", "-t", "tag", "-p", "user.info", "with a host");
      awaitLines(3);
      logger("--rfc5424=notq,notime", "-t", "tag", "--msgid", "ID47", "-p", "user.debug", "new");

      List<String> lines = awaitLines(4);
      assertThat(lines.get(0)).matches("<13>" + TIME + " web-1 tag: hello#012world");
      assertThat(lines.get(1)).matches("<11>" + TIME + " web-1 tag\\[77\\]: it failed");
      assertThat(lines.get(2)).matches("<14>" + TIME + " web-1 \\S+ tag: with a host");
      assertThat(lines.get(3)).matches("<15>" + TIME + " web-1 tag: ID47 new");
      assertThat(guest.terminate()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dgram", "stream"})
  void glibc_syslog_isWhatWasSaid(String type) throws Exception {
    Path dev = privateDev();
    try (VmSyslogProcess guest = startGuest("--dev-log-type", type)) {
      String program =
          """
          import syslog
          syslog.openlog("prog", syslog.LOG_PID)
          syslog.syslog(syslog.LOG_ERR, "first\\nof two lines")
          syslog.syslog(syslog.LOG_INFO, "caf\\u00e9\\n")
          """;
      run(
          "unshare",
          "-m",
          "sh",
          "-ec",
          "mount -t tmpfs x \"$1\"; touch \"$1/log\" \"$1/null\" \"$1/urandom\""
              + "; mount --bind \"$2\" \"$1/log\"; mount --bind /dev/null \"$1/null\""
              + "; mount --bind /dev/urandom \"$1/urandom\"; mount --rbind \"$1\" /dev"
              + "; exec \"$3\" -c \"$4\"",
          "sh",
          dev.toString(),
          devLog.toString(),
          PYTHON.toString(),
          program);

      List<String> lines = awaitLines(2);
      assertThat(lines.get(0))
          .matches("<11>" + TIME + " web-1 prog\\[\\d+\\]: first#012of two lines");
      assertThat(lines.get(1)).matches("<14>" + TIME + " web-1 prog\\[\\d+\\]: café");
      assertThat(guest.terminate()).isZero();
    }
  }

  /** Where a /dev of a program's own can be mounted, or the test is skipped. */
  private Path privateDev() throws Exception {
    assumeTrue(Files.exists(PYTHON), "python3 is missing (Debian package python3)");
    Process unshare =
        new ProcessBuilder("unshare", "-m", "mount", "-t", "tmpfs", "x", "/mnt").start();
    assumeTrue(unshare.waitFor() == 0, "only root can give a program a /dev of its own");
    return Files.createDirectory(folder.resolve("dev"));
  }

  @Test
  void python_sysLogHandler_isWithoutItsNul() throws Exception {
    assumeTrue(Files.exists(PYTHON), "python3 is missing (Debian package python3)");
    try (VmSyslogProcess guest = startGuest()) {
      run(
          PYTHON.toString(),
          "-c",
          "import logging, logging.handlers, sys\n"
              + "log = logging.getLogger('x')\n"
              + "log.addHandler(logging.handlers.SysLogHandler(sys.argv[1]))\n"
              + "log.warning('hey')",
          devLog.toString());

      assertThat(awaitLines(1).get(0)).matches("<12>" + TIME + " web-1 hey");
      assertThat(guest.terminate()).isZero();
    }
  }

  @Test
  void rsyslog_omuxsock_isPassedOn() throws Exception {
    Path rsyslogd = Path.of("/usr/sbin/rsyslogd");
    assumeTrue(Files.isExecutable(rsyslogd), "rsyslogd is missing (Debian package rsyslog)");
    Path input = folder.resolve("input");
    Path config =
        Files.writeString(
            folder.resolve("rsyslog.conf"),
            """
            global(workDirectory="%1$s" localHostname="thishost")
            module(load="imuxsock" SysSock.Use="off")
            input(type="imuxsock" Socket="%2$s")
            module(load="omuxsock")
            $OMUxSockSocket %3$s
            *.* :omuxsock:
            """
                .formatted(folder, input, devLog));
    try (VmSyslogProcess guest = startGuest()) {
      Process rsyslog =
          new ProcessBuilder(
                  rsyslogd.toString(), "-n", "-f", config.toString(), "-i", folder + "/pid")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("rsyslogd.log").toFile())
              .start();
      try {
        Await.until("rsyslogd reads " + input, () -> Files.exists(input));
        run("logger", "-u", input.toString(), "-t", "tag", "-p", "user.warning", "relayed");
        Await.until(
            "the line is there",
            () -> lines().stream().anyMatch(line -> line.endsWith("tag: relayed")));
        assertThat(lines())
            .anySatisfy(
                line -> assertThat(line).matches("<12>" + TIME + " web-1 thishost tag: relayed"));
      } finally {
        rsyslog.destroyForcibly();
      }
      assertThat(guest.terminate()).isZero();
    }
  }

  @Test
  void anyBytes_ofAnUnprivilegedProgram_areOneLineEach() throws Exception {
    int count = 3000;
    Random random = Seed.random("GuestProgramsTest");
    try (VmSyslogProcess guest = startGuest();
        AFUNIXDatagramChannel program = AFUNIXDatagramChannel.open()) {
      program.connect(AFUNIXSocketAddress.of(devLog));
      for (int i = 0; i < count; i++) {
        program.write(ByteBuffer.wrap(malformed(random, i)));
      }
      List<String> lines = awaitLines(count);
      assertThat(lines).hasSize(count);
      for (int i = 0; i < count; i++) {
        assertThat(lines.get(i)).endsWith("end " + i);
      }
      assertThat(guest.terminate()).isZero();
      assertThat(guest.log()).doesNotContain("error", "warning");
    }
  }

  /** The beginning of something that is parsed, then anything, then a number to know it by. */
  private static byte[] malformed(Random random, int number) {
    String[] beginnings = {
      "", "<", "<13", "<13>", "<999>", "<13>1 ", "<13>1 - - - - - ", "<13>1 - - - - - [", "<13>Jan ",
      "<13>Feb 30 00:00:00 ", "<13>1 2003-10-11T22:14:15.003Z a b c d [x y=\"", "\0\0\n"
    };
    byte[] beginning = beginnings[random.nextInt(beginnings.length)].getBytes(UTF_8);
    byte[] middle = new byte[random.nextInt(random.nextInt(20) == 0 ? 5000 : 40)];
    random.nextBytes(middle);
    byte[] end = ("end " + number).getBytes(UTF_8);
    return ByteBuffer.allocate(beginning.length + middle.length + end.length)
        .put(beginning)
        .put(middle)
        .put(end)
        .array();
  }

  @Test
  void anotherUser_ofTheGuest_mayLogToo() throws Exception {
    try (VmSyslogProcess guest = startGuest()) {
      run(
          "setpriv",
          "--reuid=65534",
          "--regid=65534",
          "--clear-groups",
          "logger",
          "-u",
          devLog.toString(),
          "-t",
          "tag",
          "from nobody");
      assertThat(awaitLines(1).get(0)).endsWith(" web-1 tag: from nobody");
      assertThat(guest.terminate()).isZero();
    }
    assertThat(devLog).doesNotExist();
  }

  private VmSyslogProcess startGuest(String... more) throws IOException {
    return VmSyslogProcess.start(devLog, "unix:" + host.grpcSocket("alice", "web-1"), more);
  }

  private void logger(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("logger", "-u", devLog.toString()));
    command.addAll(List.of(arguments));
    run(command.toArray(String[]::new));
  }

  private static void run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
  }

  private List<String> awaitLines(int count) throws IOException {
    Await.until(count + " lines are there", () -> lines().size() >= count, forwarder::log);
    return lines();
  }

  private List<String> lines() throws IOException {
    return LogFiles.lines(host.log("alice", "web-1"));
  }
}
