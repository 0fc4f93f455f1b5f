package org.vmlog.identity;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one VM and from whom: the configuration, one claimant that announced it, or
 * both. Confined to the lifecycle thread.
 */
final class KnownVm {
  final VmId id;
  @Nullable Claim configured;
  @Nullable Claim announced;
  @Nullable Generation live;

  KnownVm(VmId id) {
    this.id = id;
  }

  /** Whether anybody still vouches for this VM. */
  boolean isClaimed() {
    return configured != null || announced != null;
  }

  /** The announced before the configured. */
  List<Claim> claims() {
    if (announced == null) {
      return configured == null ? List.of() : List.of(configured);
    }
    return configured == null ? List.of(announced) : List.of(announced, configured);
  }

  /**
   * A start of this VM with everything known of it.
   *
   * @param goesOn whether it was live before this forwarder
   */
  Generation generation(long number, Instant started, boolean goesOn) {
    List<Claim> claims = claims();
    Set<Long> cids = new LinkedHashSet<>();
    Set<InetAddress> addresses = new LinkedHashSet<>();
    for (Claim claim : claims) {
      OptionalLong cid = claim.vm().cid();
      cid.ifPresent(cids::add);
      addresses.addAll(claim.vm().addresses());
    }
    Optional<Path> hybridVsock =
        claims.stream().flatMap(claim -> claim.vm().hybridVsock().stream()).findFirst();
    return new Generation(
        id,
        number,
        started,
        announced != null && !goesOn,
        claims,
        List.copyOf(cids),
        addresses,
        hybridVsock);
  }
}
