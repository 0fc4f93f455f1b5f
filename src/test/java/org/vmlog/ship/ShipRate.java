package org.vmlog.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.KafkaBroker;
import org.vmlog.testing.ProcessFacts;
import org.vmlog.testing.ShipProcess;

/** How fast files are shipped, and what it costs: a part of the second stage, and no test. */
class ShipRate {
  private static final int VMS = 20;
  private static final int LINES = 200_000;
  private static final long RECORDS = (long) VMS * LINES;

  /** By then the JVMs have compiled what they use. */
  private static final long WARM_RECORDS = RECORDS / 2;

  /** So long are the lines of the other benchmarks. */
  private static final String LINE =
      "<14>Mar  1 11:00:00 web-1 " + "nginx[311]: GET /index.html 200 ".repeat(3) + "\n";

  @TempDir Path temp;

  /** How far it was at a moment, with the processor time until then. */
  private record Mark(long nanos, long records, double cpuSeconds, double brokerSeconds) {
    static Mark now(ShipProcess ship, KafkaBroker broker) throws IOException {
      return new Mark(
          System.nanoTime(),
          ship.status("records").map(Long::valueOf).orElse(0L),
          new ProcessFacts(ship.pid()).cpuSeconds(),
          new ProcessFacts(broker.pid()).cpuSeconds());
    }

    String until(Mark end) {
      double millions = (end.records - records) / 1e6;
      return String.format(
          Locale.ROOT,
          "%.0f records/s, %.2f CPU s/M, the broker's %.2f",
          millions * 1e6 / (end.nanos - nanos) * 1e9,
          (end.cpuSeconds - cpuSeconds) / millions,
          (end.brokerSeconds - brokerSeconds) / millions);
    }
  }

  @Test
  void files_ofTwentyVms_recordsASecondAndProcessorTime() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic("rate", 6, Map.of());
    String engine = "[kafka]\nbootstrap = \"" + broker.address() + "\"\ntopic = \"rate\"\n";
    try (SinkLogs logs = new SinkLogs(temp, 1000, Runnable::run)) {
      String thousand = LINE.repeat(1000);
      for (int i = 0; i < LINES / 1000; i++) {
        for (int vm = 0; vm < VMS; vm++) {
          logs.write("vm-" + vm, thousand);
        }
      }
      try (ShipProcess ship = ShipProcess.startAtFullSpeed(temp, engine)) {
        Mark begin = Mark.now(ship, broker);
        Mark warm = await(WARM_RECORDS, ship, broker);
        Mark end = await(RECORDS, ship, broker);
        System.out.printf(
            Locale.ROOT,
            "ShipRate: %d records of %d bytes; the first half: %s; the second: %s%n",
            RECORDS,
            LINE.length(),
            begin.until(warm),
            warm.until(end));
        assertThat(ship.terminate()).isZero();
      }
    }
  }

  private static Mark await(long records, ShipProcess ship, KafkaBroker broker) throws IOException {
    Mark[] now = {Mark.now(ship, broker)};
    Await.until(
        Await.PATIENCE.multipliedBy(10),
        records + " records are shipped",
        () -> {
          now[0] = Mark.now(ship, broker);
          return now[0].records() >= records;
        },
        ship::log);
    return now[0];
  }
}
