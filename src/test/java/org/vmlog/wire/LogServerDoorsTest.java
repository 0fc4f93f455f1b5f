package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.vmlog.wire.ServerFixture.always;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.SocketAccess;
import org.vmlog.record.Channel;
import org.vmlog.testing.Await;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Guest.Method;

class LogServerDoorsTest {
  private static final byte[] REQUEST = "a request".getBytes(US_ASCII);

  @TempDir private Path folder;
  private ServerFixture fixture;
  private RecordingService service;
  private LogServer server;

  @BeforeEach
  void start() throws IOException {
    fixture = new ServerFixture();
    service = fixture.service;
    server = fixture.server;
  }

  @AfterEach
  void end() {
    fixture.close();
  }

  @Test
  void open_unix_peerIsTheProcessThatConnected() throws IOException {
    CompletableFuture<Peer> seen = new CompletableFuture<>();
    Path path = folder.resolve("s");
    server.open(
        new ListenAddress.Unix(path, ServerFixture.ACCESS),
        peer -> {
          seen.complete(peer);
          return new SourceIdentity.HostUser(((Peer.Unix) peer).uid());
        });
    try (Guest guest = Guest.on(path)) {
      guest.send(Method.KERNEL, REQUEST);
    }
    int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    int gid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
    assertThat(Await.value(seen))
        .isEqualTo(new Peer.Unix((int) ProcessHandle.current().pid(), uid, gid));
    RecordingService.Arrived arrived = service.arrived().get(0);
    assertThat(arrived.source()).isEqualTo(new SourceIdentity.HostUser(uid));
    assertThat(arrived.channel()).isEqualTo(Channel.KERNEL);
    assertThat(arrived.request()).isEqualTo(REQUEST);
  }

  @Test
  void open_tcpPortZero_tellsThePortAndThePeersAddress() throws IOException {
    CompletableFuture<Peer> seen = new CompletableFuture<>();
    Door door =
        server.open(
            loopback(0),
            peer -> {
              seen.complete(peer);
              return new SourceIdentity.Anonymous(0);
            });
    InetSocketAddress bound = (InetSocketAddress) door.boundAddress().orElseThrow();
    assertThat(bound.getPort()).isPositive();
    try (Guest guest = Guest.on(bound)) {
      guest.send(Method.USER, REQUEST);
    }
    assertThat(Await.value(seen)).isEqualTo(new Peer.Tcp(InetAddress.getLoopbackAddress()));
    assertThat(service.arrived().get(0).channel()).isEqualTo(Channel.USER);
  }

  @Test
  void open_fiveHundredDoors_everyCallHasTheIdentityOfItsDoor() throws IOException {
    List<Door> doors = new ArrayList<>();
    List<Guest> guests = new ArrayList<>();
    List<Future<byte[]>> calls = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Path path = folder.resolve("door-" + i);
      doors.add(fixture.open(path, 1000 + i));
      Guest guest = Guest.on(path);
      guests.add(guest);
      calls.add(guest.sendAsync(Method.USER, Integer.toString(1000 + i).getBytes(US_ASCII)));
    }
    calls.forEach(Await::value);
    assertThat(service.arrived()).hasSize(500);
    assertThat(service.arrived())
        .allMatch(
            one ->
                one.source()
                    .equals(
                        new SourceIdentity.Anonymous(
                            Long.parseLong(new String(one.request(), US_ASCII)))));
    assertThat(fixture.threads).hasSizeLessThanOrEqualTo(2);
    guests.forEach(Guest::close);
    Await.until("all have left", () -> service.admitted() == 0);
    assertThat(service.closed()).hasSameElementsAs(service.connected()).hasSize(500);
    doors.forEach(Door::close);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void close_door_itsConnectionsGoOn() throws IOException {
    Path path = folder.resolve("s");
    Door door = fixture.open(path, 7);
    try (Guest guest = Guest.on(path)) {
      guest.send(Method.USER, REQUEST);
      door.close();
      assertThat(path).doesNotExist();
      guest.send(Method.USER, REQUEST);
    }
    assertThat(service.arrived()).hasSize(2);
    assertThat(service.connected()).hasSize(1);
  }

