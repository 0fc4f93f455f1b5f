package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;

/**
 * What one VM that logs far more than it may costs the others: their acks' times without it and
 * beside it, under the limits that are the default. Confined to one thread.
 */
final class Flood {
  private static final int VMS = 8;
  private static final int RECORDS = 20;
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int WARM_SECONDS = 20;
  private static final int MEASURED_SECONDS = 30;

  /** As many at once as one source may have connections, each request of over 1 MB. */
  private static final int FLOODERS = 8;

  private static final int FLOOD_RECORDS = 10_000;

  private final TestHost host;

  Flood(Path folder) throws IOException {
    host = new TestHost(folder).withVm("bench", "flooder");
    for (int vm = 0; vm < VMS; vm++) {
      host.withVm("bench", "vm" + vm);
    }
  }

  void run(Path program) throws Exception {
    List<Endpoint> flooded =
        Collections.nCopies(FLOODERS, new Endpoint.Unix(host.grpcSocket("bench", "flooder")));
    try (ForwarderProcess forwarder = ForwarderProcess.startInstalled(program, host.config());
        LoadProcess flooder = LoadProcess.start(Load.Kind.REQUESTS, FLOOD_RECORDS, flooded)) {
      flooder.run(FLOODERS); // for the compiler's sake
      acks(WARM_SECONDS);
      long[] alone = acks(MEASURED_SECONDS);
      Thread flood = new Thread(() -> flood(flooder), "flood");
      flood.setDaemon(true);
      flood.start();
      long[] beside = acks(MEASURED_SECONDS);
      System.out.printf(
          "%d VMs, %d records each %d ms; a ninth floods over %d connections.%n"
              + "alone:              ack p50 %5d µs, p99 %6d µs of %d%n"
              + "beside the flooder: ack p50 %5d µs, p99 %6d µs of %d%n"
              + "Flood: the others' ack p99 %d µs alone, %d µs beside the flooder%n",
          VMS,
          RECORDS,
          PERIOD_NANOS / 1_000_000,
          FLOODERS,
          micros(alone, 50),
          micros(alone, 99),
          alone.length,
          micros(beside, 50),
          micros(beside, 99),
          beside.length,
          micros(alone, 99),
          micros(beside, 99));
      printFlooder();
    }
  }

  private void flood(LoadProcess flooder) {
    try {
      while (true) {
        flooder.run(FLOODERS * 10);
      }
    } catch (IOException e) {
      // The load ends with the measurement.
    }
  }

  /** What became of the flooder's records, by its own log. */
  private void printFlooder() throws IOException {
    long[] lines = new long[2];
    LogFiles.forEachLine(
        host.log("bench", "flooder"),
        line -> {
          int dropped = line.indexOf(" records dropped (");
          if (dropped < 0) {
            lines[0]++;
          } else {
            lines[1] +=
                Long.parseLong(line.substring(line.lastIndexOf(' ', dropped - 1) + 1, dropped));
          }
        });
    System.out.printf(
        "the flooder's records in what is kept of its log: %d written, %d counted as dropped%n",
        lines[0], lines[1]);
  }

  private long[] acks(int seconds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    ExecutorService threads = Executors.newFixedThreadPool(VMS);
    try {
      List<Future<List<Long>>> vms = new ArrayList<>();
      for (int vm = 0; vm < VMS; vm++) {
        Path socket = host.grpcSocket("bench", "vm" + vm);
        vms.add(threads.submit(() -> log(socket, end)));
      }
      List<Long> nanos = new ArrayList<>();
      for (Future<List<Long>> vm : vms) {
        nanos.addAll(vm.get());
      }
      return nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    } finally {
      threads.shutdown();
    }
  }

  private static List<Long> log(Path socket, long end) throws InterruptedException {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < RECORDS; i++) {
      request.addRecords(Guest.record(7, "x".repeat(100)));
    }
    byte[] bytes = request.build().toByteArray();
    List<Long> nanos = new ArrayList<>();
    try (Guest guest = Guest.on(socket)) {
      guest.send(Guest.Method.USER, bytes); // connecting is not what is measured
      for (long began = System.nanoTime(); began < end; began = System.nanoTime()) {
        guest.send(Guest.Method.USER, bytes);
        long took = System.nanoTime() - began;
        nanos.add(took);
        TimeUnit.NANOSECONDS.sleep(PERIOD_NANOS - took);
      }
    }
    return nanos;
  }

  private static long micros(long[] sorted, int percent) {
    return sorted[(int) ((sorted.length - 1L) * percent / 100)] / 1000;
  }
}
