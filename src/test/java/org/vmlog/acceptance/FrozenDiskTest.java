package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.FreezableDisk;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;

/**
 * The disk of one owner's VMs hangs in the kernel, for each of its writes and longer than every
 * limit there is: the other owner's VMs are answered meanwhile, and nothing is lost.
 */
final class FrozenDiskTest {
  private static final int VMS = 12; // of each owner: more than threads may hang in one device
  private static final int BEFORE = 50;
  private static final int REQUESTS = 30;

  @TempDir Path folder;

  @Test
  void frozenDisk_ofSomeVms_holdsUpNobodyElseAndLosesNothing() throws Exception {
    TestHost host = new TestHost(folder);
    for (int i = 0; i < VMS; i++) {
      host.withVm("alice", "web-" + i).withVm("bob", "web-" + i);
    }
    Path logs = host.log("alice", "web-0").getParent();
    List<Sender> senders = new ArrayList<>();
    List<Guest> others = new ArrayList<>();
    try (FreezableDisk disk = FreezableDisk.mount(folder.resolve("disk"), logs);
        ForwarderProcess forwarder = host.start()) {
      for (int i = 0; i < VMS; i++) {
        senders.add(new Sender(Guest.on(host.grpcSocket("alice", "web-" + i))));
        others.add(Guest.on(host.grpcSocket("bob", "web-" + i)));
      }
      senders.forEach(sender -> sender.awaitAnswers(BEFORE));

      disk.freeze(); // amid their writes, which event loops do themselves by now
      for (int n = 0; n < REQUESTS; n++) {
        List<Future<byte[]>> answers = new ArrayList<>();
        for (Guest other : others) {
          answers.add(other.sendAsync(Guest.Method.USER, request(n)));
        }
        for (Future<byte[]> answer : answers) {
          answer.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
      }
      List<Integer> answered = senders.stream().map(sender -> sender.answered).toList();
      disk.thaw();
      for (int i = 0; i < VMS; i++) {
        senders.get(i).awaitAnswers(answered.get(i) + 2);
      }

      for (int i = 0; i < VMS; i++) {
        int sent = senders.get(i).end();
        assertThat(numbers(host.log("alice", "web-" + i))).isEqualTo(upTo(sent));
        assertThat(numbers(host.log("bob", "web-" + i))).isEqualTo(upTo(REQUESTS));
      }
      assertThat(forwarder.terminate()).isZero();
    } finally {
      senders.forEach(sender -> sender.guest.close());
      others.forEach(Guest::close);
    }
  }

  private static List<Integer> numbers(Path log) throws Exception {
    return LogFiles.lines(log).stream()
        .map(line -> Integer.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .toList();
  }

  private static List<Integer> upTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }

  private static byte[] request(int n) {
    return LogRequest.newBuilder().addRecords(Guest.record(7, "line " + n)).build().toByteArray();
  }

  /** Sends one request after the other, each when the one before is answered. */
  private static final class Sender {
    final Guest guest;
    volatile int answered;
    private final Thread thread = new Thread(this::run);
    private volatile boolean ending;

    Sender(Guest guest) {
      this.guest = guest;
      thread.start();
    }

    private void run() {
      try {
        for (int n = 0; !ending; n++) {
          byte[] unused = guest.sendAsync(Guest.Method.USER, request(n)).get();
          answered = n + 1;
        }
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    void awaitAnswers(int count) {
      Await.until("so many are answered", () -> answered >= count);
    }

    /** Answers how many were sent, all of which are answered. */
    int end() throws InterruptedException {
      ending = true;
      thread.join(Await.PATIENCE.toMillis());
      assertThat(thread.isAlive()).isFalse();
      return answered;
    }
  }
}
