package org.vmlog.intake;

import java.net.InetAddress;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.SourceIdentity.Refused.Cause;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.wire.Peer;
import org.vmlog.wire.PeerIdentifier;

/** Who comes in by each kind of door. The identifiers it makes are thread-safe. */
public final class Identifiers {
  /** VMADDR_CID_HYPERVISOR, _LOCAL and _HOST; vsock(7). None of them is ever a guest. */
  private static final long LAST_RESERVED_CID = 2;

  private static final int ROOT = 0;

  private Identifiers() {}

  /** A guest by the context id that the kernel gives for its connection, announced or not yet. */
  public static PeerIdentifier byCid(SourceRegistry registry) {
    return peer -> {
      if (!(peer instanceof Peer.Vsock guest)) {
        return unexpected(peer);
      }
      if (guest.cid() <= LAST_RESERVED_CID) {
        return new SourceIdentity.Refused(
            Cause.RESERVED_CID, "CID " + guest.cid() + " is not a guest's (3 or more)");
      }
      return registry
          .byCid(guest.cid())
          .<SourceIdentity>map(SourceIdentity.Vm::new)
          .orElseGet(() -> new SourceIdentity.Anonymous(guest.cid()));
    };
  }

  /**
   * A guest by its source address.
   *
   * @param anonymousAllowed whether an address nobody registered may log, as VM(0)
   */
  public static PeerIdentifier byAddress(SourceRegistry registry, boolean anonymousAllowed) {
    return peer -> {
      if (!(peer instanceof Peer.Tcp guest)) {
        return unexpected(peer);
      }
      InetAddress address = guest.address();
      return registry
          .byAddress(address)
          .<SourceIdentity>map(SourceIdentity.Vm::new)
          .orElseGet(
              () -> anonymousAllowed ? new SourceIdentity.Anonymous(0) : unregistered(address));
    };
  }

  private static SourceIdentity unregistered(InetAddress address) {
    return new SourceIdentity.Refused(
        Cause.UNREGISTERED_ADDRESS,
        "no VM is registered with the address " + address.getHostAddress());
  }

  /** A process of this host by the user it runs as. */
  public static PeerIdentifier byUser() {
    return peer ->
        peer instanceof Peer.Unix process
            ? new SourceIdentity.HostUser(process.uid())
            : unexpected(peer);
  }

  /** By whichever of the others fits what the kernel says of the peer. */
  public static PeerIdentifier byFamily(
      PeerIdentifier vsock, PeerIdentifier tcp, PeerIdentifier unix) {
    return peer -> {
      if (peer instanceof Peer.Vsock) {
        return vsock.identify(peer);
      }
      return peer instanceof Peer.Tcp ? tcp.identify(peer) : unix.identify(peer);
    };
  }

  /** Whoever comes in by a VM's own door is that VM: the door's path is what says so. */
  public static PeerIdentifier always(Generation vm) {
    SourceIdentity source = new SourceIdentity.Vm(vm);
    return peer -> source;
  }

  /**
   * The VMM in whose folder the door is. All VMMs are of the group that may reach the door, but the
   * folder's owner is this VM's alone. If that is root, it says nothing of the VMM, and the
   * folder's permissions have to.
   *
   * @param owner the folder's uid
   */
  public static PeerIdentifier ofFolder(Generation vm, int owner) {
    PeerIdentifier vms = always(vm);
    if (owner == ROOT) {
      return vms;
    }
    return peer -> {
      if (!(peer instanceof Peer.Unix process)) {
        return unexpected(peer);
      }
      return process.uid() == owner || process.uid() == ROOT
          ? vms.identify(peer)
          : new SourceIdentity.Refused(
              Cause.FOREIGN_USER,
              "uid %s connects as the VMM of %s, whose folder is uid %s's"
                  .formatted(process.uid(), vm, owner));
    };
  }

  private static SourceIdentity unexpected(Peer peer) {
    return new SourceIdentity.Refused(
        Cause.WRONG_KIND, "a peer of another kind than the door's: " + peer);
  }
}
