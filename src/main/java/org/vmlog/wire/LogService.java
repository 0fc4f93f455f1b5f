package org.vmlog.wire;

import org.vmlog.identity.SourceIdentity;

/** What stands behind the doors. */
public interface LogService {
  /** Whether {@link #admit} would say yes now. Thread-safe; must not block. */
  boolean hasRoomFor(SourceIdentity source);

  /**
   * Whether one more connection of this source may be had. Each that was admitted is told of once
   * when it has {@link #left}. Called on a door's event loop; must not block.
   */
  boolean admit(SourceIdentity source);

  /** An admitted connection is closed. Called on its event loop; must not block. */
  void left(SourceIdentity source);

  /**
   * A peer has connected and speaks HTTP/2. Called on the connection's event loop; must not block.
   *
   * @param source who it is, for as long as the connection lives
   */
  LogConnection connected(SourceIdentity source, Transport transport);
}
