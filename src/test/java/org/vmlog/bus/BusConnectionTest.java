package org.vmlog.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.freedesktop.dbus.connections.BusAddress;
import org.freedesktop.dbus.exceptions.DBusException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.PrivateBus;

@Timeout(60)
class BusConnectionTest {
  private static final Logger LOG = Logger.getLogger(BusConnection.class.getName());

  private final BlockingQueue<String> connections = new LinkedBlockingQueue<>();
  private final LogLines lines = new LogLines();
  private PrivateBus bus;

  @BeforeEach
  void createBus() throws IOException {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    bus = PrivateBus.create();
    LOG.addHandler(lines);
    LOG.setLevel(Level.INFO);
    LOG.setUseParentHandlers(false);
  }

  @AfterEach
  void close() {
    LOG.removeHandler(lines);
    LOG.setLevel(null);
    LOG.setUseParentHandlers(true);
    bus.close();
  }

  @Test
  void new_malformedAddress_isAnIllegalArgument() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BusConnection("session", Thread::new, session -> {}))
        .withMessageStartingWith("D-Bus address \"session\": ");
  }

  @Test
  void start_busThatComesAndGoes_isConnectedAgainEachTimeWithOneLineEach() throws Exception {
    try (BusConnection connection = connect()) {
      connection.start();
      assertThat(lines.next())
          .isEqualTo(
              "WARNING D-Bus at %s cannot be used (No such file or directory); trying again"
                  .formatted(bus.address()));
      bus.start();
      assertThat(nextConnection()).startsWith(":");
      assertThat(lines.next()).isEqualTo("INFO D-Bus at " + bus.address() + " is there");
      for (int round = 0; round < 3; round++) {
        bus.stop();
        assertThat(lines.next())
            .isEqualTo(
                "WARNING the connection to D-Bus at %s is lost; connecting again"
                    .formatted(bus.address()));
        bus.start();
        assertThat(nextConnection()).startsWith(":");
        assertThat(lines.next()).isEqualTo("INFO D-Bus at " + bus.address() + " is there");
      }
    }
    assertThat(lines.taken).isEmpty();
  }

  @Test
  void start_busThatRefusesUs_saysSoOnceAndTriesOn() throws Exception {
    bus.start(PrivateBus.Access.NOBODY);
    try (BusConnection connection = connect()) {
      connection.start();

      assertThat(lines.next())
          .startsWith("WARNING D-Bus at " + bus.address() + " does not let this user in (")
          .endsWith(
              "): its policy has to allow the user, and its configuration EXTERNAL"
                  + " authentication; trying again");

      bus.stop();
      bus.start();
      assertThat(nextConnection()).startsWith(":");
    }
  }

  @Test
  void start_clientThatFails_isGivenAnotherConnection() throws Exception {
    bus.start();
    try (BusConnection connection =
        new BusConnection(
            bus.address(),
            Thread::new,
            session -> {
              connections.add(session.getUniqueName());
              if (connections.size() == 1) {
                throw new IllegalStateException("not this one");
              }
            })) {
      connection.start();

      assertThat(lines.next())
          .isEqualTo(
              ("WARNING D-Bus at %s cannot be used"
                      + " (java.lang.IllegalStateException: not this one); trying again")
                  .formatted(bus.address()));
      assertThat(lines.next()).isEqualTo("INFO D-Bus at " + bus.address() + " is there");
      assertThat(nextConnection()).isNotEqualTo(nextConnection());
    }
  }

  @Test
  void close_busThatNeverAnswers_returns(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("bus");
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(UnixDomainSocketAddress.of(path));
      Thread[] made = new Thread[1];
      BusConnection connection =
          new BusConnection("unix:path=" + path, task -> made[0] = new Thread(task), session -> {});
      connection.start();
      try (SocketChannel accepted = silent.accept()) {
        connection.close();
        assertThat(accepted.isOpen()).isTrue();
        assertThat(made[0].isAlive()).isFalse();
      }
    }
  }

  @Test
  void close_connected_leavesTheBus() throws Exception {
    bus.start();
    BusConnection connection = connect();
    connection.start();
    nextConnection();

    connection.close();
    connection.close();

    bus.stop();
    assertThat(lines.taken).containsExactly("INFO D-Bus at " + bus.address() + " is there");
  }

  @Test
  void open_noBusManyTimes_leavesNoDescriptorOpen() throws Exception {
    BusAddress address = BusAddress.of(bus.address());
    open(address); // loads what it needs
    long before = descriptors();
    for (int i = 0; i < 100; i++) {
      open(address);
    }
    assertThat(descriptors()).isLessThan(before + 10);
  }

  private static void open(BusAddress address) {
    assertThatThrownBy(() -> BusSession.open(address))
        .isInstanceOf(DBusException.class)
        .hasMessage("No such file or directory");
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }

  private BusConnection connect() {
    return new BusConnection(
        bus.address(), Thread::new, session -> connections.add(session.getUniqueName()));
  }

  private String nextConnection() throws InterruptedException {
    return String.valueOf(connections.poll(20, TimeUnit.SECONDS));
  }

  private static final class LogLines extends Handler {
    final BlockingQueue<String> taken = new LinkedBlockingQueue<>();

    String next() throws InterruptedException {
      return String.valueOf(taken.poll(20, TimeUnit.SECONDS));
    }

    @Override
    public void publish(LogRecord record) {
      taken.add(record.getLevel() + " " + new SimpleFormatter().formatMessage(record));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
