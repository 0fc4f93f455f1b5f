package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeLogHost;
import org.vmlog.testing.PythonGuest;
import org.vmlog.testing.PythonHost;
import org.vmlog.testing.VmSyslogProcess;

/** vm-syslog as a process, against hosts that share nothing with the forwarder. */
@Timeout(120)
final class VmSyslogTest {
  @TempDir Path folder;
  private Path devLog;
  private Path door;
  private FakeLogHost host;

  @BeforeEach
  void prepare() {
    devLog = folder.resolve("devlog");
    door = folder.resolve("door");
    host = FakeLogHost.on(door);
  }

  @AfterEach
  void stopHost() throws InterruptedException {
    host.close();
  }

  @Test
  void send_toAHostInAnotherLanguage_isWhatTheOriginalSends() throws Exception {
    assumeTrue(PythonGuest.isAvailable(), "python3-grpcio is missing (Debian package)");
    Path kmsg = Files.writeString(folder.resolve("kmsg"), "4,0,1,-;EXT4-fs: recovery complete\n");
    try (PythonHost python = PythonHost.start(door, "user:2");
        VmSyslogProcess guest = start("--kmsg", kmsg.toString())) {
      send("<13>Nov 21 10:58:06 tag[1]: hello\nworld", "<11>Nov 21 10:58:07 tag[1]: caf\u00e9");
      Await.until("all is printed", () -> python.received().size() == 3, python::log);
      assertThat(guest.terminate()).isZero();
      List<String> received = python.received();
      assertThat(received)
          .anySatisfy(
              line -> assertThat(line).matches("kernel 5 \\d+ b'EXT4-fs: recovery complete'"))
          .anySatisfy(line -> assertThat(line).matches("user 6 \\d+ b' tag\\[1]: hello\\\\nworld'"))
          .anySatisfy(
              line -> assertThat(line).matches("user 4 \\d+ b' tag\\[1]: caf\\\\xc3\\\\xa9'"));
    }
  }

  @Test
  void terminate_withRecordsNotSentYet_sendsThemAndComplainsOfNothing() throws Exception {
    host.start();
    try (VmSyslogProcess guest = start()) {
      send("<11>error");
      Await.until("the host has it", () -> !host.received().isEmpty(), guest::log);
      send("<11>last");
      assertThat(guest.terminate()).isZero();
      assertThat(host.received()).containsExactly("USER 3 error", "USER 3 last");
      assertThat(guest.log()).doesNotContain("takes no records", "did not take");
    }
  }

  @Test
  void restart_ofTheGuest_isAnotherStream() throws Exception {
    host.start();
    for (int boot = 1; boot <= 3; boot++) {
      try (VmSyslogProcess guest = start()) {
        send("<13>boot " + boot);
        endWhenSent(guest, boot);
      }
      assertThat(host.streams()).isEqualTo(boot);
    }
    assertThat(host.received()).containsExactly("USER 5 boot 1", "USER 5 boot 2", "USER 5 boot 3");
  }

  @Test
  void restart_withABufferFile_isTheSameStreamWithEachRecordOnce() throws Exception {
    String file = folder.resolve("buffer").toString();
    host.start();
    List<String> expected = new ArrayList<>();
    for (int life = 0; life < 4; life++) {
      try (VmSyslogProcess guest = start("--buffer-file", file)) {
        host.answering(false);
        for (int i = 0; i < 50; i++) {
          String text = "life " + life + " record " + i;
          send("<13>" + text);
          expected.add("USER 5 " + text);
        }
        // Received, so it is in the file; not acknowledged, so it stays there.
        Await.until("all are received", () -> host.received().size() == expected.size());
        host.answering(true);
        guest.kill();
      }
    }
    try (VmSyslogProcess guest = start("--buffer-file", file)) {
      send("<13>last");
      expected.add("USER 5 last");
      endWhenSent(guest, expected.size());
    }
    assertThat(host.received()).isEqualTo(expected);
    assertThat(host.streams()).isEqualTo(1);
  }

  @Test
  void kill_withTheHostAway_losesNothingThatIsInTheFile() throws Exception {
    Path file = folder.resolve("buffer");
    try (VmSyslogProcess guest = start("--buffer-file", file.toString())) {
      IntStream.range(0, 500).forEach(i -> send("<13>record " + i + "."));
      Await.until(
          "the last is in the file",
          () ->
              new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                  .contains("record 499."));
      guest.kill();
    }
    host.start();
    try (VmSyslogProcess guest = start("--buffer-file", file.toString())) {
      endWhenSent(guest, 500);
    }
    assertThat(host.received())
        .isEqualTo(IntStream.range(0, 500).mapToObj(i -> "USER 5 record " + i + ".").toList());
  }

