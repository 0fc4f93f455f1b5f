package org.vmlog.guest;

import org.vmlog.record.Channel;

/**
 * Counts the records that the host does not have yet, and moves the kernel's bookmark on when none
 * of them is the kernel's. Guarded by the lock of the {@link RecordBuffer}.
 */
final class Ledger {
  private final KernelBookmark bookmark;
  private final boolean durable;
  private int unfinished;
  private int unfinishedKernel;
  private long kernelReadTo;

  /**
   * @param durable whether what is in the buffer outlives the process
   */
  Ledger(KernelBookmark bookmark, boolean durable) {
    this.bookmark = bookmark;
    this.durable = durable;
    this.kernelReadTo = bookmark.next();
  }

  void came(Channel channel, int records) {
    unfinished += records;
    unfinishedKernel += channel == Channel.KERNEL ? records : 0;
  }

  void left(Channel channel, int records) {
    came(channel, -records);
    setBookmark();
  }

  int unfinished() {
    return unfinished;
  }

  /** The kernel's log is in the buffer up to the record with that number. */
  void kernelReadTo(long next) {
    kernelReadTo = next;
    setBookmark();
  }

  private void setBookmark() {
    if (unfinishedKernel == 0 || durable) {
      bookmark.set(kernelReadTo);
    }
  }
}
