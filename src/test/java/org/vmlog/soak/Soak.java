package org.vmlog.soak;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.vmlog.platform.StderrLog;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;

/**
 * Runs the forwarder as it is installed under a mixed load, for {@code SOAK_SECONDS}, and fails if
 * anything it holds goes on growing: descriptors, threads, resident memory, heap, direct memory.
 * The first third of the time is for what grows once: compiled code, pools, files.
 */
public final class Soak {
  private static final Path PROGRAM = Path.of("target/vmlog/bin/vmlog-forwarder");
  private static final int DEFAULT_SECONDS = 600;
  private static final int SHORTEST_SECONDS = 60;
  private static final int INTERVAL_SECONDS = 10;

  private static final String CONFIG =
      """
      [logs]
      copy_to_syslog = true
      [logs.rotation]
      max_size = "256KiB"
      keep = 3
      [[vm]]
      owner = "alice"
      name = "steady-1"
      [[vm]]
      owner = "alice"
      name = "steady-2"
      [dbus]
      address = "%s"
      """;

  private Soak() {}

  public static void main(String[] args) throws Exception {
    StderrLog.install(Level.OFF); // the bus library complains when the bus goes first
    String seconds = System.getenv("SOAK_SECONDS");
    Path folder = Files.createTempDirectory("vmlog-soak");
    try {
      boolean flat = run(folder, seconds == null ? DEFAULT_SECONDS : Integer.parseInt(seconds));
      System.exit(flat ? 0 : 1);
    } finally {
      delete(folder);
    }
  }

  private static boolean run(Path folder, int seconds) throws Exception {
    if (seconds < SHORTEST_SECONDS) {
      throw new IllegalArgumentException(
          "SOAK_SECONDS is " + seconds + ", must be at least " + SHORTEST_SECONDS);
    }
    List<Sample> samples = new ArrayList<>();
    try (PrivateBus bus = PrivateBus.create().start()) {
      TestHost host = new TestHost(folder).with(CONFIG.formatted(bus.address()));
      Map<String, String> tracked = Map.of("VMLOG_JAVA_OPTS", "-XX:NativeMemoryTracking=summary");
      try (ForwarderProcess forwarder =
              ForwarderProcess.startInstalled(PROGRAM, host.config(), tracked);
          FakeConcierge concierge = FakeConcierge.start(bus.address())) {
        soak(host, forwarder, concierge, seconds, samples);
        int exit = forwarder.terminate();
        if (exit != 0) {
          throw new IllegalStateException("the forwarder ended with " + exit + forwarder.log());
        }
      }
    }
    List<Sample> settled =
        samples.stream().filter(sample -> sample.seconds() >= seconds / 3.0).toList();
    List<Trend> trends =
        Arrays.stream(Sample.Measure.values()).map(m -> Trend.of(m, settled)).toList();
    trends.forEach(System.out::println);
    System.out.println(
        "Soak: %d s, %s"
            .formatted(
                seconds, trends.stream().map(Trend::summary).collect(Collectors.joining(", "))));
    return trends.stream().allMatch(Trend::isFlat);
  }

  private static void soak(
      TestHost host,
      ForwarderProcess forwarder,
      FakeConcierge concierge,
      int seconds,
      List<Sample> samples)
      throws Exception {
    long start = System.nanoTime();
    try (SoakLoad load = new SoakLoad(host, forwarder, concierge)) {
      load.start("steady-1", "steady-2");
      for (int at = INTERVAL_SECONDS; at <= seconds; at += INTERVAL_SECONDS) {
        sleepUntil(start + at * 1_000_000_000L);
        load.check();
        Sample sample = Sample.of(forwarder.pid(), at);
        samples.add(sample);
        System.out.println(sample + "  " + load);
      }
    }
  }

  private static void sleepUntil(long nanoTime) throws InterruptedException {
    long millis = (nanoTime - System.nanoTime()) / 1_000_000;
    if (millis > 0) {
      Thread.sleep(millis);
    }
  }

  private static void delete(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
