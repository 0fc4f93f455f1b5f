package org.vmlog.lifecycle.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.bus.BusAuthority;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusObject;
import org.vmlog.bus.BusRequest;
import org.vmlog.bus.BusService;
import org.vmlog.testing.Await;
import org.vmlog.testing.Launcher;
import org.vmlog.testing.PrivateBus;

/** Real processes of other users ask, and a real bus says who they are. */
@Timeout(60)
class AuthorityTest {
  private static final int NOBODY = 65_534;
  private static final int ADMIN_GID = 54_321;
  private static final int READER_GID = 54_322;

  private final Map<String, Integer> groups = Map.of("vmlog-admin", ADMIN_GID, "vmlog", READER_GID);
  private final ExecutorService calls = Executors.newSingleThreadExecutor();
  private PrivateBus bus;
  private BusConnection connection;

  @BeforeEach
  void serve() throws IOException {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(Launcher.isAvailable(), "GLib for Python is missing (Debian package python3-gi)");
    bus = PrivateBus.create().start();
    Authority authority =
        new Authority(
            new BusAuthority(
                name ->
                    groups.containsKey(name)
                        ? OptionalInt.of(groups.get(name))
                        : OptionalInt.empty()));
    BusObject object =
        new BusObject() {
          @Override
          public String introspection() {
            return "";
          }

          @Override
          public void call(BusRequest request) throws BusException {
            boolean list = request.member().equals("ListVms");
            Authority.Right right = list ? Authority.Right.LIST : Authority.Right.REGISTER;
            request.reply("s", Integer.toString(authority.require(right, request).uid()));
          }
        };
    BusService service =
        new BusService(ForwarderObject.INTERFACE, Map.of(ForwarderObject.PATH, object), calls);
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
  void require_daemonsOwnUser_mayDoEverything() throws IOException {
    int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    try (Launcher launcher = Launcher.on(bus.address())) {
      assertThat(launcher.call("ListVms")).isEqualTo("ok [\"" + uid + "\"]");
      assertThat(launcher.call("Rotate", "a", "b")).isEqualTo("ok [\"" + uid + "\"]");
    }
  }

  @Test
  void require_memberOfTheAdmins_mayDoEverything() throws IOException {
    assumeRoot();
    try (Launcher launcher = Launcher.on(bus.address(), NOBODY, "1," + ADMIN_GID)) {
      assertThat(launcher.call("ListVms")).isEqualTo("ok [\"65534\"]");
      assertThat(launcher.call("Rotate", "a", "b")).isEqualTo("ok [\"65534\"]");
    }
  }

  @Test
  void require_memberOfTheReaders_mayListAndNothingElse() throws IOException {
    assumeRoot();
    try (Launcher launcher = Launcher.on(bus.address(), NOBODY, "1," + READER_GID)) {
      assertThat(launcher.call("ListVms")).isEqualTo("ok [\"65534\"]");
      assertThat(launcher.call("Rotate", "a", "b"))
          .isEqualTo(
              "org.vmlog.Error.Denied: user 65534 may not register VMs: root may, and group"
                  + " vmlog-admin");
    }
  }

  @Test
  void require_anybodyElse_mayDoNothing() throws IOException {
    assumeRoot();
    try (Launcher launcher = Launcher.on(bus.address(), NOBODY, "1")) {
      assertThat(launcher.call("ListVms"))
          .isEqualTo(
              "org.vmlog.Error.Denied: user 65534 may not list VMs: root may, and group"
                  + " vmlog-admin or vmlog");
      assertThat(launcher.call("Rotate", "a", "b")).startsWith("org.vmlog.Error.Denied: ");
    }
  }

  private static void assumeRoot() throws IOException {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "only root can be another user");
  }
}
