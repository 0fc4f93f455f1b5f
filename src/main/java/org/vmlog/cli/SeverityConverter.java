package org.vmlog.cli;

import org.vmlog.record.Severity;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a severity, as its RFC 5424 number. Thread-safe. */
final class SeverityConverter implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    try {
      return Severity.parse(text).number();
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("\"%s\": allowed are %s".formatted(text, Severity.ALLOWED));
    }
  }
}
