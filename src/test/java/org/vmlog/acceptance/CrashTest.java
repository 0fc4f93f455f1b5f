package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.Seed;
import org.vmlog.testing.TestHost;

/**
 * SIGKILL at random moments under load: every acknowledged record is in the right file exactly as
 * rendered, a request that was not acknowledged is there as a prefix of whole lines at most once
 * for each time it was sent, and after the restart the file ends on a line.
 */
final class CrashTest {
  private static final int KILLS = Integer.getInteger("vmlog.kills", 50);
  private static final List<String> VMS = List.of("web-1", "web-2", "web-3");
  private static final long EPOCH = 1_700_000_000;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH)
          .withZone(ZoneId.systemDefault());

  @TempDir Path folder;

  @Test
  void kills_atRandomMoments_loseNothingThatWasAcknowledged() throws Exception {
    Random random = Seed.random("CrashTest");
    TestHost host =
        new TestHost(folder)
            .with(
                """
                [logs.rotation]
                max_size = "512KiB"
                keep = 1000
                [limits]
                records_per_second = 10000000
                bytes_per_second = "1GiB"
                """);
    List<Sender> senders = new ArrayList<>();
    for (String name : VMS) {
      host.withVm("alice", name);
      senders.add(new Sender(name, host.grpcSocket("alice", name), random.nextLong()));
    }
    for (int kill = 0; kill < KILLS; kill++) {
      try (ForwarderProcess forwarder = host.start()) {
        assertThat(senders).allSatisfy(sender -> endsOnALine(host, sender));
        List<Thread> threads = new ArrayList<>();
        for (Sender sender : senders) {
          Thread thread = new Thread(sender::sendUntilItFails, sender.name);
          thread.start();
          threads.add(thread);
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(250));
        forwarder.kill();
        for (Thread thread : threads) {
          thread.join();
        }
      }
    }
    try (ForwarderProcess forwarder = host.start()) {
      for (Sender sender : senders) {
        sender.sendLast();
      }
      assertThat(forwarder.terminate()).isZero();
    }
    long records = 0;
    for (Sender sender : senders) {
      records += sender.check(LogFiles.lines(host.log("alice", sender.name)));
    }
    System.out.printf("CrashTest: %d kills survived, %d records acknowledged%n", KILLS, records);
  }

  /**
   * Torn tails are cut when a file is opened, which its first write does; so until then the end may
   * be torn, and a guest that sends nothing sees nothing of it.
   */
  private static void endsOnALine(TestHost host, Sender sender) {
    Path log = host.log("alice", sender.name);
    if (!Files.exists(log)) {
      return;
    }
    try (Guest guest = Guest.on(host.grpcSocket("alice", sender.name))) {
      guest.send(Guest.Method.USER, LogRequest.getDefaultInstance());
      sender.resend(guest);
      assertThat(LogFiles.endsOnLine(log)).isTrue();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** One guest: numbered records in requests of random size, each resent until it is OK. */
  private static final class Sender {
    /** A request, and how often it was sent. */
    private record Sent(int first, int count, int attempts) {}

    private final String name;
    private final Path socket;
    private final Random random;
    private final List<Sent> requests = new ArrayList<>();
    private int next;
    private int pendingCount;
    private int pendingAttempts;

    Sender(String name, Path socket, long seed) {
      this.name = name;
      this.socket = socket;
      this.random = new Random(seed);
    }

    void sendUntilItFails() {
      try (Guest guest = Guest.on(socket)) {
        while (true) {
          send(guest);
        }
      } catch (StatusRuntimeException e) {
        // Killed; the request that was under way is sent again after the restart.
      }
    }

    void sendLast() {
      try (Guest guest = Guest.on(socket)) {
        send(guest);
      }
    }

    /** Sends what was under way when the forwarder was killed, if anything was. */
    void resend(Guest guest) {
      if (pendingAttempts > 0) {
        send(guest);
      }
    }

    private void send(Guest guest) {
      if (pendingAttempts == 0) {
        pendingCount = 1 + random.nextInt(40);
      }
      pendingAttempts++;
      LogRequest.Builder request = LogRequest.newBuilder();
      for (int i = 0; i < pendingCount; i++) {
        request.addRecords(Guest.record(EPOCH + next + i, content(next + i)));
      }
      guest.send(Guest.Method.USER, request.build());
      requests.add(new Sent(next, pendingCount, pendingAttempts));
      next += pendingCount;
      pendingAttempts = 0;
    }

    private static String content(int number) {
      return "seq " + number + " " + "x".repeat(number % 200);
    }

    private String line(int number) {
      String time = TIME.format(Instant.ofEpochSecond(EPOCH + number));
      return "<14>" + time + " " + name + " " + content(number);
    }

    /** Reads the file as the requests have it; answers how many records were acknowledged. */
    long check(List<String> lines) {
      int at = 0;
      for (Sent request : requests) {
        int runs = 0;
        int run = 0;
        // Each time it was sent, a run of lines from its first on; the last is whole.
        while (at < lines.size()
            && (run < request.count && lines.get(at).equals(line(request.first + run))
                || lines.get(at).equals(line(request.first)))) {
          boolean again = run == request.count || !lines.get(at).equals(line(request.first + run));
          if (run == 0 || again) {
            runs++;
            run = 0;
          }
          run++;
          at++;
        }
        assertThat(run)
            .as("%s: lines of the request with %s, up to line %d", name, request, at)
            .isEqualTo(request.count);
        assertThat(runs)
            .as("%s: times that %s stands there", name, request)
            .isLessThanOrEqualTo(request.attempts);
      }
      assertThat(lines.subList(at, lines.size())).as("%s: after the last request", name).isEmpty();
      return next;
    }
  }
}
