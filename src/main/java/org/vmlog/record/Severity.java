package org.vmlog.record;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How urgent a record is: RFC 5424 section 6.2.1, by the keywords of syslog(3). The one place for
 * their names, wherever a user types or reads them. The ordinal is the RFC's number. Immutable.
 */
public enum Severity {
  EMERG("emergency"),
  ALERT("alert"),
  CRIT("critical"),
  ERR("error"),
  WARNING("warn"),
  NOTICE("notice"),
  INFO("information"),
  DEBUG("debug");

  /** What {@link #parse} takes, for people. */
  public static final String ALLOWED =
      Stream.of(values()).map(Severity::keyword).collect(Collectors.joining(", ")) + " or 0 to 7";

  private static final Severity[] ALL = values();

  private final String keyword = name().toLowerCase(Locale.ROOT);
  private final String longName;

  Severity(String longName) {
    this.longName = longName;
  }

  /** By the RFC's number, 0 to 7. */
  public static Severity of(int number) {
    return ALL[number];
  }

  /**
   * Reads a keyword, a longer name that people use for it, or a number, in any case.
   *
   * @throws IllegalArgumentException if it is none, without a message; see {@link #ALLOWED}
   */
  public static Severity parse(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    for (Severity severity : ALL) {
      if (name.equals(severity.keyword)
          || name.equals(severity.longName)
          || name.equals(Integer.toString(severity.number()))) {
        return severity;
      }
    }
    throw new IllegalArgumentException();
  }

  /** The RFC's number, 0 to 7. */
  @SuppressWarnings("EnumOrdinal") // the constants stand in its order
  public int number() {
    return ordinal();
  }

  /** {@code emerg} to {@code debug}. */
  public String keyword() {
    return keyword;
  }
}
