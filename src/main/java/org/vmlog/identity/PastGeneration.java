package org.vmlog.identity;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A generation as it was before the forwarder was restarted. Immutable.
 *
 * @param claims of one VM, as {@link Generation#claims} has them
 */
public record PastGeneration(long number, Instant started, List<Claim> claims) {
  public PastGeneration {
    claims = List.copyOf(claims);
    if (claims.stream().map(Claim::id).distinct().count() != 1) {
      throw new IllegalArgumentException("a generation has claims of one VM, got " + claims);
    }
  }

  static PastGeneration of(Generation generation) {
    return new PastGeneration(generation.number(), generation.started(), generation.claims());
  }

  public VmId id() {
    return claims.get(0).id();
  }

  /** What was announced; null when only the configuration knew the VM. */
  @Nullable Claim announced() {
    return claims.stream()
        .filter(claim -> claim.claimant() != Claimant.Source.CONFIGURATION)
        .findFirst()
        .orElse(null);
  }

  /** Whether a VM with these claims now is still what it was: the same peers lead to it. */
  boolean goesOnWith(List<Claim> now) {
    if (now.size() != claims.size()) {
      return false;
    }
    for (int i = 0; i < now.size(); i++) {
      if (!now.get(i).claimant().equals(claims.get(i).claimant())
          || !now.get(i).vm().identifiesAs(claims.get(i).vm())) {
        return false;
      }
    }
    return true;
  }
}
