package org.vmlog.guest;

import java.io.IOException;
import java.util.Collection;

/**
 * The stream in which a guest's records have their numbers, and up to which of them the host has
 * told that it has them.
 *
 * <p>A VM that is set back to a snapshot of its memory gives numbers again that its host has seen,
 * to other records, and would take those for delivered. So {@link RecordBuffer#number} leaves out
 * as many numbers in front of each batch as the clock says, which is never the same in two lives,
 * and when the host has a number that nothing here was given, it is of another life: then a new
 * stream begins. Confined to the event loop.
 */
final class GuestStream {
  /** Of a stream that an earlier process began. */
  static final long UNKNOWN = Long.MAX_VALUE;

  /** Keeps the id of a stream that begins. */
  interface Keeper {
    void keep(byte[] id);
  }

  private final Keeper keeper;
  private byte[] id;
  private long settled;

  /**
   * Goes on with a stream.
   *
   * @param settled what the host has told; 0 for a new one, or {@link #UNKNOWN}
   */
  GuestStream(byte[] id, long settled, Keeper keeper) {
    this.id = id;
    this.settled = settled;
    this.keeper = keeper;
  }

  byte[] id() {
    return id;
  }

  /** The host has every record up to that number. */
  void settled(long lastNumber) {
    settled = lastNumber;
  }

  /**
   * Whether the host has records in this stream that were never sent from here.
   *
   * @param lastNumber of the last one that it has
   * @param sent all that was, and that it has not told to have
   */
  boolean isOfAnotherLife(long lastNumber, Collection<Batch> sent) {
    return lastNumber > settled
        && sent.stream()
            .noneMatch(
                batch ->
                    batch.firstNumber() != 0
                        && batch.firstNumber() <= lastNumber
                        && lastNumber <= batch.lastNumber());
  }

  /** Begins a new one, in which nothing has a number yet. */
  void renew() throws IOException {
    id = KernelRandom.fresh();
    settled = 0;
    keeper.keep(id);
  }
}