  @Test
  void open_unixDoorInUse_isRefusedAndTheOtherStays() throws IOException {
    Path path = folder.resolve("s");
    fixture.open(path, 7);
    assertThatThrownBy(() -> fixture.open(path, 8))
        .isInstanceOf(BindException.class)
        .hasMessageContaining("unix:" + path);
    try (Guest guest = Guest.on(path)) {
      guest.send(Method.USER, REQUEST);
    }
    assertThat(service.connected()).containsExactly(new SourceIdentity.Anonymous(7));
  }

  @Test
  void open_tcpDoorInUse_namesTheAddress() throws IOException {
    Door door = server.open(loopback(0), always(0));
    int port = ((InetSocketAddress) door.boundAddress().orElseThrow()).getPort();
    assertThatThrownBy(() -> server.open(loopback(port), always(0)))
        .isInstanceOf(BindException.class)
        .hasMessageContaining("127.0.0.1:" + port);
  }

  @Test
  void open_fileInTheWay_isRefusedAndKept() throws IOException {
    Path path = Files.writeString(folder.resolve("s"), "precious");
    assertThatThrownBy(() -> fixture.open(path, 7))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(BindException.class)
        .hasMessageContaining("unix:" + path)
        .hasMessageContaining("a regular file");
    assertThat(path).hasContent("precious");
  }

  @Test
  void open_pathOver107Bytes_isBoundAndReached() throws IOException {
    Path deep = folder.resolve("d".repeat(100)).resolve("e".repeat(50));
    Path path = deep.resolve("s");
    fixture.open(path, 7);
    Path shortcut = Files.createSymbolicLink(folder.resolve("l"), deep);
    try (Guest guest = Guest.on(shortcut.resolve("s"))) {
      guest.send(Method.USER, REQUEST);
    }
    assertThat(service.arrived()).hasSize(1);
  }

  @Test
  void open_staleSocket_isReplaced() throws IOException {
    Path path = folder.resolve("s");
    try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      stale.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
    fixture.open(path, 7);
    try (Guest guest = Guest.on(path)) {
      guest.send(Method.USER, REQUEST);
    }
  }

  @Test
  void open_unix_hasTheModeThatWasAsked() throws IOException {
    Path path = folder.resolve("s");
    server.open(new ListenAddress.Unix(path, new SocketAccess(0620, Optional.empty())), always(7));
    assertThat((int) Files.getAttribute(path, "unix:mode") & 0777).isEqualTo(0620);
  }

  @Test
  void close_socketHasBeenReplaced_leavesTheOther() throws IOException {
    Path path = folder.resolve("s");
    Door door = fixture.open(path, 7);
    Files.delete(path);
    Files.writeString(path, "somebody else's");
    door.close();
    assertThat(path).hasContent("somebody else's");
  }

  @Test
  void open_vsock_bindsAnyContextId() throws IOException {
    assumeThat(Path.of("/dev/vsock")).as("needs AF_VSOCK").exists();
    ListenAddress address = new ListenAddress.Vsock(58_731);
    Door door;
    try {
      door = server.open(address, always(0));
    } catch (IOException e) {
      throw new TestAbortedException("needs AF_VSOCK: " + e.getMessage());
    }
    assertThatThrownBy(() -> server.open(address, always(0)))
        .isInstanceOf(BindException.class)
        .hasMessageContaining("vsock:any:58731");
    door.close();
    server.open(address, always(0)).close();
  }

  @Test
  void open_serverHasEnded_saysSo() {
    server.close();
    assertThatThrownBy(() -> fixture.open(folder.resolve("s"), 7))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unix:" + folder.resolve("s"));
    assertThat(folder).isEmptyDirectory();
  }

  private static ListenAddress.Tcp loopback(int port) {
    return new ListenAddress.Tcp(new InetSocketAddress("127.0.0.1", port));
  }
}
