package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.epoll.LinuxSocket;
import io.grpc.netty.shaded.io.netty.channel.epoll.VSockAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The address families of doors: how sockets of one are bound, and what they tell of a peer. */
public enum SocketFamily {
  /** vsock(7): a peer is known by its context id. */
  VSOCK {
    @Override
    SocketAddress bind(LinuxSocket socket, SocketAddress address) throws IOException {
      socket.bindVSock((VSockAddress) address);
      return local(socket);
    }

    @Override
    SocketAddress local(LinuxSocket socket) {
      return socket.localVSockAddress();
    }

    @Override
    Peer peer(LinuxSocket accepted) throws IOException {
      VSockAddress remote = accepted.remoteVSockAddress();
      if (remote == null) {
        throw new IOException("the peer has gone before it was asked for its CID");
      }
      return new Peer.Vsock(Integer.toUnsignedLong(remote.getCid()));
    }
  },
  /** tcp(7): a peer is known by its source address. */
  TCP {
    @Override
    SocketAddress bind(LinuxSocket socket, SocketAddress address) throws IOException {
      socket.setReuseAddress(true);
      socket.bind(address);
      return local(socket);
    }

    @Override
    SocketAddress local(LinuxSocket socket) {
      return socket.localAddress();
    }

    @Override
    Peer peer(LinuxSocket accepted) throws IOException {
      accepted.setTcpNoDelay(true);
      accepted.setKeepAlive(true);
      InetSocketAddress remote = accepted.remoteAddress();
      if (remote == null) {
        throw new IOException("the peer has gone before it was asked for its address");
      }
      return new Peer.Tcp(remote.getAddress());
    }
  },
  /** unix(7): a peer is known by its credentials. */
  UNIX {
    @Override
    SocketAddress bind(LinuxSocket socket, SocketAddress address) throws IOException {
      socket.bind(address);
      return address;
    }

    @Override
    SocketAddress local(LinuxSocket socket) {
      return socket.localDomainSocketAddress();
    }

    /** struct ucred of unix(7): pid, uid, gid. */
    @Override
    Peer peer(LinuxSocket accepted) throws IOException {
      ByteBuffer ucred = ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder());
      accepted.getRawOpt(SOL_SOCKET, SO_PEERCRED, ucred);
      return new Peer.Unix(ucred.getInt(0), ucred.getInt(4), ucred.getInt(8));
    }
  };

  // socket(7)
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int SO_DOMAIN = 39;
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int AF_VSOCK = 40;

  /** The family of a socket that somebody else has made. */
  static SocketFamily of(LinuxSocket socket) throws IOException {
    ByteBuffer domain = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
    socket.getRawOpt(SOL_SOCKET, SO_DOMAIN, domain);
    return switch (domain.getInt(0)) {
      case AF_UNIX -> UNIX;
      case AF_INET, AF_INET6 -> TCP;
      case AF_VSOCK -> VSOCK;
      default ->
          throw new IOException(
              "its address family is %s; allowed are AF_UNIX, AF_INET, AF_INET6 and AF_VSOCK"
                  .formatted(domain.getInt(0)));
    };
  }

  /** Binds a socket and answers where it is bound. */
  abstract SocketAddress bind(LinuxSocket socket, SocketAddress address) throws IOException;

  /** Where a socket is bound. */
  abstract SocketAddress local(LinuxSocket socket);

  /** Who is at the other end of an accepted connection. */
  abstract Peer peer(LinuxSocket accepted) throws IOException;
}
