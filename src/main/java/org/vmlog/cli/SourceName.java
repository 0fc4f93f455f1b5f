package org.vmlog.cli;

import org.vmlog.identity.ComponentId;
import org.vmlog.identity.SourceIdentity;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Who has logged, as people write it and as the place of its log begins: {@code OWNER/NAME}, {@code
 * @realms/REALM/…/NAME} or {@code @host/UID}.
 */
sealed interface SourceName {
  String REALMS = "@realms/";
  String HOST = "@host/";

  /** A virtual machine. */
  record Vm(VmName name) implements SourceName {
    @Override
    public String toString() {
      return name.toString();
    }
  }

  /** A component of this host. */
  record Component(ComponentId id) implements SourceName {
    @Override
    public String toString() {
      return REALMS + id;
    }
  }

  /** A user of this host. */
  record User(SourceIdentity.HostUser user) implements SourceName {
    @Override
    public String toString() {
      return HOST + Integer.toUnsignedString(user.uid());
    }
  }

  /** A virtual machine whose owner is to be found. */
  record NameAlone(String name) implements SourceName {
    @Override
    public String toString() {
      return name;
    }
  }

  /** For picocli. */
  final class Converter implements ITypeConverter<SourceName> {
    @Override
    public SourceName convert(String text) {
      try {
        if (text.startsWith(REALMS)) {
          return new Component(ComponentId.parse(text.substring(REALMS.length())));
        }
        if (text.startsWith(HOST)) {
          int uid = Integer.parseUnsignedInt(text.substring(HOST.length()));
          return new User(new SourceIdentity.HostUser(uid));
        }
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + text + "' is not @host/UID, such as @host/1000");
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
      return text.indexOf('/') < 0 && !text.isEmpty()
          ? new NameAlone(text)
          : new Vm(new VmName.Converter().convert(text));
    }
  }
}
