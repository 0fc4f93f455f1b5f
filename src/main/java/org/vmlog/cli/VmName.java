package org.vmlog.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code OWNER/NAME}, as people write a VM; an owner with a slash cannot be written so. */
record VmName(String owner, String name) {

  /** For picocli. */
  static final class Converter implements ITypeConverter<VmName> {
    @Override
    public VmName convert(String text) {
      int slash = text.indexOf('/');
      if (slash <= 0 || slash == text.length() - 1) {
        throw new TypeConversionException("'" + text + "' is not OWNER/NAME, such as alice/web-1");
      }
      return new VmName(text.substring(0, slash), text.substring(slash + 1));
    }
  }

  @Override
  public String toString() {
    return owner + "/" + name;
  }
}
