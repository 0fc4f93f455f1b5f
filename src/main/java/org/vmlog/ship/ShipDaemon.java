package org.vmlog.ship;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ShipConfig;
import org.vmlog.exposition.MetricsEndpoint;
import org.vmlog.exposition.ShipMetrics;
import org.vmlog.platform.FolderLock;
import org.vmlog.platform.HostZone;
import org.vmlog.platform.SocketAccess;
import org.vmlog.platform.Threads;
import org.vmlog.ship.kafka.KafkaEngine;
import org.vmlog.ship.otlp.OtlpEngine;
import org.vmlog.ship.syslog.SyslogEncoder;
import org.vmlog.ship.syslog.SyslogEngine;
import org.vmlog.sink.LogDirectory;

/** Puts vmlog-ship together. {@link #run} is called on one thread, {@link #stop} on any. */
public final class ShipDaemon implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Path MACHINE_ID = Path.of("/etc/machine-id");
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  /** As it becomes up to five times as large with all that is said of each line, and stays one. */
  private static final int BATCH_SHARE = 8;

  /** What Kafka counts beside a message: its key, which names a VM, and some heads. */
  private static final int MESSAGE_KEY_BYTES = 4 << 10;

  /** So that many logs' batches have room, whatever becomes of them. */
  private static final int MEMORY_SHARE = 16;

  private static final int MAX_BATCH_BYTES = 128 << 10;

  /** Whoever may read the logs. */
  private static final SocketAccess METRICS = new SocketAccess(0660, Optional.empty());

  private final FolderLock lock;
  private final Shipper shipper;
  private final @Nullable MetricsEndpoint metrics;

  private ShipDaemon(FolderLock lock, Shipper shipper, @Nullable MetricsEndpoint metrics) {
    this.lock = lock;
    this.shipper = shipper;
    this.metrics = metrics;
  }

  /**
   * Opens what is needed; ships nothing yet.
   *
   * @throws IOException if it cannot start; says why
   */
  public static ShipDaemon open(ShipConfig config) throws IOException {
    Path logs = config.logs().directory();
    HostFacts host = hostFacts(config.host());
    FolderLock lock = FolderLock.take(config.stateDirectory(), "vmlog-ship");
    try {
      ShipStatus status = new ShipStatus(config.stateDirectory());
      MetricsEndpoint metrics = config.metrics().isEmpty() ? null : metrics(config, status);
      Shipper shipper =
          new Shipper(
              logs,
              config.logs().state(),
              LogDirectory.layoutOf(logs),
              engine(config, host),
              new CursorStore(config.stateDirectory()),
              status,
              batchBytes(config),
              config.memoryBytes());
      return new ShipDaemon(lock, shipper, metrics);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static MetricsEndpoint metrics(ShipConfig config, ShipStatus status) throws IOException {
    return MetricsEndpoint.on(
        config.metrics().orElseThrow(),
        METRICS,
        Threads.named("vmlog-metrics"),
        new ShipMetrics(status::figures));
  }

  private static Engine engine(ShipConfig config, HostFacts host) {
    ZoneId zone = HostZone.ofLogs(config.logs().directory()).orElse(HostZone.here());
    InstantSource clock = InstantSource.system();
    if (config.target() instanceof ShipConfig.Kafka kafka) {
      Encoder encoder =
          switch (kafka.format()) {
            case OTLP ->
                new OtlpEncoder(
                    host,
                    config.serviceName(),
                    zone,
                    clock,
                    kafka.maxMessageBytes() - MESSAGE_KEY_BYTES);
            case JSON ->
                new JsonEncoder(host, zone, clock, kafka.maxMessageBytes() - MESSAGE_KEY_BYTES);
          };
      RecordIds ids = new RecordIds(host.id());
      long buffer = 4 * Math.max(config.memoryBytes(), kafka.maxMessageBytes());
      return KafkaEngine.start(kafka, buffer, ids, encoder);
    }
    if (config.target() instanceof ShipConfig.Otlp otlp) {
      return OtlpEngine.start(
          otlp, new OtlpEncoder(host, config.serviceName(), zone, clock, otlp.maxMessageBytes()));
    }
    ShipConfig.Syslog syslog = (ShipConfig.Syslog) config.target();
    return SyslogEngine.start(
        syslog, new SyslogEncoder(host, zone, clock, syslog.maxMessageBytes()));
  }

  private static int batchBytes(ShipConfig config) {
    int most = (int) Math.min(MAX_BATCH_BYTES, config.memoryBytes() / MEMORY_SHARE);
    if (config.target() instanceof ShipConfig.Kafka kafka) {
      return Math.min(most, kafka.maxMessageBytes() / BATCH_SHARE);
    }
    return config.target() instanceof ShipConfig.Otlp otlp
        ? Math.min(most, otlp.maxMessageBytes() / BATCH_SHARE)
        : most;
  }

  /** Ships until it is stopped. */
  public void run() throws InterruptedException {
    shipper.run(PATIENCE);
  }

  /** Has {@link #run} return when what is under way has been answered, or a few seconds later. */
  public void stop() {
    shipper.stop();
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
    shipper.close();
    lock.close();
  }

  private static HostFacts hostFacts(ShipConfig.Host host) throws IOException {
    String id = host.id().isPresent() ? host.id().get() : machineId();
    String name =
        host.name().isPresent()
            ? host.name().get()
            : Files.readString(HOST_NAME, StandardCharsets.UTF_8).strip();
    return new HostFacts(id, name);
  }

  /** machine-id(5). */
  private static String machineId() throws IOException {
    try {
      String id = Files.readString(MACHINE_ID, StandardCharsets.US_ASCII).strip();
      if (!id.isEmpty()) {
        return id;
      }
    } catch (NoSuchFileException e) {
      // The same as an empty one.
    }
    throw new IOException(
        MACHINE_ID + " has no id; set host.id, which every host has to have of its own");
  }
}
