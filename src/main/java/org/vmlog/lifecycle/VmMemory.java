package org.vmlog.lifecycle;

import java.util.concurrent.CompletableFuture;
import org.vmlog.identity.RegistryState;

/**
 * Keeps what is known of VMs across a restart of the forwarder. Called on the lifecycle thread,
 * which it must not keep waiting.
 */
@FunctionalInterface
public interface VmMemory {
  /** Keeps nothing. */
  VmMemory NONE = state -> CompletableFuture.completedFuture(null);

  /**
   * Keeps this instead of what was kept before.
   *
   * @return completes, and never with a failure, once this or something newer survives the end of
   *     this process, or cannot be made to
   */
  CompletableFuture<Void> remember(RegistryState state);
}
