package org.vmlog.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.BusObject;
import org.vmlog.bus.BusRequest;
import org.vmlog.bus.BusService;
import org.vmlog.testing.Await;
import org.vmlog.testing.Launcher;
import org.vmlog.testing.PrivateBus;

/** What a real bus makes of the policy that is shipped, with groups that every host has. */
@Timeout(60)
class DbusPolicyTest {
  private static final String NAME = "org.vmlog.Forwarder1";
  private static final String DENIED = "org.freedesktop.DBus.Error.AccessDenied: ";
  private static final int NOBODY = 65_534;
  private static final String ADMIN = "1"; // Debian's group daemon
  private static final String READER = "3"; // and sys

  private final ExecutorService calls = Executors.newSingleThreadExecutor();
  private PrivateBus bus;
  private BusConnection connection;

  @BeforeEach
  void serve() throws IOException {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(Launcher.isAvailable(), "GLib for Python is missing (Debian package python3-gi)");
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "only root can be another user");
    String policy =
        Files.readString(Path.of("packaging/dbus/org.vmlog.Forwarder1.conf"))
            .replaceFirst("(?s).*<busconfig>", "")
            .replace("</busconfig>", "")
            .replace("group=\"vmlog-admin\"", "group=\"daemon\"")
            .replace("group=\"vmlog\"", "group=\"sys\"")
            .replace("user=\"vmlog\"", "user=\"nobody\"");
    bus = PrivateBus.create().with(policy).start();
    BusObject object =
        new BusObject() {
          @Override
          public String introspection() {
            return "";
          }

          @Override
          public void call(BusRequest request) {
            request.reply();
          }
        };
    BusService service = new BusService(NAME, Map.of("/org/vmlog/Forwarder1", object), calls);
    connection = new BusConnection(bus.address(), Thread::new, service);
    connection.start();
    connection.awaitFirstAttempt(Await.PATIENCE);
  }

  @AfterEach
  void close() {
    if (connection != null) {
      connection.close();
      bus.close();
    }
    calls.shutdownNow();
  }

  @Test
  void root_mayCallEverything() throws IOException {
    try (Launcher launcher = Launcher.on(bus.address())) {
      assertThat(launcher.call("RegisterVm")).isEqualTo("ok []");
      assertThat(launcher.call("ListVms")).isEqualTo("ok []");
    }
  }

  @Test
  void memberOfTheAdmins_mayCallEverything() throws IOException {
    try (Launcher launcher = Launcher.on(bus.address(), NOBODY, ADMIN)) {
      assertThat(launcher.call("RegisterVm")).isEqualTo("ok []");
      assertThat(launcher.call("ListVms")).isEqualTo("ok []");
    }
  }

  @Test
  void memberOfTheReaders_mayListAndSeeStatistics() throws IOException {
    try (Launcher launcher = Launcher.on(bus.address(), NOBODY, READER)) {
      assertThat(launcher.call("ListVms")).isEqualTo("ok []");
      assertThat(launcher.call("GetStatistics", "alice", "web-1")).isEqualTo("ok []");
      assertThat(launcher.call("GetComponentStatistics")).isEqualTo("ok []");
      assertThat(launcher.call("GetUserStatistics")).isEqualTo("ok []");
      assertThat(launcher.call("GetCounters")).isEqualTo("ok []");
      assertThat(launcher.call("RegisterVm")).startsWith(DENIED);
      assertThat(launcher.call("UnregisterVm", "alice", "web-1")).startsWith(DENIED);
      assertThat(launcher.call("Rotate", "alice", "web-1")).startsWith(DENIED);
    }
  }

  @Test
  void anybodyElse_mayCallNothing() throws IOException {
    try (Launcher launcher = Launcher.on(bus.address(), NOBODY, "65534")) {
      assertThat(launcher.call("ListVms")).startsWith(DENIED);
      assertThat(launcher.call("GetStatistics", "alice", "web-1")).startsWith(DENIED);
      assertThat(launcher.call("GetCounters")).startsWith(DENIED);
      assertThat(launcher.call("RegisterVm")).startsWith(DENIED);
    }
  }
}
