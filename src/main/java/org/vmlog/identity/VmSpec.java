package org.vmlog.identity;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What one claimant (the configuration, concierge) knows about a VM.
 *
 * @param id its owner and name
 * @param cid its vsock context id, 3 to 2^32-2
 * @param addresses the source addresses of its TCP connections; {@code ::ffff:a.b.c.d} becomes
 *     a.b.c.d
 * @param hybridVsock the Unix socket of a VMM with hybrid vsock; the VM's connections to port 9999
 *     arrive at this path with {@code _9999} appended
 * @param type what kind of VM its launcher calls it; nothing depends on it
 */
public record VmSpec(
    VmId id,
    OptionalLong cid,
    Set<InetAddress> addresses,
    Optional<Path> hybridVsock,
    Optional<String> type) {

  public VmSpec {
    Set<InetAddress> normalised = new LinkedHashSet<>();
    addresses.forEach(address -> normalised.add(Addresses.normalise(address)));
    addresses = Set.copyOf(normalised);
    hybridVsock = hybridVsock.map(Path::normalize);
  }

  /** A VM of which nothing but its owner and name is known. */
  public static VmSpec named(VmId id) {
    return new VmSpec(id, OptionalLong.empty(), Set.of(), Optional.empty(), Optional.empty());
  }

  /** A VM of which nothing but its name and CID is known. */
  public static VmSpec ofCid(VmId id, long cid) {
    return named(id).withCid(cid);
  }

  public VmSpec withCid(long cid) {
    return new VmSpec(id, OptionalLong.of(cid), addresses, hybridVsock, type);
  }

  public VmSpec withAddresses(Set<InetAddress> addresses) {
    return new VmSpec(id, cid, addresses, hybridVsock, type);
  }

  public VmSpec withHybridVsock(Path hybridVsock) {
    return new VmSpec(id, cid, addresses, Optional.of(hybridVsock), type);
  }

  public VmSpec withType(String type) {
    return new VmSpec(id, cid, addresses, hybridVsock, Optional.of(type));
  }

  /** Whether both lead the same peers to the same VM, whatever its kind is called. */
  public boolean identifiesAs(VmSpec other) {
    return id.equals(other.id) && marks().equals(other.marks());
  }

  /** What can be only one VM's. */
  Set<Mark> marks() {
    Set<Mark> marks = new LinkedHashSet<>();
    cid.ifPresent(value -> marks.add(new Mark("CID", value)));
    hybridVsock.ifPresent(path -> marks.add(new Mark("hybrid vsock", path)));
    for (InetAddress address : addresses) {
      marks.add(new Mark("address", address.getHostAddress()));
    }
    return marks;
  }
}
