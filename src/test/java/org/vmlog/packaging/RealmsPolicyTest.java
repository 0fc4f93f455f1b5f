package org.vmlog.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.platform.SocketAccess;
import org.vmlog.realm.BrokerLimits;
import org.vmlog.realm.SinkFolder;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.testing.DbusSend;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.ShellCommand;

/**
 * What a real bus makes of the broker's policy, with a group and users that every host has, before
 * the broker itself is asked.
 */
@Timeout(60)
final class RealmsPolicyTest {
  private static final String REALMS = "org.vmlog.Realms1";
  private static final String CONNECTOR = "org.vmlog.LogConnector1";
  private static final String EVENTS = "org.vmlog.EventSource1";
  private static final String BY_THE_BUS = "org.freedesktop.DBus.Error.AccessDenied";

  private static final int NOBODY = 65_534;
  private static final int ADMINS = 1; // Debian's group daemon
  private static final int VMLOG = 3; // and its user sys

  @TempDir Path folder;

  private PrivateBus bus;
  private RealmDaemon broker;

  @BeforeEach
  void serve() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(DbusSend.isAvailable(), "only root can be another, by dbus-send (dbus-bin)");
    String policy =
        Files.readString(Path.of("packaging/dbus/org.vmlog.Realms1.conf"))
            .replaceFirst("(?s).*<busconfig>", "")
            .replace("</busconfig>", "")
            .replace("group=\"vmlog-admin\"", "group=\"daemon\"")
            .replace("user=\"vmlog\"", "user=\"sys\"");
    bus = PrivateBus.create().with(policy).start();
    broker =
        RealmDaemon.start(
            bus.address(),
            List.of("daemon"),
            new SinkFolder(folder.resolve("sinks"), new SocketAccess(0600, Optional.empty())),
            new BrokerLimits(10, 10, 10, 64 << 10));
  }

  @AfterEach
  void close() {
    if (broker != null) {
      broker.close();
      bus.close();
    }
  }

  @Test
  void root_mayCallEverything() throws Exception {
    mayCallEverything(new DbusSend(bus.address(), 0, 0));
  }

  @Test
  void memberOfTheAdmins_mayCallEverything() throws Exception {
    mayCallEverything(new DbusSend(bus.address(), NOBODY, ADMINS));
  }

  /** The broker is root here, and could bind and connect to anything. */
  @Test
  void memberOfTheAdmins_mayNameNoPathsOfOthers() throws Exception {
    assumeTrue(ShellCommand.exists("busctl"), "busctl is missing (Debian package systemd)");
    String ofRoot = folder.resolve("root.sock").toString();
    String component = "2 name s cart use_log_sink b true";
    assertThat(callAsAdmin("ProvideLogSink asa{sv}s 0 " + component + " " + ofRoot))
        .contains("its folder is user 0's; allowed is one of user " + NOBODY);
    assertThat(Path.of(ofRoot)).doesNotExist();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(ofRoot));
      assertThat(callAsAdmin("CreateRealm assa{sv} 0 tests 1 log_sink s " + ofRoot)).isEmpty();
      assertThat(callAsAdmin("OpenLogSink asa{sv} 1 tests " + component))
          .contains("user 0 listens there; allowed is user " + NOBODY);
    }
  }

  private String callAsAdmin(String call) throws Exception {
    String busctl =
        "setpriv --reuid=%d --regid=%d --clear-groups busctl --address=%s call %s %s %s "
            .formatted(
                NOBODY, ADMINS, bus.address(), REALMS, "/" + REALMS.replace('.', '/'), REALMS);
    Process process =
        new ProcessBuilder((busctl + call).split(" ", -1)).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void mayCallEverything(DbusSend user) throws Exception {
    assertThat(user.call(REALMS, "ListRealms")).contains("method return", "\"realm\"");
    assertThat(user.call(CONNECTOR, "TakeLogConnectionListener", "array:string:"))
        .contains("method return", "boolean true");
    assertThat(user.call(EVENTS, "TakeStaticEventStream", "string:/"))
        .contains("method return", "file descriptor");
  }

  @Test
  void forwardersUser_mayTakeListenersAlone() throws Exception {
    DbusSend forwarder = new DbusSend(bus.address(), VMLOG, NOBODY);
    assertThat(forwarder.call(REALMS, "ListRealms")).contains(BY_THE_BUS);
    // This broker runs as another user than the forwarder's, and so refuses: the bus did not.
    assertThat(forwarder.call(CONNECTOR, "TakeLogConnectionListener", "array:string:"))
        .contains("org.vmlog.Error.Denied");
    assertThat(forwarder.call(EVENTS, "TakeStaticEventStream", "string:/"))
        .contains("org.vmlog.Error.Denied");
  }

  @Test
  void anybodyElse_mayCallNothing() throws Exception {
    DbusSend somebody = new DbusSend(bus.address(), NOBODY, NOBODY);
    assertThat(somebody.call(REALMS, "ListRealms")).contains(BY_THE_BUS);
    assertThat(somebody.call(CONNECTOR, "TakeLogConnectionListener", "array:string:"))
        .contains(BY_THE_BUS);
    assertThat(somebody.call(EVENTS, "TakeStaticEventStream", "string:/")).contains(BY_THE_BUS);
  }
}
