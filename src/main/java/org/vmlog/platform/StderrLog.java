package org.vmlog.platform;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The daemon's own log: lines on stderr and nowhere else, so that a log forwarder can never forward
 * its own complaints about forwarding.
 *
 * <p>When stderr is the journal's ({@code $JOURNAL_STREAM} names it) the lines are {@code
 * <N>message}, sd-daemon(3): 3 error, 4 warning, 6 info, 7 debug; the journal adds the time. To a
 * terminal, a file or a pipe they are {@code HH:MM:SS level message} in local time. One record is
 * one line and one write(2), with control characters escaped; stack traces follow only at debug.
 *
 * <p>Thread-safe; no lock is held across the write, and nothing but stderr can block it.
 */
public final class StderrLog extends Handler {
  /** Held here because {@link LogManager} itself forgets the levels of loggers nobody holds. */
  private static final Logger OURS = Logger.getLogger("org.vmlog");

  private static final Logger ROOT = Logger.getLogger("");

  private final OutputStream out;

  StderrLog(OutputStream out, StderrFormat format) {
    this.out = out;
    setLevel(Level.ALL);
    setFormatter(format);
  }

  /**
   * Makes stderr the only place of the log of this process.
   *
   * @param level from which on our own messages are shown. Libraries are heard from warnings on,
   *     whatever the level: at debug, gRPC's would write the guests' records into this log.
   */
  public static void install(Level level) {
    install(level, System.getenv(), new FileOutputStream(FileDescriptor.err));
  }

  /**
   * The same for a program whose stderr may be the kernel's log, as {@code
   * StandardError=file:/dev/kmsg} of systemd.exec(5) makes it.
   *
   * @param tag what its lines begin with there, such as {@code name[1]: }
   */
  public static void install(Level level, String tag) {
    if (KernelLogStream.isStderr()) {
      OutputStream stderr = new FileOutputStream(FileDescriptor.err);
      install(level, new StderrLog(stderr, StderrFormat.forKernelLog(tag)));
    } else {
      install(level);
    }
  }

  static void install(Level level, Map<String, String> environment, OutputStream stderr) {
    boolean debug = level.intValue() <= Level.FINE.intValue();
    boolean journal = JournalStream.isStderr(environment);
    install(level, new StderrLog(stderr, new StderrFormat(journal, debug, HostZone.here())));
  }

  /** From which level on our own messages are shown. */
  public static Level level() {
    return OURS.getLevel() == null ? Level.INFO : OURS.getLevel();
  }

  private static void install(Level level, Handler handler) {
    Handler[] others = ROOT.getHandlers();
    ROOT.addHandler(handler); // first, since what is said meanwhile must not be lost
    for (Handler other : others) {
      ROOT.removeHandler(other);
    }
    ROOT.setLevel(level.intValue() > Level.WARNING.intValue() ? level : Level.WARNING);
    OURS.setLevel(level);
  }

  @Override
  public void publish(LogRecord record) {
    if (!isLoggable(record)) {
      return;
    }
    try {
      out.write(getFormatter().format(record).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // Stderr is gone, and there is no other place that could be told.
    }
  }

  /** Nothing waits here. */
  @Override
  public void flush() {}

  /** Stderr belongs to the process and stays open. */
  @Override
  public void close() {}
}
