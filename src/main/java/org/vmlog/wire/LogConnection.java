package org.vmlog.wire;

import org.vmlog.record.Channel;

/** Serves one connection. Confined to the connection's event loop. */
public interface LogConnection {
  /**
   * A LogRequest has arrived whole.
   *
   * @param request its bytes as they came, not yet looked at; the callee's to keep
   * @param reply to be answered exactly once, from any thread, at any time
   */
  void collect(Channel channel, byte[] request, Reply reply);

  /**
   * A request is answered with this, by whoever: it is counted, and nothing else is to be done.
   * Called on any thread.
   */
  void refused(Reply.Refusal refusal);

  /**
   * A Push begins; its first message is still to be asked for.
   *
   * @param reply to be ended exactly once, on the event loop, at any time
   */
  PushReceiver push(PushReply reply);

  /** The connection is gone; replies that are still owed go nowhere. */
  void closed();
}
