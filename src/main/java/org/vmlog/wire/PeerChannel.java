package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundBuffer;
import io.grpc.netty.shaded.io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelConfig;
import io.grpc.netty.shaded.io.netty.channel.epoll.LinuxSocket;
import io.grpc.netty.shaded.io.netty.channel.unix.Errors;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.SourceIdentity;

/**
 * An accepted connection of any address family. It is not read before it has been told whose it is.
 * Confined to its door's event loop until it is served, and to its own after.
 */
final class PeerChannel extends AbstractEpollStreamChannel {
  private final QuietConfig config = new QuietConfig(this).withBounds();
  private final SocketAddress local;
  private final Peer peer;
  private @Nullable SourceIdentity source;

  PeerChannel(@Nullable Channel parent, LinuxSocket socket, SocketAddress local, Peer peer) {
    // The superclass only asks whether there is a remote address: somebody is connected.
    super(parent, socket, local);
    this.local = local;
    this.peer = peer;
  }

  /** What the kernel tells of the other end. */
  Peer peer() {
    return peer;
  }

  /** Says whose connection it is, once and for all; to be called before it is served. */
  void identify(SourceIdentity source) {
    if (this.source != null) {
      throw new IllegalStateException(
          "a connection of " + this.source + " cannot become " + source);
    }
    this.source = source;
  }

  /**
   * Reads what waits in the kernel, past the pipeline.
   *
   * @param into direct; filled from its start
   * @return how many bytes; 0 if none wait, -1 at the end
   */
  int readNow(ByteBuffer into) throws IOException {
    return socket.read(into, 0, into.capacity());
  }

  /**
   * Lets a peer that takes no more answers be heard to its end. It may have said all it had to, and
   * left, before it was served, and the first thing that gRPC does is to write: that this fails
   * must not cost what waits in the kernel. Reading comes to an end by itself.
   */
  @Override
  protected void doWrite(ChannelOutboundBuffer out) throws Exception {
    try {
      super.doWrite(out);
    } catch (Errors.NativeIoException e) {
      if (e.expectedErr() != Errors.ERRNO_EPIPE_NEGATIVE
          && e.expectedErr() != Errors.ERRNO_ECONNRESET_NEGATIVE) {
        throw e;
      }
      while (out.remove()) {
        // Nobody is there to take it.
      }
      super.doWrite(out); // has nothing to write, and stops waiting until it can
    }
  }

  /**
   * Closes a connection that is being served, past its handlers, which may wait for the peer. What
   * netty calls to close forcibly is for one that is not served yet: it tells nobody, and the
   * connection would go on to count as its source's. On its event loop.
   */
  static void closeNow(Channel served) {
    served.unsafe().close(served.voidPromise());
  }

  @Override
  public EpollChannelConfig config() {
    return config;
  }

  @Override
  protected SocketAddress localAddress0() {
    return local;
  }

  /** Nobody asks for it: who the peer is was found out at accept. */
  @Override
  protected SocketAddress remoteAddress0() {
    return local;
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("an accepted connection is not bound: " + address);
  }
}
