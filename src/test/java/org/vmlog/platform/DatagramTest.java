package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.platform.DatagramListener.Received;
import org.vmlog.platform.DatagramSender.Outcome;
import org.vmlog.testing.Vmm;

@Timeout(60)
class DatagramTest {
  private static final SocketAccess ACCESS = new SocketAccess(0660, Optional.empty());

  @TempDir Path temp;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final ByteBuffer buffer = DatagramListener.newBuffer();
  private PrivateFolder folder;

  @BeforeEach
  void openFolder() throws IOException {
    folder = PrivateFolder.open(temp, List.of("sockets"));
    open.add(folder);
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
  }

  @Test
  void receive_whatWasSent_isTheSameOneByOne() throws IOException {
    DatagramListener listener = bind("a.lsock");
    DatagramSender sender = sender(listener.path());

    assertThat(sender.send(bytes("one"))).isEqualTo(Outcome.SENT);
    assertThat(sender.send(bytes("two"))).isEqualTo(Outcome.SENT);

    assertThat(listener.receive(buffer)).isEqualTo(Received.WHOLE);
    assertThat(text()).isEqualTo("one");
    assertThat(listener.receive(buffer)).isEqualTo(Received.WHOLE);
    assertThat(text()).isEqualTo("two");
    assertThat(listener.receive(buffer)).isEqualTo(Received.NOTHING);
  }

  @Test
  void receive_atAndOverTheLimit_tellsWhichWasTruncated() throws IOException {
    DatagramListener listener = bind("a.lsock");
    DatagramSender sender = sender(listener.path());

    sender.send(ByteBuffer.allocateDirect(DatagramListener.MAX_BYTES));
    assertThat(listener.receive(buffer)).isEqualTo(Received.WHOLE);
    assertThat(buffer.remaining()).isEqualTo(65_536);
    sender.send(ByteBuffer.allocateDirect(DatagramListener.MAX_BYTES + 1));
    assertThat(listener.receive(buffer)).isEqualTo(Received.TRUNCATED);
    assertThat(buffer.remaining()).isEqualTo(65_536);
    sender.send(ByteBuffer.allocateDirect(DatagramListener.MAX_BYTES + 70_000));
    sender.send(bytes("next"));
    assertThat(listener.receive(buffer)).isEqualTo(Received.TRUNCATED);
    assertThat(buffer.remaining()).isEqualTo(65_536);
    assertThat(listener.receive(buffer)).isEqualTo(Received.WHOLE);
    assertThat(text()).isEqualTo("next");
  }

  @Test
  void receive_nothingEverSent_isNothing() throws IOException {
    DatagramListener listener = bind("a.lsock");

    assertThat(listener.receive(buffer)).isEqualTo(Received.NOTHING);
    assertThat(listener.waits()).isFalse();
  }

  @Test
  void receive_emptyDatagram_isNothingAndTakenOffBeforeTheNext() throws IOException {
    DatagramListener listener = bind("a.lsock");
    try (Vmm vmm = Vmm.on(listener.path())) {
      vmm.say("");
      vmm.say("next");
    }

    assertThat(listener.receive(buffer)).isEqualTo(Received.NOTHING);
    assertThat(listener.waits()).isTrue();
    assertThat(listener.receive(buffer)).isEqualTo(Received.WHOLE);
    assertThat(text()).isEqualTo("next");
    assertThat(listener.receive(buffer)).isEqualTo(Received.NOTHING);
    assertThat(listener.waits()).isFalse();
  }

  @Test
  void receive_sendersWithAndWithoutAName_areTheSame() throws IOException {
    DatagramListener listener = bind("a.lsock");
    AFUNIXSocketAddress to = AFUNIXSocketAddress.of(listener.path());
    try (AFUNIXDatagramChannel named = AFUNIXDatagramChannel.open();
        AFUNIXDatagramChannel nameless = AFUNIXDatagramChannel.open()) {
      named.bind(AFUNIXSocketAddress.of(folder.path("sender")));
      for (String text : List.of("one", "two")) {
        assertThat(named.send(bytes(text), to)).isEqualTo(3);
        assertThat(nameless.send(bytes(text), to)).isEqualTo(3);
      }
    }

    for (String text : List.of("one", "one", "two", "two")) {
      assertThat(listener.receive(buffer)).isEqualTo(Received.WHOLE);
      assertThat(text()).isEqualTo(text);
    }
    assertThat(listener.receive(buffer)).isEqualTo(Received.NOTHING);
  }

