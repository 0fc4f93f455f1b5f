package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.Seed;
import org.vmlog.testing.StreamGuest;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Vmm;

/**
 * SIGKILL at random moments while streams flow, beside requests and datagrams, through files that
 * are rotated and compressed: every record of every stream stands there once, in order.
 */
final class StreamCrashTest {
  private static final int KILLS = Integer.getInteger("vmlog.kills", 12);
  private static final List<String> VMS = List.of("web-1", "web-2");
  private static final int STREAMS = 2;

  @TempDir Path folder;

  @Test
  void kills_atRandomMoments_everyRecordOnceAndInOrder() throws Exception {
    Random random = Seed.random("StreamCrashTest");
    TestHost host =
        new TestHost(folder)
            .with(
                """
                [logs.rotation]
                max_size = "256KiB"
                keep = 1000
                [limits]
                records_per_second = 10000000
                bytes_per_second = "1GiB"
                """);
    List<Sender> senders = new ArrayList<>();
    for (String name : VMS) {
      host.withVm("alice", name);
      for (int i = 0; i < STREAMS; i++) {
        senders.add(new Sender(host, name, "stream-" + i, random.nextLong()));
      }
    }
    for (int kill = 0; kill < KILLS; kill++) {
      try (ForwarderProcess forwarder = host.start()) {
        List<Thread> threads = new ArrayList<>();
        senders.forEach(sender -> threads.add(new Thread(sender::sendUntilItFails)));
        VMS.forEach(name -> threads.add(new Thread(() -> chat(host, name))));
        threads.forEach(Thread::start);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(600));
        forwarder.kill();
        for (Thread thread : threads) {
          thread.join();
        }
      }
    }
    try (ForwarderProcess forwarder = host.start()) {
      senders.forEach(Sender::sendRest);
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
    int files = 0;
    for (String name : VMS) {
      check(host.log("alice", name), senders.stream().filter(one -> one.vm.equals(name)).toList());
      files += LogFiles.of(host.log("alice", name)).size();
    }
    System.out.printf(
        "StreamCrashTest: %d kills survived, %d records in %d files%n",
        KILLS, senders.stream().mapToInt(sender -> sender.sent.size()).sum(), files);
  }

  private static void check(Path log, List<Sender> senders) throws IOException {
    TreeMap<String, List<Long>> found = new TreeMap<>();
    LogFiles.forEachLine(
        log,
        line -> {
          String[] words = line.split(" ");
          if (line.contains(" stream-")) {
            long number = Long.parseLong(words[words.length - 1]);
            found.computeIfAbsent(words[words.length - 2], key -> new ArrayList<>()).add(number);
          }
        });
    for (Sender sender : senders) {
      assertThat(found.get(sender.stream)).as("%s", sender).isEqualTo(sender.sent);
    }
  }

  /** Lines of the same VM that no stream numbers, until the forwarder is gone. */
  private static void chat(TestHost host, String name) {
    try (Guest guest = Guest.on(host.grpcSocket("alice", name));
        Vmm vmm = Vmm.on(host.datagramSocket("alice", name))) {
      LogRequest request = StreamGuest.numbered(0, 3);
      while (true) {
        guest.send(Guest.Method.USER, request);
        vmm.say("<30>Mar  1 12:00:00 crosvm: a word");
      }
    } catch (IOException | StatusRuntimeException e) {
      // Killed.
    }
  }

  /** One stream: many batches under way, of which what was not acknowledged is sent again. */
  private static final class Sender {
    private static final int WINDOW = 2000;
    private static final int MAX_BATCH = 60;

    final String vm;
    final String stream;
    final List<Long> sent = new ArrayList<>();
    private final Path socket;
    private final Random random;

    /** How many of those sent are acknowledged. */
    private int acknowledged;

    Sender(TestHost host, String vm, String stream, long seed) {
      this.vm = vm;
      this.stream = stream;
      this.socket = host.grpcSocket("alice", vm);
      this.random = new Random(seed);
    }

    void sendUntilItFails() {
      try (Guest guest = Guest.on(socket);
          StreamGuest push = StreamGuest.push(guest, stream)) {
        resume(push);
        while (!push.hasEnded()) {
          acknowledge(push);
          if (sent.size() - acknowledged < WINDOW) {
            sendNew(push);
          } else {
            Thread.yield();
          }
        }
        acknowledge(push);
      }
    }

    void sendRest() {
      try (Guest guest = Guest.on(socket);
          StreamGuest push = StreamGuest.push(guest, stream)) {
        push.watermark();
        resume(push);
        sendNew(push);
        push.awaitAck(sent.get(sent.size() - 1)).halfClose();
        assertThat(push.status().isOk()).as("%s: %s", this, push).isTrue();
      }
    }

    /** Sends what is not acknowledged, and sometimes what is, in batches of any size. */
    private void resume(StreamGuest push) {
      Await.until(
          "the Push has begun or ended", () -> !push.answers().isEmpty() || push.hasEnded());
      if (push.answers().isEmpty()) {
        return;
      }
      acknowledge(push);
      int at = Math.max(0, acknowledged - random.nextInt(MAX_BATCH));
      while (at < sent.size()) {
        int count = run(at);
        send(push, at, count);
        at += count;
      }
    }

    /** How many may go in one batch: numbers that follow each other. */
    private int run(int at) {
      int most = 1 + random.nextInt(MAX_BATCH);
      int count = 1;
      while (count < most
          && at + count < sent.size()
          && sent.get(at + count) == sent.get(at) + count) {
        count++;
      }
      return count;
    }

    private void sendNew(StreamGuest push) {
      long next = sent.isEmpty() ? 1 : sent.get(sent.size() - 1) + 1;
      next += random.nextInt(50) == 0 ? random.nextInt(5) : 0; // a guest may leave numbers out
      int count = 1 + random.nextInt(MAX_BATCH);
      int at = sent.size();
      for (int i = 0; i < count; i++) {
        sent.add(next + i);
      }
      send(push, at, count);
    }

    private void send(StreamGuest push, int at, int count) {
      LogRequest.Builder batch = LogRequest.newBuilder();
      for (long seq : sent.subList(at, at + count)) {
        String filler = "x".repeat((int) (seq % 7) * 200);
        batch.addRecords(Guest.record(StreamGuest.EPOCH, filler + " " + stream + " " + seq));
      }
      push.send(sent.get(at), batch.build());
    }

    private void acknowledge(StreamGuest push) {
      long last = push.lastSeq();
      while (acknowledged < sent.size() && sent.get(acknowledged) <= last) {
        acknowledged++;
      }
    }

    @Override
    public String toString() {
      return stream + " of " + vm;
    }
  }
}
