package org.vmlog.lifecycle.dbus;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.vmlog.identity.Claim;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.VmEvent;

/**
 * What a concierge has signalled since it was first seen, which its lists may be older than.
 * Confined to one thread.
 */
final class ConciergeNews {
  private final Set<VmId> vms = new HashSet<>();
  private final Set<Long> cids = new HashSet<>();

  void add(VmEvent.Started started) {
    Claim claim = started.claim();
    vms.add(claim.id());
    claim.vm().cid().ifPresent(cids::add);
  }

  void add(VmEvent.Stopped stopped) {
    vms.add(stopped.id());
  }

  void add(VmEvent.CidStopped stopped) {
    cids.add(stopped.cid());
  }

  /**
   * The VMs that a list says nothing about: those signalled about, and those that are listed with
   * the CID of one that was signalled to start, since that one has it now, or with a CID that was
   * signalled to have stopped.
   */
  Set<VmId> asOf(List<VmSpec> list) {
    Set<VmId> all = new HashSet<>(vms);
    for (VmSpec vm : list) {
      OptionalLong cid = vm.cid();
      if (cid.isPresent() && cids.contains(cid.getAsLong())) {
        all.add(vm.id());
      }
    }
    return all;
  }
}
