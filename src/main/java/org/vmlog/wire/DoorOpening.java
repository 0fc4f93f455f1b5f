package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.channel.unix.Errors;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.platform.SocketFile;

/**
 * Makes a socket listen, on whatever kind of address, with errors that name it. Thread-safe; waits
 * for the event loop.
 */
final class DoorOpening {
  // include/uapi/asm-generic/errno-base.h and errno.h
  private static final int EPERM = 1;
  private static final int EACCES = 13;
  private static final int EADDRINUSE = 98;

  private DoorOpening() {}

  /**
   * Opens a door.
   *
   * @param handler has what comes in by it
   * @throws BindException if somebody else listens there
   * @throws AccessDeniedException if this process may not
   * @throws IOException if it cannot be opened; the message names the address
   */
  static Door open(ListenAddress address, EventLoopGroup loops, DoorHandler handler)
      throws IOException {
    DoorChannel channel;
    try {
      channel = DoorChannel.forAddress(address);
    } catch (IOException e) {
      throw named(address, e);
    } catch (RuntimeException e) {
      // netty's wording for a socket that the kernel will not make: AF_VSOCK without its module
      throw new IOException("cannot listen on " + address + ": " + rootMessage(e), e);
    }
    channel.pipeline().addLast(handler);
    try {
      waitFor(loops.register(channel));
      if (address instanceof ListenAddress.Unix unix) {
        Path path = unix.path().toAbsolutePath();
        try (PrivateFolder folder = PrivateFolder.open(parent(path), List.of())) {
          return new Door(address, channel, publish(channel, folder, path, unix.access()));
        }
      }
      if (address instanceof ListenAddress.HybridVsock hybrid) {
        Path path = hybrid.path().toAbsolutePath();
        try (PrivateFolder folder = PrivateFolder.openForeign(parent(path))) {
          return new Door(address, channel, publish(channel, folder, path, hybrid.access()));
        }
      }
      bind(channel, DoorChannel.bindAddress(address)); // an inherited one only listens
      return new Door(address, channel, null);
    } catch (IOException e) {
      var unused = channel.close().awaitUninterruptibly();
      throw named(address, e);
    } catch (RuntimeException e) {
      var unused = channel.close().awaitUninterruptibly();
      throw e;
    }
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent(), "a socket cannot be at /");
  }

  private static SocketFile publish(
      DoorChannel channel, PrivateFolder folder, Path path, SocketAccess access)
      throws IOException {
    String name = String.valueOf(path.getFileName());
    return SocketFile.bind(
        folder, name, access, at -> bind(channel, new DomainSocketAddress(at.toString())));
  }

  private static void bind(DoorChannel channel, SocketAddress address) throws IOException {
    waitFor(channel.bind(address));
  }

  private static void waitFor(ChannelFuture future) throws IOException {
    var unused = future.awaitUninterruptibly();
    Throwable cause = future.cause();
    if (cause instanceof IOException e) {
      throw e;
    }
    if (cause != null) {
      throw new IOException(cause);
    }
  }

  private static IOException named(ListenAddress address, IOException e) {
    String message = String.valueOf(e.getMessage());
    String what = "cannot listen on " + address;
    int errno = e instanceof Errors.NativeIoException failed ? -failed.expectedErr() : 0;
    IOException named;
    if (e instanceof BindException || errno == EADDRINUSE) {
      named = new BindException(what + ": " + message);
    } else if (e instanceof AccessDeniedException || errno == EACCES || errno == EPERM) {
      named = new AccessDeniedException(what, null, message);
    } else {
      named = new IOException(what + ": " + message);
    }
    named.initCause(e);
    return named;
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
