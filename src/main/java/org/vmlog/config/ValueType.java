package org.vmlog.config;

import java.util.Optional;

/**
 * What a key takes: turns TOML's value into ours. Implementations are immutable and thread-safe.
 */
@FunctionalInterface
interface ValueType<T> {

  /**
   * Reads a value.
   *
   * @param toml as tomlj has it: a String, Long, Double, Boolean, date, TomlArray or TomlTable
   * @throws BadValueException saying what is allowed
   */
  T parse(Object toml) throws BadValueException;

  /** The same, or {@code false}, which turns the thing off and reads as empty. */
  default ValueType<Optional<T>> orFalse() {
    return toml -> {
      if (Boolean.FALSE.equals(toml)) {
        return Optional.empty();
      }
      try {
        return Optional.of(parse(toml));
      } catch (BadValueException e) {
        throw new BadValueException(e.allowed() + ", or false");
      }
    };
  }
}