  @Test
  void register_hundredsOfSockets_selectsThoseWithDatagrams() throws IOException {
    try (Selector selector = DatagramListener.openSelector()) {
      for (int i = 0; i < 300; i++) {
        bind(i + ".lsock").register(selector, i);
      }
      for (int i : new int[] {7, 150, 299}) {
        sender(folder.path(i + ".lsock")).send(bytes("for " + i));
      }

      Set<Object> ready = new HashSet<>();
      selector.select(10_000);
      for (SelectionKey key : selector.selectedKeys()) {
        ready.add(key.attachment());
      }

      assertThat(ready).containsExactlyInAnyOrder(7, 150, 299);
    }
  }

  @Test
  void bind_anyPath_hasItsModeAndLeavesNothingElse() throws IOException {
    bind("a.lsock");

    assertThat(Files.getAttribute(folder.path("a.lsock"), "unix:mode")).isEqualTo(0140660);
    try (var names = Files.list(folder.path())) {
      assertThat(names).containsExactly(folder.path("a.lsock"));
    }
  }

  @Test
  void bind_groupGiven_socketIsOfThatGroup() throws IOException {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "only root can give files to groups");

    open.add(
        DatagramListener.bind(folder, "a.lsock", new SocketAccess(0660, Optional.of("daemon"))));

