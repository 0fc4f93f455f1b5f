package org.vmlog.forwarder;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.intake.Identifiers;
import org.vmlog.platform.InheritedSockets.Inherited;
import org.vmlog.platform.SocketAccess;
import org.vmlog.wire.Door;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.Peer;
import org.vmlog.wire.PeerIdentifier;
import org.vmlog.wire.SocketFamily;

/**
 * The doors that are no single VM's: vsock, TCP and this host's own socket. Where the service
 * manager has passed a socket of a family, that is the family's door and the configuration's is not
 * opened. Confined to one thread.
 */
final class HostDoors implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostDoors.class);

  private final LogServer server;
  private final PeerIdentifier vsock;
  private final PeerIdentifier tcp;
  private final PeerIdentifier unix;
  private final List<Door> doors = new ArrayList<>();

  HostDoors(LogServer server, SourceRegistry registry, boolean anonymousTcp) {
    this.server = server;
    this.vsock = Identifiers.byCid(registry);
    this.tcp = Identifiers.byAddress(registry, anonymousTcp);
    this.unix = Identifiers.byUser();
  }

  /**
   * Opens them.
   *
   * @throws BindException if an address or socket is somebody else's
   * @throws IOException if one cannot be opened; the message names it
   */
  void open(ForwarderConfig.Listen listen, List<Inherited> inherited) throws IOException {
    Set<SocketFamily> passed = EnumSet.noneOf(SocketFamily.class);
    PeerIdentifier byFamily = Identifiers.byFamily(vsock, tcp, unix);
    for (Inherited socket : inherited) {
      ListenAddress address = new ListenAddress.Inherited(socket.descriptor(), socket.name());
      passed.add(open(address, byFamily).family());
    }
    if (listen.vsockPort().isPresent() && !passed.contains(SocketFamily.VSOCK)) {
      openVsock(new ListenAddress.Vsock(listen.vsockPort().getAsInt()));
    }
    Optional<InetSocketAddress> address = listen.tcp();
    if (address.isPresent() && !passed.contains(SocketFamily.TCP)) {
      open(new ListenAddress.Tcp(address.get()), tcp);
    }
    Optional<Path> path = listen.unix();
    if (path.isPresent() && !passed.contains(SocketFamily.UNIX)) {
      SocketAccess access = new SocketAccess(listen.unixMode(), listen.unixGroup());
      open(new ListenAddress.Unix(path.get(), access), unix);
    }
  }

  /** A host without vsock still serves its other doors; another process on the port is an error. */
  private void openVsock(ListenAddress address) throws IOException {
    try {
      open(address, vsock);
    } catch (BindException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("no vsock here, going on without it ({})", e.getMessage());
    }
  }

  /** Opens a door like vsock's on a host that has none, for guests who all have this CID. */
  void openAsVsock(ListenAddress address, long cid) throws IOException {
    var unused = open(address, peer -> vsock.identify(new Peer.Vsock(cid)));
  }

  private Door open(ListenAddress address, PeerIdentifier identifier) throws IOException {
    Door door = server.open(address, identifier);
    doors.add(door);
    LOG.info("listening on {}", door);
    return door;
  }

  /** Stops accepting; connections go on. */
  @Override
  public void close() {
    doors.forEach(Door::close);
  }
}
