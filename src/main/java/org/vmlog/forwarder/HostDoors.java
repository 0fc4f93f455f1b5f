package org.vmlog.forwarder;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.config.ForwarderConfig.StreamListen;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.intake.Identifiers;
import org.vmlog.intake.VmDoor;
import org.vmlog.platform.InheritedSockets.Inherited;
import org.vmlog.platform.SocketAccess;
import org.vmlog.wire.Door;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.Peer;
import org.vmlog.wire.PeerIdentifier;
import org.vmlog.wire.Protocol;
import org.vmlog.wire.SocketFamily;

/**
 * The doors that are no single VM's: vsock, TCP and this host's own socket, for each thing that is
 * spoken. Where the service manager has passed a socket of a family, that is the family's door and
 * the configuration's is not opened. Confined to one thread.
 */
final class HostDoors implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostDoors.class);

  private static final String GRPC = "grpc";

  private final LogServer server;
  private final Map<String, Protocol> protocols;
  private final PeerIdentifier vsock;
  private final PeerIdentifier tcp;
  private final PeerIdentifier unix;
  private final List<Door> doors = new ArrayList<>();

  HostDoors(LogServer server, List<VmDoor> kinds, SourceRegistry registry, boolean anonymousTcp) {
    this.server = server;
    this.protocols = kinds.stream().collect(Collectors.toMap(VmDoor::kind, VmDoor::protocol));
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
    Map<String, Set<SocketFamily>> passed = new HashMap<>();
    PeerIdentifier byFamily = Identifiers.byFamily(vsock, tcp, unix);
    for (Inherited socket : inherited) {
      ListenAddress address = new ListenAddress.Inherited(socket.descriptor(), socket.name());
      // Its name is a unit's FileDescriptorName=; gRPC's may have any.
      String kind = protocols.containsKey(socket.name()) ? socket.name() : GRPC;
      SocketFamily family = open(address, byFamily, kind).family();
      passed.computeIfAbsent(kind, key -> EnumSet.noneOf(SocketFamily.class)).add(family);
    }
    SocketAccess access = new SocketAccess(listen.unixMode(), listen.unixGroup());
    StreamListen grpc = new StreamListen(listen.vsockPort(), listen.tcp(), listen.unix());
    open(GRPC, grpc, access, passed);
    open("journal", listen.journal(), access, passed);
    open("syslog", listen.syslog(), access, passed);
  }

  private void open(
      String kind,
      StreamListen listen,
      SocketAccess access,
      Map<String, Set<SocketFamily>> inherited)
      throws IOException {
    Set<SocketFamily> passed = inherited.getOrDefault(kind, Set.of());
    if (listen.vsockPort().isPresent() && !passed.contains(SocketFamily.VSOCK)) {
      openVsock(new ListenAddress.Vsock(listen.vsockPort().getAsInt()), kind);
    }
    Optional<InetSocketAddress> address = listen.tcp();
    if (address.isPresent() && !passed.contains(SocketFamily.TCP)) {
      var unused = open(new ListenAddress.Tcp(address.get()), tcp, kind);
    }
    Optional<Path> path = listen.unix();
    if (path.isPresent() && !passed.contains(SocketFamily.UNIX)) {
      var unused = open(new ListenAddress.Unix(path.get(), access), unix, kind);
    }
  }

  /** A host without vsock still serves its other doors; another process on the port is an error. */
  private void openVsock(ListenAddress address, String kind) throws IOException {
    try {
      var unused = open(address, vsock, kind);
    } catch (BindException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("no vsock here, going on without it ({})", e.getMessage());
    }
  }

  /** Opens a door like vsock's on a host that has none, for guests who all have this CID. */
  void openAsVsock(ListenAddress address, long cid) throws IOException {
    openAsVsock(address, cid, GRPC);
  }

  /** The same for what is spoken there. */
  void openAsVsock(ListenAddress address, long cid, String kind) throws IOException {
    var unused = open(address, peer -> vsock.identify(new Peer.Vsock(cid)), kind);
  }

  private Door open(ListenAddress address, PeerIdentifier identifier, String kind)
      throws IOException {
    Protocol protocol = Objects.requireNonNull(protocols.get(kind));
    Door door = server.open(address, identifier, protocol);
    doors.add(door);
    LOG.info("listening on {}, {}", door, kind);
    return door;
  }

  /** Stops accepting; connections go on. */
  @Override
  public void close() {
    doors.forEach(Door::close);
  }
}