    assertThat(Files.getAttribute(folder.path("a.lsock"), "posix:group")).hasToString("daemon");
  }

  /** So that a service under a system call filter without chown(2) can serve its VMMs' group. */
  @Test
  void bind_setGroupIdFolder_groupIsInheritedAndTheBitStays() throws IOException {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "only root can give files to groups");
    Path run = Files.createDirectory(temp.resolve("run"));
    Files.setAttribute(run, "posix:group", group("daemon"));
    Files.setAttribute(run, "unix:mode", 02750);

    try (PrivateFolder alice = PrivateFolder.open(run, List.of("alice"), Optional.of("daemon"))) {
      open.add(DatagramListener.bind(alice, "a.lsock", new SocketAccess(0660, Optional.empty())));
    }

    assertThat(Files.getAttribute(run.resolve("alice"), "unix:mode")).isEqualTo(042750);
    assertThat(Files.getAttribute(run.resolve("alice/a.lsock"), "posix:group"))
        .hasToString("daemon");
  }

  private static GroupPrincipal group(String name) throws IOException {
    return FileSystems.getDefault()
        .getUserPrincipalLookupService()
        .lookupPrincipalByGroupName(name);
  }

  @Test
  void bind_unknownGroup_namesItAndLeavesNothing() throws IOException {
    assertThatThrownBy(
            () ->
                DatagramListener.bind(
                    folder, "a.lsock", new SocketAccess(0660, Optional.of("no-such-group"))))
        .hasMessageContaining("no-such-group");
    assertThat(folder.path()).isEmptyDirectory();
  }

  @Test
  void bind_pathOver107Bytes_works() throws IOException {
    String owner = "o".repeat(200);
    String name = "n".repeat(200) + ".lsock";
    PrivateFolder deep = PrivateFolder.open(temp, List.of(owner));
    open.add(deep);
    DatagramListener listener = DatagramListener.bind(deep, name, ACCESS);
    open.add(listener);

    assertThat(listener.path()).isEqualTo(temp.resolve(owner).resolve(name));
    Path link = Files.createSymbolicLink(temp.resolve("link"), listener.path());
    assertThat(sender(link).send(bytes("far"))).isEqualTo(Outcome.SENT);
    assertThat(listener.receive(buffer)).isEqualTo(Received.WHOLE);
    assertThat(text()).isEqualTo("far");
  }

  @Test
  void send_folderOver107Bytes_isReached() throws IOException {
    PrivateFolder deep = PrivateFolder.open(temp, List.of("o".repeat(200)));
    open.add(deep);
    DatagramListener listener = DatagramListener.bind(deep, "a.lsock", ACCESS);
    open.add(listener);

    assertThat(sender(listener.path()).send(bytes("far"))).isEqualTo(Outcome.SENT);
    assertThat(listener.receive(buffer)).isEqualTo(Received.WHOLE);
  }

  @Test
  void send_nameOver107Bytes_saysThatItDoesNotFit() {
    DatagramSender sender = sender(folder.path("n".repeat(108)));

    assertThat(sender.send(bytes("far"))).isEqualTo(Outcome.UNREACHABLE);
    assertThat(sender.failure()).contains("bytes; allowed are 107");
  }

  @Test
  void bind_staleSocket_isReplaced() throws IOException {
    try (AFUNIXDatagramChannel killed = AFUNIXDatagramChannel.open()) {
      killed.bind(AFUNIXSocketAddress.of(folder.path("a.lsock")));
    }
    DatagramListener fresh = bind("a.lsock");

    sender(folder.path("a.lsock")).send(bytes("hello"));

    assertThat(fresh.receive(buffer)).isEqualTo(Received.WHOLE);
  }

  @Test
  void bind_liveSocket_isRefused() throws IOException {
    DatagramListener live = bind("a.lsock");

    assertThatThrownBy(() -> bind("a.lsock"))
        .isInstanceOf(BindException.class)
        .hasMessage(live.path() + " is in use by another process");

    sender(live.path()).send(bytes("hello"));
    assertThat(live.receive(buffer)).isEqualTo(Received.WHOLE);
  }

  @Test
  void bind_stagingFolderLeftByKill_isTakenAway() throws IOException {
    Path staging = Files.createDirectory(folder.path("a.lsock.new"));
    Files.createFile(staging.resolve("s"));

    bind("a.lsock");

    assertThat(staging).doesNotExist();
  }

  @Test
  void bind_fileThere_isRefusedAndKept() throws IOException {
    Path file = Files.writeString(folder.path("a.lsock"), "precious");

    assertThatThrownBy(() -> bind("a.lsock"))
        .hasMessage(file + ": is a regular file; allowed is nothing, or a socket left from before");
    assertThat(file).hasContent("precious");
  }

  @Test
  void bind_symbolicLinkThere_isRefusedAndTargetKept() throws IOException {
    DatagramListener other = bind("other.lsock");
    Files.createSymbolicLink(folder.path("a.lsock"), other.path());

    assertThatThrownBy(() -> bind("a.lsock")).hasMessageContaining("is a symbolic link");
    assertThat(sender(other.path()).send(bytes("still here"))).isEqualTo(Outcome.SENT);
  }

  @Test
  void close_pathStillOurs_unlinks() throws IOException {
    DatagramListener listener = bind("a.lsock");

    listener.close();

    assertThat(Files.exists(listener.path(), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  @Test
  void close_pathTakenByAnother_leavesIt() throws IOException {
    DatagramListener old = bind("a.lsock");
    Files.delete(old.path());
    DatagramListener fresh = bind("a.lsock");

    old.close();

    assertThat(sender(fresh.path()).send(bytes("hello"))).isEqualTo(Outcome.SENT);
    assertThat(fresh.receive(buffer)).isEqualTo(Received.WHOLE);
  }

  @Test
  void send_queueFull_wouldBlockAndGoesOnWhenRead() throws IOException {
    DatagramListener listener = bind("a.lsock");
    DatagramSender sender = sender(listener.path());
    int sent = 0;
    while (sender.send(bytes("x")) == Outcome.SENT) {
      sent++;
    }

    assertThat(sent).isPositive();
    assertThat(sender.send(bytes("x"))).isEqualTo(Outcome.WOULD_BLOCK);
    listener.receive(buffer);
    assertThat(sender.send(bytes("x"))).isEqualTo(Outcome.SENT);
  }

  @Test
  void send_overTheSendBuffer_isTooLargeAndAtItIsSent() throws IOException {
    DatagramListener listener = bind("a.lsock");
    DatagramSender sender = sender(listener.path());
    sender.send(bytes("connect"));
    int most = sender.maxBytes();

    assertThat(sender.send(ByteBuffer.allocateDirect(most + 1))).isEqualTo(Outcome.TOO_LARGE);
    assertThat(sender.send(ByteBuffer.allocateDirect(most))).isEqualTo(Outcome.SENT);
  }

  @Test
  void send_nobodyThere_isUnreachableUntilSomebodyIs() throws IOException {
    DatagramSender sender = sender(folder.path("a.lsock"));

    assertThat(sender.send(bytes("one"))).isEqualTo(Outcome.UNREACHABLE);
    assertThat(sender.failure()).contains("No such file or directory");
    DatagramListener listener = bind("a.lsock");
    assertThat(sender.send(bytes("two"))).isEqualTo(Outcome.SENT);
    listener.receive(buffer);
    assertThat(text()).isEqualTo("two");
  }

  @Test
  void send_receiverRestarted_isUnreachableOnceThenSent() throws IOException {
    DatagramListener listener = bind("a.lsock");
    DatagramSender sender = sender(listener.path());
    sender.send(bytes("one"));
    listener.close();
    DatagramListener restarted = bind("a.lsock");

    assertThat(sender.send(bytes("two"))).isEqualTo(Outcome.UNREACHABLE);
    assertThat(sender.send(bytes("two"))).isEqualTo(Outcome.SENT);
    restarted.receive(buffer);
    assertThat(text()).isEqualTo("two");
  }

  @Test
  void send_empty_isRefused() {
    assertThatThrownBy(() -> sender(folder.path("a.lsock")).send(bytes("")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an empty datagram; allowed is one byte and more");
  }

  private DatagramListener bind(String name) throws IOException {
    DatagramListener listener = DatagramListener.bind(folder, name, ACCESS);
    open.add(listener);
    return listener;
  }

  private DatagramSender sender(Path path) {
    DatagramSender sender = new DatagramSender(path);
    open.add(sender);
    return sender;
  }

  private String text() {
    return StandardCharsets.UTF_8.decode(buffer).toString();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
