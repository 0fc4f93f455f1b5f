package org.vmlog.wire;

import org.vmlog.identity.SourceIdentity;

/** What stands behind the doors of gRPC. */
public interface LogService extends Admission {
  /**
   * A peer has connected and speaks HTTP/2. Called on the connection's event loop; must not block.
   *
   * @param source who it is, for as long as the connection lives
   */
  LogConnection connected(SourceIdentity source, Transport transport);

  /** A connection is closed whose peer does not speak gRPC. Called on its event loop. */
  void foreign(FirstBytes first);
}
