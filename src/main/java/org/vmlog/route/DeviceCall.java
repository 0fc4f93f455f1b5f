package org.vmlog.route;

/**
 * Is told before a drain calls a sink, and after it. Nothing but the sink's own work lies between
 * the two, no callback above all.
 */
interface DeviceCall {
  /** For a thread that may hang: nobody waits for it. */
  DeviceCall UNGUARDED =
      new DeviceCall() {
        @Override
        public void beginCall(long now) {}

        @Override
        public void endCall(long began) {}
      };

  /** Begins, at this time of System.nanoTime. */
  void beginCall(long now);

  /** Has returned; the time is the one when it began. */
  void endCall(long began);
}
