package org.vmlog.wire;

import org.vmlog.identity.SourceIdentity;

/** Who may have a connection. */
public interface Admission {
  /** Whether {@link #admit} would say yes now. Thread-safe; must not block. */
  boolean hasRoomFor(SourceIdentity source);

  /**
   * Whether one more connection of this source may be had. Each that was admitted is told of once
   * when it has {@link #left}. Called on a door's event loop; must not block.
   */
  boolean admit(SourceIdentity source);

  /** An admitted connection is closed. Called on its event loop; must not block. */
  void left(SourceIdentity source);
}
