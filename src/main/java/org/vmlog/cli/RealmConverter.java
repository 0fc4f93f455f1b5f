package org.vmlog.cli;

import org.vmlog.identity.RealmPath;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a realm: labels from the root, with slashes between them. Thread-safe. */
final class RealmConverter implements ITypeConverter<RealmPath> {
  @Override
  public RealmPath convert(String text) {
    try {
      return RealmPath.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
