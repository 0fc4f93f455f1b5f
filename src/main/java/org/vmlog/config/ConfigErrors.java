package org.vmlog.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Gathers what is wrong, so that all of it can be told at once. Confined to one thread. */
final class ConfigErrors {
  private final List<ConfigError> errors = new ArrayList<>();

  void add(ConfigError error) {
    errors.add(error);
  }

  /**
   * Throws what was gathered, if anything.
   *
   * @param files the files in the order they were read; errors are told in that order
   */
  void throwIfAny(List<String> files) throws ConfigException {
    if (!errors.isEmpty()) {
      errors.sort(
          Comparator.comparingInt((ConfigError e) -> files.indexOf(e.file()))
              .thenComparingInt(ConfigError::line)
              .thenComparingInt(ConfigError::column));
      throw new ConfigException(errors);
    }
  }
}
