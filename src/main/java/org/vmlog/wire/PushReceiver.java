package org.vmlog.wire;

/** What stands behind one Push. Confined to the connection's event loop. */
public interface PushReceiver {
  /** Behind a Push that was refused at once. */
  PushReceiver NONE =
      new PushReceiver() {
        @Override
        public void message(byte[] message) {}

        @Override
        public void halfClosed() {}

        @Override
        public void goingAway() {}

        @Override
        public void ended() {}
      };

  /**
   * A message that was asked for.
   *
   * @param message its bytes as they came, not yet looked at; the callee's to keep
   */
  void message(byte[] message);

  /** The peer has sent all that it wanted to. */
  void halfClosed();

  /** The connection is to be closed: what was taken is to be answered, and the Push to be ended. */
  void goingAway();

  /** The Push is over, whoever ended it; nothing more is called. */
  void ended();
}
