package org.vmlog.guest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.record.Channel.KERNEL;
import static org.vmlog.record.Channel.USER;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.platform.Threads;
import org.vmlog.record.KmsgParser;
import org.vmlog.testing.Await;

@Timeout(60)
class KernelRecordsTest {
  private static final String TAG = "4  " + OwnRecords.tag();

  @TempDir Path folder;
  private final RecordBuffer buffer = Records.buffer(1024);

  @Test
  void read_aRecordedStream_isTheKernelsRecordsAndNothingElse() throws Exception {
    Path recorded =
        Files.writeString(
            folder.resolve("kmsg"),
            """
            5,0,0,-;Linux version 6.1.0
            7,1,424069,-;pci_root PNP0A03:00: host bridge window [io  0x0000-0x0cf7]
             SUBSYSTEM=acpi
             DEVICE=+acpi:PNP0A03:00
            6,2,5140900,-;two\\x0alines, a back\\x5cslash
            30,3,5690716,-;udevd[80]: starting version 181
            no record at all
            4,4,5690717,-;
            3,5,5690718,-;last, without its end""");
    read(recorded, 0);

    Await.until("all is read", () -> buffer.unfinished() == 5);
    assertThat(Records.drain(buffer, KERNEL))
        .containsExactly(
            "5 Linux version 6.1.0",
            "7 pci_root PNP0A03:00: host bridge window [io  0x0000-0x0cf7]",
            "6 two\nlines, a back\\slash",
            "3 last, without its end");
    assertThat(Records.drain(buffer, USER)).containsExactly("6  udevd[80]: starting version 181");
  }

  @Test
  void read_aFifoInPieces_isWholeRecords() throws Exception {
    Path fifo = folder.resolve("kmsg");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    try (RandomAccessFile kernel = new RandomAccessFile(fifo.toFile(), "rw");
        KernelReader reader = read(fifo, 0)) {
      kernel.write("6,0,1,-;a\n6,1,".getBytes(ISO_8859_1));
      Await.until("the first is read", () -> buffer.unfinished() == 1);
      kernel.write("2,-;b\n".getBytes(ISO_8859_1));
      Await.until("the second is read", () -> buffer.unfinished() == 2);
    }
    assertThat(Records.drain(buffer, KERNEL)).containsExactly("6 a", "6 b");
  }

  @Test
  void accept_gapsInTheNumbers_areTold() {
    KernelRecords records = records(0);
    accept(records, "6,2,1,-;a");
    accept(records, "6,3,1,-;b");
    accept(records, "6,5,1,-;c");

    assertThat(Records.drain(buffer, KERNEL)).containsExactly("6 a", "6 b", "6 c");
    assertThat(Records.drain(buffer, USER))
        .containsExactly(
            TAG + "2 records of the kernel were overwritten before they could be read",
            TAG + "1 record of the kernel was overwritten before it could be read");
  }

  @Test
  void accept_whatThisProgramSaid_isLeftOut() {
    KernelRecords records = records(0);
    accept(records, "12,0,1,-;" + OwnRecords.tag() + "the host is away");
    accept(records, "12,1,1,-;vm-syslog[1]: another one's last words");
    accept(records, "4,2,1,-;" + OwnRecords.tag() + "said the kernel");

    assertThat(Records.drain(buffer, USER))
        .containsExactly("4  vm-syslog[1]: another one's last words");
    assertThat(Records.drain(buffer, KERNEL))
        .containsExactly("4 " + OwnRecords.tag() + "said the kernel");
  }

  @Test
  void bookmark_acrossProcesses_isBehindWhatTheHostHas() throws IOException {
    KernelBookmark first = KernelBookmark.in(folder);
    assertThat(first.next()).isZero();
    RecordBuffer once =
        new RecordBuffer(
            new HeapSegments(1 << 20), Records.FLUSH, first, Records.OWN, System::nanoTime);
    KernelRecords records = new KernelRecords(once, parser(), first.next(), Records.OWN);
    accept(records, "6,0,1,-;a");
    accept(records, "6,1,1,-;b");
    assertThat(KernelBookmark.in(folder).next()).isZero();
    once.finish(once.take(KERNEL, Records.ALL));
    accept(records, "6,2,1,-;c");
    assertThat(KernelBookmark.in(folder).next()).isEqualTo(2);

    KernelRecords next = records(KernelBookmark.in(folder).next());
    for (String line : List.of("6,0,1,-;a", "6,1,1,-;b", "6,2,1,-;c", "6,3,1,-;d")) {
      accept(next, line);
    }
    assertThat(Records.drain(buffer, KERNEL)).containsExactly("6 c", "6 d");
    assertThat(Records.drain(buffer, USER)).isEmpty();
  }

  @Test
  void bookmark_ofAnotherBoot_isNone() throws IOException {
    byte[] boot = new byte[KernelRandom.BYTES];
    KernelBookmark.in(folder, boot).set(7);
    assertThat(KernelBookmark.in(folder, boot).next()).isEqualTo(7);
    assertThat(KernelBookmark.in(folder).next()).isZero();
    boot[15] = 1;
    assertThat(KernelBookmark.in(folder, boot).next()).isZero();
    Files.write(folder.resolve("kernel-sequence"), new byte[] {0, 0, 0, 0, 0, 0, 0, 9});
    assertThat(KernelBookmark.in(folder, boot).next()).isZero();
  }

  /** As /dev/kmsg in a flood: EPIPE each time that records were overwritten meanwhile. */
  @Test
  void read_thatFailsManyTimesInARow_goesOnAndCountsWhatIsMissing() throws IOException {
    Deque<String> kernel = new ArrayDeque<>();
    kernel.add("6,0,1,-;a\n");
    kernel.addAll(Collections.nCopies(20, ""));
    kernel.add("6,100,1,-;b\n");
    FailingKernel log = new FailingKernel(kernel);
    try (KernelReader reader =
        KernelReader.start(folder, log, records(0), Threads.named("kernel-test"))) {
      Await.until("all is read", () -> buffer.unfinished() == 3);
    }
    assertThat(Records.drain(buffer, KERNEL)).containsExactly("6 a", "6 b");
    assertThat(Records.drain(buffer, USER))
        .containsExactly(
            TAG + "99 records of the kernel were overwritten before they could be read");
  }

  /** Gives a record in each read, and fails at an empty one; then waits to be closed. */
  private static final class FailingKernel implements ReadableByteChannel {
    private final Deque<String> records;
    private final CountDownLatch closed = new CountDownLatch(1);

    FailingKernel(Deque<String> records) {
      this.records = records;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      String next = records.poll();
      if (next == null) {
        await();
        throw new AsynchronousCloseException();
      }
      if (next.isEmpty()) {
        throw new IOException("Broken pipe");
      }
      into.put(next.getBytes(ISO_8859_1));
      return next.length();
    }

    private void await() throws IOException {
      try {
        closed.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    @Override
    public boolean isOpen() {
      return closed.getCount() > 0;
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  private KernelReader read(Path path, long firstWanted) throws IOException {
    return KernelReader.start(path, records(firstWanted), Threads.named("kernel-test"));
  }

  private KernelRecords records(long firstWanted) {
    return new KernelRecords(buffer, parser(), firstWanted, Records.OWN);
  }

  private static KmsgParser parser() {
    return new KmsgParser(InstantSource.system(), System::nanoTime);
  }

  private static void accept(KernelRecords records, String line) {
    byte[] bytes = line.getBytes(ISO_8859_1);
    records.accept(bytes, 0, bytes.length);
  }
}
