package org.vmlog.lifecycle;

import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

/** What a launcher says about one of its VMs. Immutable. */
public sealed interface VmEvent {

  /** The VM is about to run; its first lines may already be under way. */
  record Started(VmSpec vm) implements VmEvent {}

  /**
   * The VM is gone.
   *
   * @param cid the vsock context id it had, which tells one start from another; 0 if it had none
   */
  record Stopped(VmId id, long cid) implements VmEvent {}
}
