package org.vmlog.ship;

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
  private static final int LINES = 100_000;

  /** So long are the lines of the other benchmarks. */
  private static final String LINE =
      "<14>Mar  1 11:00:00 web-1 " + "nginx[311]: GET /index.html 200 ".repeat(3) + "\n";

  @TempDir Path temp;

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
      long begin = System.nanoTime();
      try (ShipProcess ship = ShipProcess.startAtFullSpeed(temp, engine)) {
        long ready = System.nanoTime();
        Await.until(
            Await.PATIENCE.multipliedBy(10),
            "all is shipped",
            () -> logs.areAcknowledged(temp.resolve("ship")),
            ship::log);
        double seconds = (System.nanoTime() - ready) / 1e9;
        double cpu = new ProcessFacts(ship.pid()).cpuSeconds();
        double records = (double) VMS * LINES;
        System.out.printf(
            Locale.ROOT,
            "ShipRate: %.0f records of %d bytes, %.0f records/s, %.2f CPU s/M with a start of"
                + " %.1f s%n",
            records,
            LINE.length(),
            records / seconds,
            cpu / records * 1e6,
            (ready - begin) / 1e9);
      }
    }
  }
}
