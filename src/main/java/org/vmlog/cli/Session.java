package org.vmlog.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import org.vmlog.platform.HostZone;

/**
 * What a command that shows logs finds around it. Immutable.
 *
 * @param out buffered; lines are bytes, not text
 * @param terminal whether that is one, and not a file or another program
 */
record Session(
    Stdout out,
    boolean terminal,
    Map<String, String> environment,
    ZoneId zone,
    InstantSource clock) {
  /** This process's. */
  static Session ofProcess() {
    return new Session(
        new Stdout(), isTerminal(), System.getenv(), HostZone.here(), InstantSource.system());
  }

  /** Java's own answer is for stdin and stdout together, and another with each version. */
  private static boolean isTerminal() {
    try {
      String stdout = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return stdout.startsWith("/dev/pts/")
          || stdout.startsWith("/dev/tty")
          || stdout.equals("/dev/console");
    } catch (IOException e) {
      return true; // not to be told: better escaped than not
    }
  }

  /** Whether that is a terminal on which one can write anywhere. */
  boolean hasScreen() {
    return terminal && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }

  /** Whether a terminal of this kind is to have colours, unless it was said. */
  boolean likesColour() {
    return terminal
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }
}
