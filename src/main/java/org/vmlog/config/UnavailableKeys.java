package org.vmlog.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Keys that are part of the configuration's contract and have nothing behind them yet. Setting one
 * is an error, never silence, unless it asks for what is so anyway. A key that gets its feature
 * loses its row here and gains a line in its section. Thread-safe.
 */
final class UnavailableKeys {

  /**
   * One such key.
   *
   * @param inForce the value which describes what this version does
   * @param message why any other value is refused
   */
  private record Row(String table, String key, ValueType<?> type, Object inForce, String message) {}

  private static final List<Row> ROWS = List.of(row("logs", "journald", ValueTypes.BOOLEAN, false));

  static void check(TomlView root, ConfigErrors errors) {
    for (Row row : ROWS) {
      TomlView table = root;
      for (String name : row.table().split("\\.", -1)) {
        table = table.table(name);
      }
      Optional<Setting> setting = table.find(row.key());
      if (setting.isPresent()
          && table.get(row.key(), row.type()).isPresent()
          && !row.inForce().equals(setting.get().value())) {
        errors.add(setting.get().refused(row.message()));
      }
    }
  }

  /** What this version does about the keys of a table. */
  static Map<String, Object> inForce(String table) {
    Map<String, Object> values = new TreeMap<>();
    for (Row row : ROWS) {
      if (row.table().equals(table)) {
        values.put(row.key(), row.inForce());
      }
    }
    return values;
  }

  private static Row row(String table, String key, ValueType<?> type, Object inForce) {
    String message = "not available in this version, which knows only " + shown(inForce);
    return new Row(table, key, type, inForce, message);
  }

  private static String shown(Object value) {
    return value instanceof String ? "\"" + value + "\"" : value.toString();
  }

  private UnavailableKeys() {}
}
