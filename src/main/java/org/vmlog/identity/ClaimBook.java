package org.vmlog.identity;

import static org.vmlog.identity.Change.Refusal.CLAIMED;
import static org.vmlog.identity.Change.Refusal.UNFIT;
import static org.vmlog.identity.Claimant.Source.CONFIGURATION;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who claims what, and the rules of claiming. Confined to the lifecycle thread.
 *
 * <p>Nobody goes before another, and nobody takes over: what is claimed (an owner and name, a CID,
 * an address, a hybrid vsock) is refused to every other claimant until it is released. It yields to
 * its own claimant's newer claim, because CIDs are reused and the signal of a stop can be missed.
 * Only the configuration shares: a VM of its may be announced by one other as well.
 */
final class ClaimBook {
  /** 0 is the hypervisor, 1 loopback and 2 the host, vsock(7). */
  private static final long FIRST_GUEST_CID = 3;

  /** 2^32-1 is VMADDR_CID_ANY, vsock(7). */
  private static final long LAST_GUEST_CID = 0xFFFF_FFFEL;

  private final Map<VmId, KnownVm> known = new LinkedHashMap<>();

  /** Whose each mark is that anybody claims. */
  private final Map<Mark, KnownVm> holders = new HashMap<>();

  /** Answers null when nobody claims it. */
  @Nullable KnownVm find(VmId id) {
    return known.get(id);
  }

  List<KnownVm> all() {
    return List.copyOf(known.values());
  }

  /** Why this claimant may not have this claim, or null if it may. */
  Change.@Nullable Refused refusal(Claim claim) {
    long cid = claim.vm().cid().orElse(FIRST_GUEST_CID);
    if (cid < FIRST_GUEST_CID || cid > LAST_GUEST_CID) {
      return new Change.Refused(
          UNFIT,
          "%s has CID %s, and a guest's is %s to %s"
              .formatted(claim.id(), cid, FIRST_GUEST_CID, LAST_GUEST_CID));
    }
    KnownVm same = known.get(claim.id());
    String reason = same == null ? null : refusalOf(same, claim);
    for (Mark mark : claim.vm().marks()) {
      KnownVm holder = holders.get(mark);
      if (reason == null && holder != null && !holder.id.equals(claim.id())) {
        reason = refusalOf(mark, holder, claim);
      }
    }
    return reason == null ? null : new Change.Refused(CLAIMED, reason);
  }

  private static @Nullable String refusalOf(KnownVm same, Claim claim) {
    if (claim.claimant() == CONFIGURATION) {
      return same.configured == null ? null : claim.id() + " is configured twice";
    }
    if (same.announced == null || same.announced.claimant().equals(claim.claimant())) {
      return null;
    }
    return "%s is %s's, and %s cannot have it"
        .formatted(claim.id(), same.announced.claimant(), claim.claimant());
  }

  private static @Nullable String refusalOf(Mark mark, KnownVm holder, Claim claim) {
    for (Claim held : holder.claims()) {
      if (held.vm().marks().contains(mark) && !yields(held, claim)) {
        return "%s cannot have %s, which is %s's by %s"
            .formatted(claim.id(), mark, holder.id, held.claimant());
      }
    }
    return null;
  }

  /** The configuration is all there at once: two of its VMs with one CID are a mistake in it. */
  private static boolean yields(Claim held, Claim newer) {
    return held.claimant() != CONFIGURATION && held.claimant().equals(newer.claimant());
  }

  /**
   * Enters a claim that is not refused, and strikes out what its claimant gave to others.
   *
   * @return the VMs of which something else is known now, this one last
   */
  List<KnownVm> enter(Claim claim) {
    List<KnownVm> changed = new ArrayList<>();
    for (Mark mark : claim.vm().marks()) {
      KnownVm holder = holders.get(mark);
      if (holder != null && !holder.id.equals(claim.id())) {
        strike(holder);
        changed.add(holder);
      }
    }
    KnownVm vm = known.computeIfAbsent(claim.id(), KnownVm::new);
    if (claim.claimant() == CONFIGURATION) {
      vm.configured = claim;
    } else {
      strike(vm);
      vm.announced = claim;
    }
    claim.vm().marks().forEach(mark -> holders.put(mark, vm));
    changed.add(vm);
    return changed;
  }

  /** Strikes out what was announced of a VM; what is configured of it stays. */
  void strike(KnownVm vm) {
    Claim announced = vm.announced;
    if (announced != null) {
      vm.announced = null;
      holders.keySet().removeAll(announced.vm().marks());
      vm.claims().forEach(left -> left.vm().marks().forEach(mark -> holders.put(mark, vm)));
    }
  }

  /** Forgets a VM that nobody claims any more. */
  void remove(KnownVm vm) {
    known.remove(vm.id);
  }
}
