package org.vmlog.wire;

/** Has the bytes of one connection. Confined to the connection's event loop; must not block. */
public interface StreamReceiver {
  /**
   * Bytes have come.
   *
   * @param bytes the loop's, to be read until this returns
   * @param length at most {@link ConnectionMemory#READ_BYTES}
   */
  void received(byte[] bytes, int length);

  /** The connection is about to be closed by us: what comes now is the last, and cannot wait. */
  void closing();

  /** Nothing more comes; the connection is gone. */
  void closed();
}
