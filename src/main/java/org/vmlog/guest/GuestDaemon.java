package org.vmlog.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.GuestConfig;
import org.vmlog.platform.HostZone;
import org.vmlog.platform.InheritedSockets;
import org.vmlog.platform.Threads;
import org.vmlog.record.KmsgParser;
import org.vmlog.record.SyslogParser;
import org.vmlog.wire.HostClient;

/**
 * The guest's daemon, put together: the buffer, what fills it and what empties it. Programs can log
 * once it has started; the larger part of its code, the network's, is loaded by {@link #connect},
 * after that. Used by one thread.
 */
public final class GuestDaemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GuestDaemon.class);

  /** In which what came has to be with the host when this program is to end. */
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(5);

  /** For who starts this program without $RUNTIME_DIRECTORY. */
  private static final Path DEFAULT_RUNTIME = Path.of("/run/vm-syslog");

  private final GuestConfig config;
  private final GuestBuffer buffer;
  private final SocketReader sockets;
  private final @Nullable KernelReader kernel;
  private @Nullable HostClient client;
  private @Nullable Sender sender;

  private GuestDaemon(GuestConfig config, Map<String, String> environment, Runnable onFailure)
      throws IOException {
    this.config = config;
    InstantSource clock = InstantSource.system();
    OwnRecords ownRecords = new OwnRecords(clock);
    KernelBookmark bookmark = bookmark(config);
    buffer = GuestBuffer.open(config, bookmark, ownRecords);
    try {
      RecordBuffer records = buffer.records();
      List<SocketSource> sources =
          new GuestSources(new SyslogMessages(records, parser(config), clock))
              .open(config.sources(), InheritedSockets.of(environment));
      sockets = SocketReader.start(sources, Threads.named("vm-syslog-in"), onFailure);
      try {
        kernel =
            openKernel(
                config.sources(),
                new KernelRecords(
                    records, new KmsgParser(clock, System::nanoTime), bookmark.next(), ownRecords));
      } catch (IOException e) {
        sockets.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      buffer.close();
      throw e;
    }
  }

  /**
   * Opens the buffer and the sources, and reads them.
   *
   * @param environment of the process, which names the sockets that it has inherited
   * @param onFailure is called on another thread when no socket is read any more
   * @throws java.net.BindException if a socket is somebody else's
   * @throws BufferHeldException if another process has the buffer's file
   * @throws IOException if something cannot be used; the message names it
   */
  public static GuestDaemon start(
      GuestConfig config, Map<String, String> environment, Runnable onFailure) throws IOException {
    return new GuestDaemon(config, environment, onFailure);
  }

  /**
   * A service without a folder of its own has a default one for the place in its kernel's log. What
   * else was named as such, as a recorded log, begins where it begins.
   */
  private static KernelBookmark bookmark(GuestConfig config) throws IOException {
    Optional<Path> runtime = config.runtimeDirectory();
    if (runtime.isPresent()) {
      return KernelBookmark.in(runtime.get());
    }
    if (!config.sources().kmsg().equals(Optional.of(GuestConfig.KMSG))) {
      return KernelBookmark.none();
    }
    try {
      return KernelBookmark.in(Files.createDirectories(DEFAULT_RUNTIME));
    } catch (IOException e) {
      LOG.info("each start reads all of the kernel's log: {}", e.toString());
      return KernelBookmark.none();
    }
  }

  private static SyslogParser parser(GuestConfig config) {
    return new SyslogParser(config.sources().sender(), HostZone.here());
  }

  /** What this program's lines in the kernel's log begin with, so that it can leave them out. */
  public static String logTag() {
    return OwnRecords.tag();
  }

  /** A guest that may not read its kernel's log still has its programs'. */
  private static @Nullable KernelReader openKernel(
      GuestConfig.Sources config, KernelRecords records) throws IOException {
    if (config.kmsg().isEmpty()) {
      return null;
    }
    Path path = config.kmsg().get();
    try {
      return KernelReader.start(path, records, Threads.named("vm-syslog-kmsg"));
    } catch (IOException e) {
      if (config.kmsgRequired()) {
        throw e;
      }
      LOG.warn(
          "going on without the kernel's log: {} (CAP_SYSLOG is needed, or --kmsg none)",
          e.toString());
      return null;
    }
  }

  /** Begins to send to the host, whether it is there by now or not. */
  public void connect() {
    HostClient opened = HostClient.start(config.host(), Threads.named("vm-syslog-io"));
    client = opened;
    sender =
        new Sender(
            opened,
            buffer.records(),
            buffer.stream(),
            buffer.windowBytes(),
            Sender.PATIENCE,
            new SplittableRandom());
    sender.start();
    LOG.info("sending to {}", config.host());
  }

  /** Reads what programs have said by now, and gives the host 5 s to take everything. */
  @Override
  public void close() {
    sockets.close();
    try {
      if (kernel != null) {
        kernel.close();
      }
      drain();
      if (client != null) {
        client.close();
      }
      buffer.close();
    } catch (IOException e) {
      LOG.warn("not closed in good order: {}", e.toString());
    }
  }

  private void drain() {
    CompletableFuture<Void> drained =
        sender == null ? CompletableFuture.completedFuture(null) : sender.drain();
    try {
      drained.get(LAST_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn(
          "{} did not take {} records, which {}",
          config.host(),
          buffer.records().unfinished(),
          buffer.isDurable() ? "wait in the file" : "are lost");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
