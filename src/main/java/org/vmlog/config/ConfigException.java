package org.vmlog.config;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The configuration cannot be used. Carries everything that is wrong with it, in the order of the
 * files and their lines; the message has one line an error. Immutable.
 */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<ConfigError> errors;
  private final String text;

  ConfigException(List<ConfigError> errors) {
    this.errors = List.copyOf(errors);
    this.text = errors.stream().map(ConfigError::toString).collect(Collectors.joining("\n"));
  }

  public List<ConfigError> errors() {
    return errors;
  }

  @Override
  public String getMessage() {
    return text;
  }
}
