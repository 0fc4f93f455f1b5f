package org.vmlog.identity;

import java.util.Optional;

/**
 * Somebody's word that a VM exists, and what is the VM's. Immutable.
 *
 * @param lease what the claim ends with, besides its release: kept here for the claimant's side,
 *     which gave it and knows how to look whether it still lasts
 */
public record Claim(Claimant claimant, VmSpec vm, Optional<String> lease) {

  /** A claim that lasts until it is released. */
  public static Claim of(Claimant claimant, VmSpec vm) {
    return new Claim(claimant, vm, Optional.empty());
  }

  public VmId id() {
    return vm.id();
  }
}
