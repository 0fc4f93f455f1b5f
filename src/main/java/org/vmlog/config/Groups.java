package org.vmlog.config;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Which group a socket is given to. A group that was asked for must exist; the default one is used
 * if it does, since nobody asked. Confined to one thread.
 */
final class Groups {
  private final HostFacts host;
  private final Consumer<String> notices;

  Groups(HostFacts host, Consumer<String> notices) {
    this.host = host;
    this.notices = notices;
  }

  /**
   * Reads a key that names the group of a socket or folder.
   *
   * @return empty for the process's own group
   */
  Optional<String> read(TomlView table, String key, String byDefault) {
    return read(table, key, byDefault, "is left at the daemon's own group");
  }

  /**
   * Reads a key that names a group.
   *
   * @param without what becomes of the key if the default group is missing
   */
  Optional<String> read(TomlView table, String key, String byDefault, String without) {
    Optional<Setting> setting = table.find(key);
    if (setting.isPresent()) {
      return table.get(key, existing().orFalse(), Optional.empty());
    }
    if (host.hasGroup(byDefault)) {
      return Optional.of(byDefault);
    }
    notices.accept(
        "no group \"%s\" on this host: %s %s".formatted(byDefault, table.nameOf(key), without));
    return Optional.empty();
  }

  private ValueType<String> existing() {
    return toml -> {
      if (toml instanceof String name && !name.isEmpty() && host.hasGroup(name)) {
        return name;
      }
      throw new BadValueException("a group that exists on this host");
    };
  }
}
