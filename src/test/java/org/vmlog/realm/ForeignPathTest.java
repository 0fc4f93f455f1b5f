package org.vmlog.realm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.platform.ConnectionListener;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.SocketAccess;

/** What the broker may reach, and its caller may not. */
final class ForeignPathTest {
  private static final int ROOT = 0;

  @TempDir Path folder;

  private int own;
  private int stranger;
  private SinkFolder sinks;

  @BeforeEach
  void lookUp() throws IOException {
    own = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    stranger = own + 12_345;
    sinks = new SinkFolder(folder.resolve("sinks"), new SocketAccess(0600, Optional.empty()));
  }

  @Test
  void connect_serverOfTheCaller_isConnected() throws IOException {
    Path path = folder.resolve("own.sock");
    try (ServerSocketChannel server = listen(path)) {
      new ForeignPath(path, own).connect().close();
      server.accept().close();
    }
  }

  @Test
  void connect_serverOfAnotherUser_isRefusedButNotToRoot() throws IOException {
    Path path = folder.resolve("own.sock");
    try (ServerSocketChannel server = listen(path)) {
      assertThatThrownBy(() -> new ForeignPath(path, stranger).connect())
          .isInstanceOf(IOException.class)
          .hasMessage(
              "cannot connect to %s: user %d listens there; allowed is user %d",
              path, own, stranger);
      new ForeignPath(path, ROOT).connect().close();
    }
  }

  private static ServerSocketChannel listen(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return server.bind(UnixDomainSocketAddress.of(path));
  }

  @Test
  void bind_folderOfTheCaller_isListenedIn() throws IOException {
    Path path = Files.createDirectory(folder.resolve("mine")).resolve("cart.sink");
    try (ConnectionListener listener = sinks.bind(new ForeignPath(path, own))) {
      assertThat(listener.path()).isEqualTo(path).exists();
    }
  }

  @Test
  void bind_folderOfAnotherUser_isRefusedButNotToRoot() throws IOException {
    Path path = Files.createDirectory(folder.resolve("not-theirs")).resolve("cart.sink");
    assertThatThrownBy(() -> sinks.bind(new ForeignPath(path, stranger)))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage(
            "%s: its folder is user %d's; allowed is one of user %d, who asks",
            path, own, stranger);
    assertThat(path).doesNotExist();
    sinks.bind(new ForeignPath(path, ROOT)).close();
  }

  /** Whoever had a path of the broker's asks the next broker for it again. */
  @Test
  void bind_folderOfTheBroker_isAnybodys() throws IOException {
    Path path = sinks.directory().resolve("0123456789abcdef.sink");
    try (ConnectionListener listener = sinks.bind(new ForeignPath(path, stranger))) {
      assertThat(listener.path()).isEqualTo(path);
      Optional<Descriptor> nobody = listener.accept();
      assertThat(nobody).isEmpty();
    }
  }
}
