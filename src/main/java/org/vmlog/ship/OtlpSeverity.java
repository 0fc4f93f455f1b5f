package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.stream.Stream;
import org.vmlog.record.Severity;

/**
 * Syslog's severities as OpenTelemetry has them: "Logs Data Model", Appendix B, where syslog's
 * alert and critical are both in the range of FATAL's and ERROR's. Thread-safe.
 */
final class OtlpSeverity {
  /** By RFC 5424's numbers. */
  private static final int[] NUMBERS = {21, 19, 18, 17, 13, 10, 9, 5};

  private static final byte[][] TEXTS =
      Stream.of(Severity.values())
          .map(severity -> severity.keyword().getBytes(US_ASCII))
          .toArray(byte[][]::new);

  private OtlpSeverity() {}

  /** SeverityNumber of a severity of RFC 5424. */
  static int number(int severity) {
    return NUMBERS[severity];
  }

  /** SeverityText, which is the source's own word: syslog's keyword. Not to be changed. */
  static byte[] text(int severity) {
    return TEXTS[severity];
  }

  /** The severity of RFC 5424 in whose range a SeverityNumber is. */
  static int ofNumber(int number) {
    if (number == 0) {
      return Severity.NOTICE.number(); // nothing is said, as of a line without a priority
    }
    int severity = 0;
    while (severity < Severity.DEBUG.number() && number < NUMBERS[severity]) {
      severity++;
    }
    return severity;
  }
}
