package org.vmlog.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vmlog.config.ConfigException;
import org.vmlog.config.ShipConfig;
import org.vmlog.config.ShipConfigReader;
import org.vmlog.logs.LogName;
import org.vmlog.platform.ProcessSignals;
import org.vmlog.platform.StderrLog;
import org.vmlog.ship.FleetLine;
import org.vmlog.ship.LineOrder;
import org.vmlog.ship.LogsDataReader;
import org.vmlog.ship.SeenRecords;
import org.vmlog.ship.kafka.TopicTail;
import org.vmlog.view.LogLine;
import org.vmlog.view.query.LineFilter;
import org.vmlog.view.query.LogSelection;
import org.vmlog.view.render.LinePrinter;

/**
 * Shows what many hosts have shipped to a topic, each record once. What was there is shown in the
 * order of time, as far as memory goes; what comes, in the order in which it does. Confined to one
 * thread.
 */
final class FleetTail {
  /** Held, since the LogManager forgets the levels of loggers that nobody holds. */
  private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

  private static final Pattern BOOTSTRAP =
      Pattern.compile(
          "([^\\s,:/]+:\\d{1,5}(?:,[^\\s,:/]+:\\d{1,5})*)(?:/([A-Za-z0-9._-]{1,249}))?");

  private static final Duration RECENTLY = Duration.ofMinutes(5);

  /** By so much the clock of a guest may be before that of its host. */
  private static final Duration SLACK = Duration.ofMinutes(1);

  private static final Duration POLL = Duration.ofMillis(200);
  private static final int MAX_FILES = 100_000;
  private static final long MAX_HELD_BYTES = 32 << 20;
  private static final int MAX_MESSAGE_BYTES = 1 << 20;

  private final Session session;
  private final LineFilter filter;
  private final LogSelection logs;
  private final LogSelection hosts;
  private final LinePrinter printer;
  private final Consumer<String> warnings;
  private final LogsDataReader reader;
  private final SeenRecords seen = new SeenRecords(MAX_FILES);
  private final LineOrder order = new LineOrder(MAX_HELD_BYTES);
  private boolean warned;

  FleetTail(
      Session session,
      LineFilter filter,
      LogSelection logs,
      LogSelection hosts,
      LinePrinter printer,
      Consumer<String> warnings) {
    this.session = session;
    this.filter = filter;
    this.logs = logs;
    this.hosts = hosts;
    this.printer = printer;
    this.warnings = warnings;
    this.reader = new LogsDataReader(session.clock());
  }

  /** Shows what there is, and goes on with what comes until SIGINT or SIGTERM if that is asked. */
  void run(String where, boolean follow) throws IOException {
    StderrLog.install(Level.WARNING);
    KAFKA.setLevel(Level.SEVERE); // what it has to say the error says
    Instant now = session.clock().instant();
    Instant since = filter.since().map(time -> time.minus(SLACK)).orElse(now.minus(RECENTLY));
    try (TopicTail topic = TopicTail.open(topic(where), since)) {
      ProcessSignals.onTerminate(topic::stop);
      while (!topic.isStopped() && !topic.hasReadWhatWasThere()) {
        take(topic.poll(POLL));
      }
      showAll();
      while (follow && !topic.isStopped()) {
        take(topic.poll(POLL));
        showAll();
      }
    }
  }

  private void take(List<TopicTail.Message> messages) throws IOException {
    for (TopicTail.Message message : messages) {
      try {
        reader.read(message.value(), record -> take(message.partition(), record));
      } catch (IOException e) {
        warnOnce();
      }
      for (LogLine line = order.excess(); line != null; line = order.excess()) {
        printer.print(line, session.out());
      }
    }
  }

  private void take(int partition, FleetLine record) {
    LogName log = record.line().log();
    if (seen.isNew(partition, record.id())
        && hosts.matches("", log.host())
        && logs.matches(log.owner(), log.name())
        && filter.test(record.line().line())) {
      order.add(record.line());
    }
  }

  private void showAll() throws IOException {
    for (LogLine line = order.next(); line != null; line = order.next()) {
      printer.print(line, session.out());
    }
    session.out().flush();
  }

  private void warnOnce() {
    if (!warned) {
      warned = true;
      warnings.accept("what is not in OpenTelemetry's format is left out: kafka.format = \"otlp\"");
    }
  }

  private static ShipConfig.Kafka topic(String where) throws IOException {
    Matcher address = BOOTSTRAP.matcher(where);
    if (address.matches()) {
      return new ShipConfig.Kafka(
          address.group(1),
          Optional.ofNullable(address.group(2)).orElse("vmlog"),
          ShipConfig.Format.OTLP,
          "none",
          MAX_MESSAGE_BYTES,
          Optional.empty(),
          Optional.empty());
    }
    try {
      ShipConfig config = new ShipConfigReader(Map.of()).read(Path.of(where).toAbsolutePath());
      if (config.target() instanceof ShipConfig.Kafka kafka) {
        return kafka;
      }
    } catch (ConfigException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
    throw new IllegalArgumentException(where + " has no table [kafka]");
  }
}
