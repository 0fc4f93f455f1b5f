package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.Pump;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Vmm;

/** SIGTERM and SIGHUP, both in the middle of the work. */
final class ShutdownTest {
  private static final int VMS = 10;

  /** Promised are 5 s; the rest is for a machine that has other things to do. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(8);

  @TempDir Path folder;

  @Test
  void sigterm_underLoad_exits0WithAllThatCameInWrittenAndItsSocketsGone() throws Exception {
    TestHost host = new TestHost(folder);
    for (int vm = 0; vm < VMS; vm++) {
      host.withVm("alice", "vm-" + vm);
    }
    List<Pump> pumps = new ArrayList<>();
    try (ForwarderProcess forwarder = host.start()) {
      for (int vm = 0; vm < VMS; vm++) {
        pumps.add(new Pump(Guest.on(host.grpcSocket("alice", "vm-" + vm)), "record of " + vm));
      }
      Await.until(
          "every guest has been answered",
          () -> pumps.stream().noneMatch(pump -> pump.acknowledged().isEmpty()),
          forwarder::log);
      for (int vm = 0; vm < VMS; vm++) {
        try (Vmm vmm = Vmm.on(host.datagramSocket("alice", "vm-" + vm))) {
          for (int i = 0; i < 20; i++) {
            vmm.say("<30>Mar  1 12:00:00 crosvm: last words " + i);
          }
        }
      }

      long began = System.nanoTime();
      int exitCode = forwarder.terminate();
      Duration took = Duration.ofNanos(System.nanoTime() - began);

      assertThat(exitCode).as(forwarder.log()).isZero();
      assertThat(took).isLessThan(SHUTDOWN);
      for (int vm = 0; vm < VMS; vm++) {
        pumps.get(vm).end();
        assertWritten(host.log("alice", "vm-" + vm), pumps.get(vm).acknowledged());
      }
      assertThat(socketsIn(folder.resolve("run"))).isEmpty();
    } finally {
      pumps.forEach(Pump::close);
    }
  }

  @Test
  void sighup_afterTheFileWasMovedAway_goesOnInANewOneAndLosesNothing() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    Path log = host.log("alice", "web-1");
    List<Path> moved = new ArrayList<>();
    try (ForwarderProcess forwarder = host.start();
        Pump pump = new Pump(Guest.on(host.grpcSocket("alice", "web-1")), "record")) {
      for (int n = 0; n < 5; n++) {
        int before = pump.acknowledged().size();
        Await.until(
            "more records are written",
            () -> Files.exists(log) && pump.acknowledged().size() > before + 100,
            forwarder::log);
        Path away = log.resolveSibling("moved-" + n);
        Files.move(log, away);
        moved.add(away);
        forwarder.hangUp();
        Await.until("there is a new file", () -> Files.exists(log), forwarder::log);
      }
      pump.end();
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();

      List<Integer> written = new ArrayList<>();
      for (Path file : moved) {
        assertThat(LogFiles.endsOnLine(file)).as("%s ends on a line", file).isTrue();
        written.addAll(LogFiles.numbers(file));
      }
      written.addAll(LogFiles.numbers(log));
      assertThat(written).isEqualTo(pump.acknowledged());
    }
  }

  /** The last request may be written and its answer not have arrived. */
  private static void assertWritten(Path log, List<Integer> acknowledged) throws IOException {
    List<Integer> records = new ArrayList<>();
    List<Integer> lastWords = new ArrayList<>();
    for (String line : LogFiles.lines(log)) {
      int number = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
      (line.contains("last words") ? lastWords : records).add(number);
    }
    assertThat(records).startsWith(acknowledged.toArray(Integer[]::new));
    assertThat(records).isEqualTo(IntStream.range(0, records.size()).boxed().toList());
    assertThat(lastWords).isEqualTo(IntStream.range(0, 20).boxed().toList());
    assertThat(LogFiles.endsOnLine(log)).isTrue();
  }

  private static List<Path> socketsIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> !Files.isDirectory(file)).toList();
    }
  }
}
