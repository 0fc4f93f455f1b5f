package org.vmlog.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * One table as all files together say it: a key's value is the last file's that has it. What cannot
 * be used goes to the errors and reads as the fallback, so that reading always comes to its end.
 *
 * <p>The view remembers which keys it was asked for. Those are the known ones, so that there is no
 * second list of keys to keep: {@link #reportUnknown} refuses the others.
 *
 * <p>Confined to one thread.
 */
final class TomlView {

  /** A table of an array of tables, and the place where it begins. */
  record Entry(Setting at, TomlView view) {}

  private final String prefix;
  private final List<TomlFile> layers;
  private final ConfigErrors errors;
  private final Set<String> known = new LinkedHashSet<>();
  private final Map<String, TomlView> tables = new HashMap<>();
  private final Map<String, List<Entry>> arrays = new HashMap<>();

  /**
   * The root of some files.
   *
   * @param files later ones override earlier ones
   */
  TomlView(List<TomlFile> files, ConfigErrors errors) {
    this("", files, errors);
  }

  private TomlView(String prefix, List<TomlFile> layers, ConfigErrors errors) {
    this.prefix = prefix;
    this.layers = layers;
    this.errors = errors;
  }

  /** The value of a key, or the fallback when it is not set or not good. */
  <T> T get(String key, ValueType<T> type, T fallback) {
    return get(key, type).orElse(fallback);
  }

  /** The value of a key, or empty when it is not set or not good. */
  <T> Optional<T> get(String key, ValueType<T> type) {
    Optional<Setting> setting = find(key);
    if (setting.isPresent()) {
      try {
        return Optional.of(type.parse(setting.get().value()));
      } catch (BadValueException e) {
        errors.add(setting.get().refused(e.allowed()));
      }
    }
    return Optional.empty();
  }

  /** Where and as what a key is set, whatever its type. */
  Optional<Setting> find(String key) {
    known.add(key);
    Optional<Setting> last = Optional.empty();
    for (TomlFile layer : layers) {
      Object value = layer.root().get(List.of(key));
      if (value != null) {
        last = Optional.of(setting(layer, key, value));
      }
    }
    return last;
  }

  /** The key's full name, dotted from the root. */
  String nameOf(String key) {
    return prefix + key;
  }

  /** A table in this one; empty when no file has it. */
  TomlView table(String name) {
    known.add(name);
    return tables.computeIfAbsent(name, this::openTable);
  }

  /** The tables of an array, {@code [[name]]}, of all files in their order. */
  List<Entry> entries(String name) {
    known.add(name);
    return arrays.computeIfAbsent(name, this::openArray);
  }

  /** Refuses every key and table that was never asked for, here and below. */
  void reportUnknown() {
    for (TomlFile layer : layers) {
      for (Map.Entry<String, Object> entry : layer.root().entrySet()) {
        if (!known.contains(entry.getKey())) {
          String what = entry.getValue() instanceof TomlTable ? "no such table" : "no such key";
          errors.add(
              setting(layer, entry.getKey(), entry.getValue())
                  .refused(what + Spelling.suggestion(entry.getKey(), known)));
        }
      }
    }
    tables.values().forEach(TomlView::reportUnknown);
    arrays.values().forEach(entries -> entries.forEach(entry -> entry.view().reportUnknown()));
  }

  private TomlView openTable(String name) {
    List<TomlFile> inside = new ArrayList<>();
    for (TomlFile layer : layers) {
      Object value = layer.root().get(List.of(name));
      if (value instanceof TomlTable table) {
        inside.add(new TomlFile(layer.name(), table));
      } else if (value != null) {
        errors.add(setting(layer, name, value).refused("a table, [" + prefix + name + "]"));
      }
    }
    return new TomlView(prefix + name + ".", inside, errors);
  }

  private List<Entry> openArray(String name) {
    List<Entry> entries = new ArrayList<>();
    for (TomlFile layer : layers) {
      Object value = layer.root().get(List.of(name));
      if (value instanceof TomlArray array) {
        for (int i = 0; i < array.size(); i++) {
          TomlPosition at = array.inputPositionOf(i);
          Setting setting =
              new Setting(layer.name(), at.line(), at.column(), prefix + name, array.get(i));
          if (array.get(i) instanceof TomlTable table) {
            TomlFile inside = new TomlFile(layer.name(), table);
            entries.add(
                new Entry(setting, new TomlView(prefix + name + ".", List.of(inside), errors)));
          } else {
            errors.add(setting.refused("a table, [[" + prefix + name + "]]"));
          }
        }
      } else if (value != null) {
        errors.add(
            setting(layer, name, value).refused("a list of tables, [[" + prefix + name + "]]"));
      }
    }
    return entries;
  }

  private Setting setting(TomlFile layer, String key, Object value) {
    TomlPosition at = layer.root().inputPositionOf(List.of(key));
    return new Setting(
        layer.name(),
        at == null ? 0 : at.line(),
        at == null ? 0 : at.column(),
        prefix + Toml.joinKeyPath(List.of(key)),
        value);
  }
}
