package org.vmlog.identity;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a {@link SourceRegistry} knows, to be kept across a restart of the forwarder. Immutable.
 *
 * @param lastNumber the highest number any generation has had
 * @param generations those that are live
 */
public record RegistryState(long lastNumber, List<PastGeneration> generations) {
  /** Of a forwarder that has never run. */
  public static final RegistryState NONE = new RegistryState(0, List.of());

  public RegistryState {
    generations = List.copyOf(generations);
  }

  /** Everything that is claimed. */
  public List<Claim> claims() {
    return generations.stream().flatMap(generation -> generation.claims().stream()).toList();
  }

  /** The same without the claims of others. */
  public RegistryState onlyOf(Predicate<Claimant> claimants) {
    List<PastGeneration> theirs = new ArrayList<>();
    for (PastGeneration generation : generations) {
      List<Claim> claims =
          generation.claims().stream().filter(claim -> claimants.test(claim.claimant())).toList();
      if (!claims.isEmpty()) {
        theirs.add(new PastGeneration(generation.number(), generation.started(), claims));
      }
    }
    return new RegistryState(lastNumber, theirs);
  }
}
