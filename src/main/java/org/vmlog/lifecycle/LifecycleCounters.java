package org.vmlog.lifecycle;

import org.vmlog.metrics.Counter;

/**
 * What became of what the sources said. Thread-safe.
 *
 * @param opened generations that went live
 * @param closed generations that ended
 * @param ignoredStops stops of a VM or CID that was not live
 * @param refusedClaims starts with what is no guest's, another VM's or another claimant's
 * @param failed generations that the observer would not open
 * @param wrongSender signals from a peer that does not own the launcher's name
 * @param malformed signals with another path, signature or content than the launcher's
 * @param lists of a launcher's VMs that what is known was held against
 * @param failedLists lists that it did not give, or not whole
 */
public record LifecycleCounters(
    Counter opened,
    Counter closed,
    Counter ignoredStops,
    Counter refusedClaims,
    Counter failed,
    Counter wrongSender,
    Counter malformed,
    Counter lists,
    Counter failedLists) {

  public LifecycleCounters() {
    this(
        new Counter(),
        new Counter(),
        new Counter(),
        new Counter(),
        new Counter(),
        new Counter(),
        new Counter(),
        new Counter(),
        new Counter());
  }
}
