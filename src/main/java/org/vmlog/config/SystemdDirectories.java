package org.vmlog.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The directories that systemd made for the service and names in its environment, systemd.exec(5)
 * under RuntimeDirectory=. Immutable.
 */
record SystemdDirectories(Optional<Path> runtime, Optional<Path> state, Optional<Path> logs) {
  private static final String HOME = "VMLOG_HOME";

  static SystemdDirectories of(Map<String, String> environment, ConfigErrors errors) {
    Optional<Path> home = first(environment, HOME, errors);
    return new SystemdDirectories(
        first(environment, "RUNTIME_DIRECTORY", errors).or(() -> home.map(in -> in.resolve("run"))),
        first(environment, "STATE_DIRECTORY", errors).or(() -> home.map(in -> in.resolve("state"))),
        first(environment, "LOGS_DIRECTORY", errors).or(() -> home.map(in -> in.resolve("logs"))));
  }

  /** {@code $VMLOG_HOME}, the one folder below which a private installation keeps everything. */
  static Optional<Path> home(Map<String, String> environment) {
    return first(environment, HOME, new ConfigErrors());
  }

  /** A unit with several directories of a kind gets them joined by colons; the first is ours. */
  private static Optional<Path> first(
      Map<String, String> environment, String variable, ConfigErrors errors) {
    String value = environment.getOrDefault(variable, "");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    int colon = value.indexOf(':');
    String first = colon < 0 ? value : value.substring(0, colon);
    try {
      return Optional.of(ValueTypes.ABSOLUTE_PATH.parse(first));
    } catch (BadValueException e) {
      errors.add(new Setting("environment", 0, 0, "$" + variable, value).refused(e.allowed()));
      return Optional.empty();
    }
  }
}
