package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.Seed;
import org.vmlog.testing.TestHost;

/** Many VMs at once, each on several connections, while every file is rotated and compressed. */
final class HundredVmsTest {
  private static final int VMS = 100;
  private static final int CONNECTIONS = 3;
  private static final int MAX_SIZE_BYTES = 256 << 10;

  /** A little over three files' worth, so that each VM's file is rotated three times and more. */
  private static final int BYTES_PER_CONNECTION = MAX_SIZE_BYTES * 7 / 2 / CONNECTIONS;

  private static final int MAX_LINE_BYTES = 4000;
  private static final int MAX_RECORDS = 20;

  @TempDir Path folder;

  /** One of a VM's connections, which numbers what it sends. */
  private static final class Connection {
    final int vm;
    final int number;
    final Guest guest;
    int sent;
    int bytes;

    Connection(int vm, int number, Guest guest) {
      this.vm = vm;
      this.number = number;
      this.guest = guest;
    }

    Future<byte[]> sendSome(Random random) {
      LogRequest.Builder request = LogRequest.newBuilder();
      for (int records = 1 + random.nextInt(MAX_RECORDS); records > 0; records--) {
        String padding = "x".repeat(random.nextInt(MAX_LINE_BYTES));
        String content = "vm %d connection %d record %d %s".formatted(vm, number, sent, padding);
        byte[] raw = content.getBytes(StandardCharsets.UTF_8);
        request.addRecords(Guest.record(LogSeverity.INFO, 7, raw));
        sent++;
        bytes += raw.length;
      }
      Guest.Method method = random.nextBoolean() ? Guest.Method.KERNEL : Guest.Method.USER;
      return guest.sendAsync(method, request.build().toByteArray());
    }
  }

  @Test
  void everyRecord_throughRotationAndCompression_standsOnceInItsVmsFiles() throws Exception {
    Random random = Seed.random("HundredVmsTest");
    TestHost host =
        new TestHost(folder)
            .with("[logs.rotation]\nmax_size = \"256KiB\"\nkeep = 20\ncompress = true");
    for (int vm = 0; vm < VMS; vm++) {
      host.withVm("owner" + vm % 7, "vm-" + vm);
    }
    List<Connection> connections = new ArrayList<>();
    try (ForwarderProcess forwarder = host.start()) {
      for (int vm = 0; vm < VMS; vm++) {
        for (int number = 0; number < CONNECTIONS; number++) {
          connections.add(new Connection(vm, number, Guest.on(socket(host, vm))));
        }
      }
      sendAll(connections, random);
      awaitCompression(host, forwarder);
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    } finally {
      connections.forEach(connection -> connection.guest.close());
    }
    for (int vm = 0; vm < VMS; vm++) {
      int first = vm * CONNECTIONS;
      assertComplete(log(host, vm), connections.subList(first, first + CONNECTIONS));
    }
  }

  /** In rounds, with one request of every connection on its way. */
  private static void sendAll(List<Connection> connections, Random random) throws Exception {
    List<Connection> sending = new ArrayList<>(connections);
    while (!sending.isEmpty()) {
      List<Future<byte[]>> answers = new ArrayList<>();
      sending.forEach(connection -> answers.add(connection.sendSome(random)));
      for (Future<byte[]> answer : answers) {
        answer.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      sending.removeIf(connection -> connection.bytes >= BYTES_PER_CONNECTION);
    }
  }

  private static void awaitCompression(TestHost host, ForwarderProcess forwarder) throws Exception {
    for (int vm = 0; vm < VMS; vm++) {
      Path log = log(host, vm);
      Await.until(
          log + " is rotated three times and compressed",
          () ->
              Files.exists(log.resolveSibling(log.getFileName() + ".1"))
                  && Files.exists(log.resolveSibling(log.getFileName() + ".2.gz"))
                  && Files.exists(log.resolveSibling(log.getFileName() + ".3.gz")),
          forwarder::log);
    }
  }

  private static void assertComplete(Path log, List<Connection> connections) throws IOException {
    int[] next = new int[CONNECTIONS];
    LogFiles.forEachLine(
        log,
        line -> {
          String[] words = line.substring(line.indexOf("vm ")).split(" ", 7);
          int number = Integer.parseInt(words[3]);
          assertThat(words[1])
              .as("the VM of a line in %s", log)
              .isEqualTo(Integer.toString(connections.get(number).vm));
          assertThat(words[5])
              .as("the next record of connection %d in %s", number, log)
              .isEqualTo(Integer.toString(next[number]++));
        });
    for (Connection connection : connections) {
      assertThat(next[connection.number])
          .as("records of connection %d in %s", connection.number, log)
          .isEqualTo(connection.sent);
    }
    for (Path file : LogFiles.of(log)) {
      if (!file.toString().endsWith(".gz")) {
        assertThat(Files.size(file)).as("size of %s", file).isLessThanOrEqualTo(MAX_SIZE_BYTES);
        assertThat(LogFiles.endsOnLine(file)).as("%s ends on a line", file).isTrue();
      }
    }
  }

  private static Path socket(TestHost host, int vm) {
    return host.grpcSocket("owner" + vm % 7, "vm-" + vm);
  }

  private static Path log(TestHost host, int vm) {
    return host.log("owner" + vm % 7, "vm-" + vm);
  }
}