  @Test
  void flood_withTheHostAway_blocksNobodyAndKeepsWhatIsSevere() throws Exception {
    String filling = "x".repeat(1000);
    try (VmSyslogProcess guest = start("--buffer", "1MiB")) {
      for (int i = 0; i < 20_000; i++) {
        send("<15>noise " + i + " " + filling);
        if (i % 1000 == 0) {
          send("<11>error " + i);
        }
      }
      host.start();
      Await.until(
          "all is sent or told as dropped", () -> noise() + dropped() == 20_000, guest::log);
      assertThat(guest.terminate()).isZero();
    }
    assertThat(host.received().stream().filter(line -> line.startsWith("USER 3 ")))
        .hasSize(20)
        .first()
        .isEqualTo("USER 3 error 0");
    assertThat(host.received().get(0))
        .matches("USER 4  vm-syslog\\[\\d+]: 1\\d{4} records dropped for want of room: \\d+ debug");
    assertThat(noise() + dropped()).isEqualTo(20_000);
  }

  private long noise() {
    return host.received().stream().filter(line -> line.startsWith("USER 7 ")).count();
  }

  private long dropped() {
    List<String> received = host.received();
    return received.isEmpty() ? 0 : Long.parseLong(received.get(0).split(" ")[4]);
  }

  @Test
  void kmsg_overrun_isNoticedAndSaid() throws Exception {
    Path fifo = folder.resolve("kmsg");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    host.start();
    try (RandomAccessFile kernel = new RandomAccessFile(fifo.toFile(), "rw");
        VmSyslogProcess guest = start("--kmsg", fifo.toString())) {
      kernel.write("6,0,1,-;first\n6,100,2,-;after\n SUBSYSTEM=x\n".getBytes("US-ASCII"));
      Await.until("all came", () -> host.received().size() == 3, () -> guest.log());
      assertThat(host.received()).contains("KERNEL 6 first", "KERNEL 6 after");
      assertThat(host.received())
          .anyMatch(line -> line.contains("99 records of the kernel were overwritten"));
      assertThat(guest.terminate()).isZero();
    }
  }

  @Test
  void kmsg_ofThisMachine_isSentFromItsFirstRecord() throws Exception {
    Path kmsg = Path.of("/dev/kmsg");
    assumeTrue(canRead(kmsg), "/dev/kmsg cannot be read here");
    host.start();
    // Where it keeps how far it has read: without one, that is the host's own /run/vm-syslog.
    Map<String, String> runtime = Map.of("RUNTIME_DIRECTORY", folder.toString());
    String[] arguments = {"--dev-log", devLog.toString(), "--host", "unix:" + door};
    try (VmSyslogProcess guest = VmSyslogProcess.launch(runtime, arguments).awaitReady()) {
      Await.until("the kernel's records come", () -> !host.received().isEmpty(), guest::log);
      assertThat(guest.terminate()).isZero();
    }
    assertThat(host.received()).anyMatch(line -> line.startsWith("KERNEL "));
  }

  private static boolean canRead(Path kmsg) {
    try (var channel = Files.newByteChannel(kmsg)) {
      return channel.read(ByteBuffer.allocate(16_384)) > 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void journalSocket_forwardedDatagrams_areRecordsToo() throws Exception {
    Path journal = folder.resolve("syslog");
    host.start();
    try (VmSyslogProcess guest =
        start("--dev-log", "none", "--journal-socket", journal.toString())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(journal)))
          .isEqualTo("rw-------");
      sendTo(journal, "<30>Nov 21 10:58:06 systemd[1]: Reached target multi-user.target.");
      endWhenSent(guest, 1);
    }
    assertThat(host.received())
        .containsExactly("USER 6  systemd[1]: Reached target multi-user.target.");
    assertThat(devLog).doesNotExist();
  }

  /** A guest that is ended sends for five seconds more, in which a busy machine gets nowhere. */
  private void endWhenSent(VmSyslogProcess guest, int records) throws IOException {
    Await.until("the host has them", () -> host.received().size() >= records, guest::log);
    assertThat(guest.terminate()).isZero();
  }

  private VmSyslogProcess start(String... more) throws IOException {
    return VmSyslogProcess.start(devLog, "unix:" + door, more);
  }

  private void send(String... datagrams) {
    sendTo(devLog, datagrams);
  }

  private static void sendTo(Path socket, String... datagrams) {
    try (AFUNIXDatagramChannel program = AFUNIXDatagramChannel.open()) {
      program.connect(AFUNIXSocketAddress.of(socket));
      for (String datagram : datagrams) {
        program.write(ByteBuffer.wrap(datagram.getBytes(StandardCharsets.UTF_8)));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
