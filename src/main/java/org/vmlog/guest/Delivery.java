package org.vmlog.guest;

import java.util.List;
import java.util.OptionalLong;
import org.vmlog.wire.Answer;

/** A way to bring batches to the host, over one connection. Confined to the event loop. */
sealed interface Delivery permits StreamDelivery, CollectDelivery {

  /**
   * Sends what may be sent by now.
   *
   * @param everything whether that is all that waits, due or not
   */
  void pump(boolean everything);

  /**
   * Since when the host owes an answer, by System.nanoTime; empty when it owes none. Each answer
   * that comes begins anew.
   */
  OptionalLong waitingSince();

  /** What a delivery tells of itself; never from within {@link #pump}. */
  interface Listener {
    /** More may be sent than before. */
    void onReady();

    /** The host has something that it had not before. */
    void onProgress();

    /**
     * Nothing goes this way any more.
     *
     * @param sent what the host may have or not, in the order in which it was sent
     * @param unsent what was to follow
     */
    void onEnd(Answer answer, List<Batch> sent, List<Batch> unsent);
  }
}
