package org.vmlog.bus;

/** An object of ours on a bus; {@link BusService} puts it there. */
public interface BusObject {
  /**
   * Its interfaces, as introspection data has them: one or more {@code <interface>} elements (D-Bus
   * specification, "Introspection Data Format").
   */
  String introspection();

  /**
   * Answers a call of any of its methods, at once or later, by {@link BusRequest#reply} or {@link
   * BusRequest#fail}. Called on the service's own thread, one call at a time in the bus's order; it
   * may ask the bus, but whatever can take long belongs on another thread.
   *
   * @throws BusException which becomes the answer, and so does any other exception
   */
  void call(BusRequest request) throws BusException;
}
