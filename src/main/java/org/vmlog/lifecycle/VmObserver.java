package org.vmlog.lifecycle;

import java.io.IOException;
import org.vmlog.identity.Generation;

/**
 * Opens and closes what a VM needs while it is live: its sockets, its file.
 *
 * <p>Called on the lifecycle thread, one call at a time and in order: a generation is closed before
 * the one that takes its place is opened. The registry is ahead of the calls, so a connection may
 * be bound to a generation a moment before it is opened here. Calls must be quick, for every VM's
 * start waits behind them.
 */
public interface VmObserver {

  /**
   * The VM is live. To throw is to refuse it, with everything this call did undone: the VM is taken
   * out of the registry again, and {@link #closed} is not called for this generation.
   *
   * @throws IllegalArgumentException if the owner or name cannot be had here
   * @throws IOException if what the VM needs cannot be opened
   */
  void opened(Generation generation) throws IOException;

  /** The generation is over. What its connections still send is theirs to finish. */
  void closed(Generation generation);
}
