package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.epoll.AbstractEpollServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelConfig;
import io.grpc.netty.shaded.io.netty.channel.epoll.LinuxSocket;
import io.grpc.netty.shaded.io.netty.channel.epoll.VSockAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.vmlog.identity.SourceIdentity;

/**
 * A listening socket. It accepts, asks who the peer is, and makes the connection's channel with
 * that identity for an address, all before a byte is read. Confined to the event loop.
 */
final class DoorChannel extends AbstractEpollServerChannel {
  private static final int BACKLOG = 128;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;

  /** How sockets of one address family are bound, and what they tell of a peer. */
  private enum Family {
    VSOCK {
      @Override
      SocketAddress bind(LinuxSocket socket, SocketAddress address) throws IOException {
        socket.bindVSock((VSockAddress) address);
        return socket.localVSockAddress();
      }

      @Override
      Peer peer(LinuxSocket accepted) {
        return new Peer.Vsock(Integer.toUnsignedLong(accepted.remoteVSockAddress().getCid()));
      }
    },
    TCP {
      @Override
      SocketAddress bind(LinuxSocket socket, SocketAddress address) throws IOException {
        socket.setReuseAddress(true);
        socket.bind(address);
        return socket.localAddress();
      }

      @Override
      Peer peer(LinuxSocket accepted) throws IOException {
        accepted.setTcpNoDelay(true);
        InetSocketAddress remote = accepted.remoteAddress();
        if (remote == null) {
          throw new IOException("the peer has gone before it was asked for its address");
        }
        return new Peer.Tcp(remote.getAddress());
      }
    },
    UNIX {
      @Override
      SocketAddress bind(LinuxSocket socket, SocketAddress address) throws IOException {
        socket.bind(address);
        return address;
      }

      /** struct ucred of unix(7): pid, uid, gid. */
      @Override
      Peer peer(LinuxSocket accepted) throws IOException {
        ByteBuffer ucred = ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder());
        accepted.getRawOpt(SOL_SOCKET, SO_PEERCRED, ucred);
        return new Peer.Unix(ucred.getInt(0), ucred.getInt(4), ucred.getInt(8));
      }
    },
    ADOPTED {
      /** It is bound already. */
      @Override
      SocketAddress bind(LinuxSocket socket, SocketAddress address) {
        return address;
      }

      @Override
      Peer peer(LinuxSocket accepted) throws IOException {
        return UNIX.peer(accepted);
      }
    };

    abstract SocketAddress bind(LinuxSocket socket, SocketAddress address) throws IOException;

    abstract Peer peer(LinuxSocket accepted) throws IOException;
  }

  private final QuietConfig config = new QuietConfig(this);
  private final Family family;
  private final PeerIdentifier identifier;
  private volatile SocketAddress local = HubChannel.ADDRESS;

  private DoorChannel(LinuxSocket socket, Family family, PeerIdentifier identifier) {
    super(socket, false);
    this.family = family;
    this.identifier = identifier;
  }

  /** A door for an address's family, not bound yet. */
  static DoorChannel forAddress(ListenAddress address, PeerIdentifier identifier)
      throws IOException {
    if (address instanceof ListenAddress.Vsock) {
      return new DoorChannel(LinuxSocket.newVSockStream(), Family.VSOCK, identifier);
    }
    if (address instanceof ListenAddress.Tcp tcp) {
      boolean ipv6 = tcp.address().getAddress() instanceof Inet6Address;
      LinuxSocket socket = LinuxSocket.newSocketStream(ipv6);
      return new DoorChannel(socket, Family.TCP, identifier);
    }
    if (address instanceof ListenAddress.Adopted adopted) {
      return new DoorChannel(adopted.socket().release(), Family.ADOPTED, identifier);
    }
    return new DoorChannel(LinuxSocket.newSocketDomain(), Family.UNIX, identifier);
  }

  /** What to bind a door to that has no file. */
  static SocketAddress bindAddress(ListenAddress address) {
    if (address instanceof ListenAddress.Vsock vsock) {
      return new VSockAddress(VSockAddress.VMADDR_CID_ANY, vsock.port());
    }
    if (address instanceof ListenAddress.Tcp tcp) {
      return tcp.address();
    }
    if (address instanceof ListenAddress.Adopted) {
      return HubChannel.ADDRESS; // netty wants one; the socket keeps its own
    }
    throw new IllegalArgumentException(address + " is bound where its file is made");
  }

  @Override
  protected void doBind(SocketAddress address) throws Exception {
    local = family.bind(socket, address);
    socket.listen(BACKLOG);
    active = true;
  }

  @Override
  protected Channel newChildChannel(int fd, byte[] address, int offset, int length)
      throws Exception {
    LinuxSocket accepted = LinuxSocket.newSocket(fd);
    try {
      SourceIdentity source = identifier.identify(family.peer(accepted));
      return new PeerChannel(this, accepted, local, source);
    } catch (IOException | RuntimeException e) {
      accepted.close();
      throw e;
    }
  }

  @Override
  protected SocketAddress localAddress0() {
    return local;
  }

  @Override
  public EpollChannelConfig config() {
    return config;
  }
}
