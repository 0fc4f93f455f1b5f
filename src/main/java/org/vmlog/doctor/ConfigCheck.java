package org.vmlog.doctor;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.vmlog.config.ConfigException;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.config.ForwarderConfigReader;

/**
 * Whether the configuration can be read, and what is in force: the defaults, if it cannot.
 * Immutable.
 */
record ConfigCheck(Finding finding, ForwarderConfig config) {

  static ConfigCheck of(Optional<Path> file) {
    ForwarderConfigReader reader = new ForwarderConfigReader(System.getenv());
    Path named = file.orElse(reader.defaultFile());
    try {
      ForwarderConfig config = file.isPresent() ? reader.read(named) : reader.readDefault();
      String right = Files.exists(named) ? named + " is right" : "no " + named + ", as is allowed";
      return new ConfigCheck(Finding.ok(right), config);
    } catch (ConfigException e) {
      String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return withDefaults(
          Finding.wrong(
              first, "mend it; vmlog-forwarder --check-config says everything that is wrong"));
    } catch (NoSuchFileException e) {
      return withDefaults(Finding.wrong("no such file: " + e.getFile(), "name another"));
    } catch (AccessDeniedException e) {
      return withDefaults(
          Finding.note(
              "permission denied: " + e.getFile() + ", so this goes by the defaults",
              "be root to have it looked at"));
    } catch (IOException e) {
      return withDefaults(Finding.wrong(named + ": " + e.getMessage(), "make it readable"));
    }
  }

  private static ConfigCheck withDefaults(Finding finding) {
    return new ConfigCheck(finding, ForwarderConfigReader.defaults());
  }
}
