package org.vmlog.wire;

import org.vmlog.identity.SourceIdentity;

/** What stands behind doors by which nothing but bytes come, and nothing goes out. */
public interface StreamService extends Admission {
  /**
   * A peer has connected. Called on the connection's event loop; must not block.
   *
   * @param source who it is, for as long as the connection lives
   */
  StreamReceiver connected(SourceIdentity source, StreamTransport transport);
}
