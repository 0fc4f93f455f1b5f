package org.vmlog.ship;

import java.util.function.Consumer;

/** Where records go. {@link #send} is called on one thread, the rest on any. */
public interface Engine extends AutoCloseable {

  /** For people: what it is and where, such as {@code kafka host:9092, topic vmlog}. */
  String name();

  /** How it goes, for people. */
  EngineState state();

  /** Whether to send now: nothing, while it is away, and one shipment to see whether it is back. */
  default boolean isOpen() {
    return state().isReady();
  }

  /**
   * Sends; does not wait for an answer, and for a connection a few seconds at most.
   *
   * @param outcome told once, on any thread, maybe before this returns
   */
  void send(Shipment shipment, Consumer<Outcome> outcome);

  /** Records in shipments that it acknowledged, of which it said that it will never take them. */
  default long rejectedRecords() {
    return 0;
  }

  /** Gives up what is under way. */
  @Override
  void close();
}
