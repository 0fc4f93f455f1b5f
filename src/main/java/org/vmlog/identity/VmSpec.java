package org.vmlog.identity;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one source of identities (the configuration, concierge) knows about a VM.
 *
 * @param id its owner and name
 * @param cid its vsock context id, 3 to 2^32-2
 * @param address the source address of its TCP connections
 * @param hybridVsock the Unix socket of a VMM with hybrid vsock; the VM's connections to port 9999
 *     arrive at this path with {@code _9999} appended
 */
public record VmSpec(
    VmId id, OptionalLong cid, Optional<InetAddress> address, Optional<Path> hybridVsock) {

  /** A VM of which nothing but its name and CID is known, as a start signal tells it. */
  public static VmSpec ofCid(VmId id, long cid) {
    return new VmSpec(id, OptionalLong.of(cid), Optional.empty(), Optional.empty());
  }
}
