package org.vmlog.cli;

import org.vmlog.identity.RealmPath;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a realm: labels from the root, with slashes between them; a slash alone, or nothing, for
 * the root itself. Thread-safe.
 */
final class RealmConverter implements ITypeConverter<RealmPath> {
  private static final String ROOT = "/";

  @Override
  public RealmPath convert(String text) {
    try {
      return text.equals(ROOT) ? RealmPath.HERE : RealmPath.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
