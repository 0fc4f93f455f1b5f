package org.vmlog.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real dbus-daemon of its own: private socket in a temporary folder, no system file read, and
 * everything allowed. It can be stopped and started again on the same address.
 *
 * <p>Confined to one thread.
 */
public final class PrivateBus implements AutoCloseable {
  private static final List<Path> DAEMONS =
      List.of(Path.of("/usr/bin/dbus-daemon"), Path.of("/bin/dbus-daemon"));

  /** Who may connect. */
  public enum Access {
    EVERYBODY("<allow user=\"*\"/>"),
    NOBODY("<deny user=\"*\"/>");

    private final String policy;

    Access(String policy) {
      this.policy = policy;
    }
  }

  private final Path folder;
  private String more = "";
  private @Nullable Process daemon;

  private PrivateBus(Path folder) {
    this.folder = folder;
  }

  /** Whether this machine has a dbus-daemon (Debian's package dbus-daemon). */
  public static boolean isAvailable() {
    return DAEMONS.stream().anyMatch(Files::isExecutable);
  }

  /** A bus that is not running yet. */
  public static PrivateBus create() throws IOException {
    Path folder = Files.createTempDirectory("vmlog-bus");
    // Who may connect is the bus's to say.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new PrivateBus(folder);
  }

  /** Adds elements to its configuration, dbus-daemon(1), from its next start on. */
  public PrivateBus with(String elements) {
    more += elements + "\n";
    return this;
  }

  /** Where it listens while it runs, as a D-Bus address. */
  public String address() {
    return "unix:path=" + folder.resolve("bus");
  }

  public PrivateBus start() throws IOException {
    return start(Access.EVERYBODY);
  }

  /** Returns when the bus can be connected to. */
  public PrivateBus start(Access access) throws IOException {
    if (daemon != null) {
      throw new IllegalStateException("the bus runs already");
    }
    Path config = Files.writeString(folder.resolve("bus.conf"), config(access));
    Path errors = folder.resolve("stderr");
    daemon =
        new ProcessBuilder(
                DAEMONS.stream().filter(Files::isExecutable).findFirst().orElseThrow().toString(),
                "--config-file=" + config,
                "--nofork",
                "--nopidfile",
                "--nosyslog",
                "--print-address")
            .redirectError(errors.toFile())
            .start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8));
    if (output.readLine() == null) { // it prints its address once it listens
      stop();
      throw new IOException("dbus-daemon did not start: " + Files.readString(errors));
    }
    return this;
  }

  /** Ends the bus as a crash would: its peers see their connections close. */
  public void stop() {
    if (daemon != null) {
      daemon.destroyForcibly();
      boolean interrupted = false;
      while (daemon.isAlive()) {
        try {
          daemon.waitFor();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      daemon = null;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    stop();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String config(Access access) {
    return """
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
          "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <listen>%s</listen>
          <policy context="default">
            %s
            <allow own="*"/>
            <allow send_destination="*"/>
            <allow receive_sender="*"/>
          </policy>
          %s
        </busconfig>
        """
        .formatted(address(), access.policy, more);
  }
}
