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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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

  @TempDir static Path folder;
  private static TestHost host;
  private static ForwarderProcess forwarder;

  /** By the type of its socket, whose name the VM has too. */
  private static final Map<String, VmSyslogProcess> GUESTS = new HashMap<>();

  @BeforeAll
  static void startHostAndGuests() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    host = new TestHost(folder).withVm("alice", "dgram").withVm("alice", "stream");
    forwarder = host.start();
    for (String type : List.of("dgram", "stream")) {
      String door = "unix:" + host.grpcSocket("alice", type);
      GUESTS.put(type, VmSyslogProcess.start(devLog(type), door, "--dev-log-type", type));
    }
  }

  /** They have withstood it all, and end in good order. */
  @AfterAll
  static void stopHostAndGuests() throws IOException {
    try {
      for (VmSyslogProcess guest : GUESTS.values()) {
        assertThat(guest.log()).doesNotContain(" error ", " warning ");
        assertThat(guest.terminate()).isZero();
      }
      assertThat(devLog("dgram")).doesNotExist();
    } finally {
      GUESTS.values().forEach(VmSyslogProcess::close);
      forwarder.close();
    }
  }

  private static Path devLog(String type) {
    return folder.resolve(type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dgram", "stream"})
  void logger_inEveryWayOfIts_isOneLineEach(String type) throws Exception {
    logger(type, "-t", "tag", "-p", "user.notice", "hello\nworld");
    logger(type, "-t", "tag", "--id=77", "-p", "daemon.err", "it failed");
    logger(type, "--rfc3164", "-t", "tag", "-p", "user.info", "with a host");
    logger(
        type, "--rfc5424=notq,notime", "-t", "tag", "--msgid", "ID47", "-p", "user.debug", "new");

    awaitLine(type, "<13>TIME VM tag: hello#012world");
    awaitLine(type, "<11>TIME VM tag\\[77\\]: it failed");
    awaitLine(type, "<14>TIME VM tag: with a host");
    awaitLine(type, "<15>TIME VM tag: ID47 new");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dgram", "stream"})
  void glibc_syslog_isWhatWasSaid(String type) throws Exception {
    Path dev = privateDev(type);
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
        devLog(type).toString(),
        PYTHON.toString(),
        program);

    awaitLine(type, "<11>TIME VM prog\\[\\d+\\]: first#012of two lines");
    awaitLine(type, "<14>TIME VM prog\\[\\d+\\]: café");
  }

  /** Where a /dev of a program's own can be mounted, or the test is skipped. */
  private static Path privateDev(String type) throws Exception {
    assumeTrue(Files.exists(PYTHON), "python3 is missing (Debian package python3)");
    Process unshare =
        new ProcessBuilder("unshare", "-m", "mount", "-t", "tmpfs", "x", "/mnt").start();
    assumeTrue(unshare.waitFor() == 0, "only root can give a program a /dev of its own");
    return Files.createDirectory(folder.resolve("dev-" + type));
  }

  @Test
  void python_sysLogHandler_isWithoutItsNul() throws Exception {
    assumeTrue(Files.exists(PYTHON), "python3 is missing (Debian package python3)");
    run(
        PYTHON.toString(),
        "-c",
        "import logging, logging.handlers, sys\n"
            + "log = logging.getLogger('x')\n"
            + "log.addHandler(logging.handlers.SysLogHandler(sys.argv[1]))\n"
            + "log.warning('hey')",
        devLog("dgram").toString());

    awaitLine("dgram", "<12>TIME VM hey");
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
                .formatted(folder, input, devLog("dgram")));
    Process rsyslog =
        new ProcessBuilder(
                rsyslogd.toString(), "-n", "-f", config.toString(), "-i", folder + "/pid")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("rsyslogd.log").toFile())
            .start();
    try {
      Await.until("rsyslogd reads " + input, () -> Files.exists(input));
      run("logger", "-u", input.toString(), "-t", "tag", "-p", "user.warning", "relayed");
      awaitLine("dgram", "<12>TIME VM tag: relayed");
    } finally {
      rsyslog.destroyForcibly();
    }
  }

  @Test
  void anyBytes_ofAnUnprivilegedProgram_areOneLineEach() throws Exception {
    int count = 3000;
    Random random = Seed.random("GuestProgramsTest");
    try (AFUNIXDatagramChannel program = AFUNIXDatagramChannel.open()) {
      program.connect(AFUNIXSocketAddress.of(devLog("dgram")));
      for (int i = 0; i < count; i++) {
        program.write(ByteBuffer.wrap(malformed(random, i)));
      }
    }
    Await.until(
        "all lines are there",
        () -> lines("dgram").stream().filter(line -> line.contains("end ")).count() >= count);
    List<String> lines = lines("dgram").stream().filter(line -> line.contains("end ")).toList();
    assertThat(lines).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(lines.get(i)).endsWith("end " + i);
    }
  }

  /** The beginning of something that is parsed, then anything, then a number to know it by. */
  private static byte[] malformed(Random random, int number) {
    String[] beginnings = {
      "",
      "<",
      "<13",
      "<13>",
      "<999>",
      "<13>1 ",
      "<13>1 - - - - - ",
      "<13>1 - - - - - [",
      "<13>Jan ",
      "<13>Feb 30 00:00:00 ",
      "<13>1 2003-10-11T22:14:15.003Z a b c d [x y=\"",
      "\0\0\n"
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
    run(
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "logger",
        "-u",
        devLog("dgram").toString(),
        "-t",
        "tag",
        "from nobody");
    awaitLine("dgram", "<13>TIME VM tag: from nobody");
  }

  private static void logger(String type, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("logger", "-u", devLog(type).toString()));
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

  /** Waits for a line like that, in which TIME and VM stand for what they say. */
  private static void awaitLine(String type, String pattern) {
    String whole = pattern.replace("TIME", TIME).replace("VM", type);
    Await.until(
        "there is a line like " + pattern,
        () -> lines(type).stream().anyMatch(line -> line.matches(whole)),
        () -> GUESTS.get(type).log());
  }

  private static List<String> lines(String type) throws IOException {
    return LogFiles.lines(host.log("alice", type));
  }
}
