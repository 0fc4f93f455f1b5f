package org.vmlog.platform;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.Optional;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * A {@code SOCK_STREAM} socket bound to a path, whose connections are passed on as descriptors.
 * Nothing here waits. Confined to the thread of its selector.
 */
public final class ConnectionListener implements Closeable {
  private static final int BACKLOG = 128;

  private final Descriptor descriptor;
  private final AFUNIXServerSocketChannel channel;
  private final SocketFile file;

  /** junixsocket accepts nothing where it bound a path itself and finds that renamed. */
  private ConnectionListener(Descriptor descriptor, SocketFile file) throws IOException {
    this.descriptor = descriptor;
    this.channel = FileDescriptorCast.using(descriptor.java()).as(AFUNIXServerSocketChannel.class);
    this.file = file;
    channel.configureBlocking(false);
    channel.socket().setDeleteOnClose(false);
  }

  /**
   * Binds {@code folder/name}, in the place of a socket left from before, and listens.
   *
   * @throws java.net.BindException when another process listens there
   * @throws java.nio.file.FileSystemException when something else than a socket has that name
   */
  public static ConnectionListener bind(PrivateFolder folder, String name, SocketAccess access)
      throws IOException {
    AFUNIXServerSocketChannel bound = AFUNIXSelectorProvider.provider().openServerSocketChannel();
    try {
      SocketFile file =
          SocketFile.bind(
              folder, name, access, path -> bound.bind(AFUNIXSocketAddress.of(path), BACKLOG));
      return new ConnectionListener(Descriptor.takeOver(bound.getFileDescriptor()), file);
    } catch (IOException | RuntimeException e) {
      bound.close();
      throw e;
    }
  }

  /** Watches for connections. */
  public SelectionKey register(Selector selector, SelectorLoop.Watched attachment)
      throws IOException {
    return channel.register(selector, SelectionKey.OP_ACCEPT, attachment);
  }

  /** Takes a connection, if one waits. */
  public Optional<Descriptor> accept() throws IOException {
    AFUNIXSocketChannel accepted = channel.accept();
    return accepted == null
        ? Optional.empty()
        : Optional.of(Descriptor.takeOver(accepted.getFileDescriptor()));
  }

  public Path path() {
    return file.path();
  }

  /** Closes the socket and unlinks its name, unless something else has it by now. */
  @Override
  public void close() throws IOException {
    try (descriptor) {
      channel.close();
      file.unlink();
    }
  }
}
