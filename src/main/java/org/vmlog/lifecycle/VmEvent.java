package org.vmlog.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

/** What somebody says about VMs it may speak for. Immutable. */
public sealed interface VmEvent {

  /** The VM is about to run; its first lines may already be under way. */
  record Started(Claim claim) implements VmEvent {
    public Started(Claimant claimant, VmSpec vm) {
      this(Claim.of(claimant, vm));
    }
  }

  /**
   * The VM is gone.
   *
   * @param cid the vsock context id it had, which tells one start from another; empty for whatever
   *     start there is
   */
  record Stopped(Claimant claimant, VmId id, OptionalLong cid) implements VmEvent {
    public Stopped(Claimant claimant, VmId id, long cid) {
      this(claimant, id, OptionalLong.of(cid));
    }
  }

  /** The VM is gone that has this vsock context id by this claimant's word, whichever it is. */
  record CidStopped(Claimant claimant, long cid) implements VmEvent {}

  /** What claims were to end with has ended, and so have they. */
  record LeaseEnded(String lease) implements VmEvent {}

  /**
   * These are all the VMs there are. What stands as it is listed stays untouched; the rest starts,
   * or is gone.
   *
   * @param owner whose VMs were listed; empty for all of the claimant's
   * @param news VMs that an event told of since the list was asked for: it may be older than that,
   *     and says nothing about them
   */
  record Listed(Claimant claimant, Optional<String> owner, List<VmSpec> vms, Set<VmId> news)
      implements VmEvent {
    public Listed {
      vms = List.copyOf(vms);
      news = Set.copyOf(news);
    }
  }
}
