package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConnectionListenerTest {
  private static final SocketAccess ACCESS = new SocketAccess(0600, Optional.empty());

  @TempDir Path folder;

  @Test
  void accept_connection_isADescriptorThatOutlivesTheListener() throws IOException {
    ConnectionListener listener = bind("sink");
    assertThat(listener.accept()).isEmpty();
    Descriptor client = StreamSocket.connect(listener.path());
    Descriptor server = listener.accept().orElseThrow();
    listener.close();

    StreamSocketFixture.write(client, "hello");
    client.close();
    assertThat(StreamSocketFixture.readToEnd(server)).isEqualTo("hello");
  }

  @Test
  void close_unlinksTheFile() throws IOException {
    ConnectionListener listener = bind("sink");
    assertThat(folder.resolve("sink")).exists();
    listener.close();
    assertThat(folder.resolve("sink")).doesNotExist();
  }

  @Test
  void register_connection_isSelected() throws Exception {
    BlockingQueue<SelectionKey> ready = new LinkedBlockingQueue<>();
    ConnectionListener listener = bind("sink");
    SelectorLoop loop = SelectorLoop.start(Thread::new, () -> {});
    loop.execute(
        () -> {
          try {
            listener.register(
                loop.selector(),
                key -> {
                  key.cancel();
                  ready.add(key);
                });
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    Descriptor client = StreamSocket.connect(listener.path());
    ready.take();
    loop.close();
    listener.accept().orElseThrow().close();
    client.close();
    listener.close();
  }

  private ConnectionListener bind(String name) throws IOException {
    Files.createDirectories(folder);
    try (PrivateFolder open = PrivateFolder.open(folder, List.of())) {
      return ConnectionListener.bind(open, name, ACCESS);
    }
  }
}
