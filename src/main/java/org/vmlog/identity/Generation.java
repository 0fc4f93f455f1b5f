package org.vmlog.identity;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One start of one VM. CIDs are reused and names come back, so a connection belongs to the
 * generation that was live when it was accepted, and to no other.
 *
 * <p>Compared by object identity: two starts of one VM are two generations. Immutable.
 */
public final class Generation {
  private final VmId id;
  private final long number;
  private final Instant started;
  private final boolean announced;
  private final List<Claim> claims;
  private final List<Long> cids;
  private final Set<InetAddress> addresses;
  private final Optional<Path> hybridVsock;

  Generation(
      VmId id,
      long number,
      Instant started,
      boolean announced,
      List<Claim> claims,
      List<Long> cids,
      Set<InetAddress> addresses,
      Optional<Path> hybridVsock) {
    this.id = id;
    this.number = number;
    this.started = started;
    this.announced = announced;
    this.claims = List.copyOf(claims);
    this.cids = List.copyOf(cids);
    this.addresses = Set.copyOf(addresses);
    this.hybridVsock = hybridVsock;
  }

  public VmId id() {
    return id;
  }

  /** Grows by one with every start of any VM. */
  public long number() {
    return number;
  }

  /** When its claim came, by the wall clock. */
  public Instant started() {
    return started;
  }

  /**
   * Whether somebody has just said that the VM starts. That is not so of one that was live before
   * this forwarder, and of one that only the configuration knows.
   */
  public boolean isAnnounced() {
    return announced;
  }

  /** Who says that this VM exists: an announcement, the configuration, or both in this order. */
  public List<Claim> claims() {
    return claims;
  }

  /** Every vsock context id that means this VM now; the one a launcher announced comes first. */
  public List<Long> cids() {
    return cids;
  }

  /** The context id to show for this VM; 0 when it has none. */
  public long cid() {
    return cids.isEmpty() ? 0 : cids.get(0);
  }

  /** The source addresses whose TCP connections are this VM's. */
  public Set<InetAddress> addresses() {
    return addresses;
  }

  public Optional<Path> hybridVsock() {
    return hybridVsock;
  }

  @Override
  public String toString() {
    return id + " (CID " + cid() + ", generation " + number + ")";
  }
}
