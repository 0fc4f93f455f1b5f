package org.vmlog.config;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.Collectors;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SyslogParser;

/** One of a few names, each of which stands for a value. Immutable. */
final class Choice<T> implements ValueType<T> {
  /** Not {@link LineFormat#SYSLOG}: that is the shape of a datagram, not of a file's line. */
  static final Choice<LineFormat> FORMAT =
      ofEnum(LineFormat.RFC3164, LineFormat.RFC5424, LineFormat.CHROMEOS);

  static final Choice<ScrubMode> SCRUB = ofEnum(ScrubMode.STANDARD, ScrubMode.STRICT);

  static final Choice<SyslogParser.Sender> SENDER =
      ofEnum(SyslogParser.Sender.LOCAL, SyslogParser.Sender.RELAY);

  static final Choice<Level> LOG_LEVEL = logLevels();

  private final Map<String, T> values;

  private Choice(Map<String, T> values) {
    this.values = values;
  }

  static Choice<String> ofNames(String... names) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : names) {
      values.put(name, name);
    }
    return new Choice<>(values);
  }

  static <T> Choice<T> of(String one, T first, String other, T second) {
    Map<String, T> values = new LinkedHashMap<>();
    values.put(one, first);
    values.put(other, second);
    return new Choice<>(values);
  }

  @Override
  public T parse(Object toml) throws BadValueException {
    T value = toml instanceof String name ? values.get(name) : null;
    if (value == null) {
      throw new BadValueException(
          values.keySet().stream()
              .map(name -> '"' + name + '"')
              .collect(Collectors.joining(", ", "one of ", "")));
    }
    return value;
  }

  /** The name that reads as this value. */
  String nameOf(T value) {
    return values.entrySet().stream()
        .filter(entry -> entry.getValue().equals(value))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(value + " has no name in a configuration"));
  }

  @SafeVarargs
  static <E extends Enum<E>> Choice<E> ofEnum(E... constants) {
    Map<String, E> values = new LinkedHashMap<>();
    for (E constant : constants) {
      values.put(constant.name().toLowerCase(Locale.ROOT), constant);
    }
    return new Choice<>(values);
  }

  private static Choice<Level> logLevels() {
    Map<String, Level> values = new LinkedHashMap<>();
    values.put("error", Level.SEVERE);
    values.put("warning", Level.WARNING);
    values.put("info", Level.INFO);
    values.put("debug", Level.FINE);
    return new Choice<>(values);
  }
}
