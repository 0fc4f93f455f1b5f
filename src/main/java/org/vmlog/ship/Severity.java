package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Syslog's severities as OpenTelemetry has them: "Logs Data Model", Appendix B, where syslog's
 * alert and critical are both in the range of FATAL's and ERROR's. Immutable.
 */
enum Severity {
  EMERGENCY(0, 21, "emerg"),
  ALERT(1, 19, "alert"),
  CRITICAL(2, 18, "crit"),
  ERROR(3, 17, "err"),
  WARNING(4, 13, "warning"),
  NOTICE(5, 10, "notice"),
  INFO(6, 9, "info"),
  DEBUG(7, 5, "debug");

  private static final Severity[] ALL = values();

  private final int syslog;
  private final int number;

  @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
  private final byte[] text;

  Severity(int syslog, int number, String text) {
    this.syslog = syslog;
    this.number = number;
    this.text = text.getBytes(US_ASCII);
  }

  /** By RFC 5424's number. */
  static Severity of(int number) {
    return ALL[number];
  }

  /** By OpenTelemetry's number: the one whose range it is in. */
  static Severity ofNumber(int number) {
    if (number == 0) {
      return NOTICE; // nothing is said, as of a line without a priority
    }
    for (Severity severity : ALL) {
      if (number >= severity.number) {
        return severity;
      }
    }
    return DEBUG;
  }

  /** RFC 5424's number. */
  int syslog() {
    return syslog;
  }

  /** SeverityNumber of OpenTelemetry. */
  int number() {
    return number;
  }

  /** What syslog calls it; SeverityText is the source's own word. Not to be changed. */
  byte[] text() {
    return text;
  }
}
