package org.vmlog.cli;

import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a severity, as syslog(3) names and numbers them. Thread-safe. */
final class SeverityConverter implements ITypeConverter<Integer> {
  private static final List<String> NAMES =
      List.of("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug");

  @Override
  public Integer convert(String text) {
    int number = NAMES.indexOf(text);
    if (number < 0 && text.length() == 1 && text.charAt(0) >= '0' && text.charAt(0) <= '7') {
      number = text.charAt(0) - '0';
    }
    if (number < 0) {
      throw new TypeConversionException(
          "\"%s\": allowed are %s and 0 to 7".formatted(text, String.join(", ", NAMES)));
    }
    return number;
  }
}
