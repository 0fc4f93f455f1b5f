package org.vmlog.config;

import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * A value where it stands. Immutable.
 *
 * @param key dotted from the root
 */
record Setting(String file, int line, int column, String key, Object value) {
  private static final int SHOWN_CHARS = 100;

  /** The error of this value, for the given reason. */
  ConfigError refused(String message) {
    return new ConfigError(file, line, column, key, shown(), message);
  }

  /** The error of a key that should stand in the table which this setting is. */
  ConfigError lacks(String name, String message) {
    return new ConfigError(file, line, column, key + "." + name, "", message);
  }

  /** {@code FILE:LINE}. */
  String where() {
    return file + ":" + line;
  }

  private String shown() {
    if (value instanceof TomlTable) {
      return "{…}";
    }
    if (value instanceof TomlArray) {
      return "[…]";
    }
    String text =
        value instanceof String string
            ? '"' + Toml.tomlEscape(string).toString() + '"'
            : value.toString();
    return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "…";
  }
}
