package org.vmlog.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening sockets that a service manager opened and passed to this process, sd_listen_fds(3).
 * The manager keeps them, so that what connects during a restart waits and is not refused.
 * Immutable.
 */
public final class InheritedSockets {
  private static final Logger LOG = LoggerFactory.getLogger(InheritedSockets.class);

  /** SD_LISTEN_FDS_START. */
  private static final int FIRST = 3;

  private static final int O_NONBLOCK = 04000;

  /**
   * A socket.
   *
   * @param name what its unit's {@code FileDescriptorName=} says, systemd.socket(5)
   * @param descriptor non-blocking
   */
  public record Inherited(String name, int descriptor) {}

  private InheritedSockets() {}

  /**
   * What an environment says that this process was given; nothing if that is for another process.
   *
   * @throws IOException if what it says cannot be so, or a descriptor would block
   */
  public static List<Inherited> of(Map<String, String> environment) throws IOException {
    return of(environment, ProcessHandle.current().pid());
  }

  static List<Inherited> of(Map<String, String> environment, long ownPid) throws IOException {
    String count = environment.getOrDefault("LISTEN_FDS", "0");
    if (!environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(ownPid))) {
      if (!count.equals("0")) {
        LOG.info("$LISTEN_FDS is for another process, not for {}", ownPid);
      }
      return List.of();
    }
    if (!count.matches("\\d{1,4}")) {
      throw new IOException("$LISTEN_FDS = %s: expected a number".formatted(count));
    }
    String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
    List<Inherited> inherited = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(count); i++) {
      String name = i < names.length ? names[i] : "unknown";
      refuseIfBlocking(name, FIRST + i);
      inherited.add(new Inherited(name, FIRST + i));
    }
    return inherited;
  }

  /** One that blocks would stop all who are served by the thread that accepts. */
  private static void refuseIfBlocking(String name, int descriptor) throws IOException {
    Path info = Path.of("/proc/self/fdinfo", Integer.toString(descriptor));
    for (String line : Files.readAllLines(info)) {
      if (line.startsWith("flags:")) {
        int flags = Integer.parseInt(line.substring("flags:".length()).strip(), 8);
        if ((flags & O_NONBLOCK) == 0) {
          throw new IOException(
              "descriptor %s (%s) is blocking: set NonBlocking=true in the service's unit"
                  .formatted(descriptor, name));
        }
      }
    }
  }
}
