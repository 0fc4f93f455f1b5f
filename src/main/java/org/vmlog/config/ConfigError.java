package org.vmlog.config;

/**
 * One thing that is wrong in the configuration. Immutable.
 *
 * @param file the file as it was named, or {@code environment}
 * @param line from 1; 0 when the place has no lines, as the environment
 * @param column from 1; 0 when the place has no lines
 * @param key dotted, such as {@code logs.rotation.keep}; empty when the file is not TOML there
 * @param value as it stands in the file, shortened; empty when the key is missing
 * @param message what was allowed, or why the value cannot be used
 */
public record ConfigError(
    String file, int line, int column, String key, String value, String message) {

  /** {@code FILE:LINE: KEY = VALUE: MESSAGE}, without the parts that are not known. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(file);
    if (line > 0) {
      text.append(':').append(line);
    }
    text.append(": ");
    if (!key.isEmpty()) {
      text.append(key);
      if (!value.isEmpty()) {
        text.append(" = ").append(value);
      }
      text.append(": ");
    }
    return text.append(message).toString();
  }
}
