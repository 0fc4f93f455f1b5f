package org.vmlog.route;

import java.io.IOException;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.VmId;
import org.vmlog.sink.LineSink;

/**
 * Makes the sinks that routes end in. Called under the router's lock: nothing here touches a disk.
 */
public interface Places {
  /**
   * The file of a VM.
   *
   * @throws IOException if the owner or name cannot be a file's
   */
  LineSink vmFile(VmId id) throws IOException;

  /** The file of a user of this host. */
  LineSink hostUserFile(int uid);

  /** The file of a component of this host. */
  LineSink componentFile(ComponentId id);

  /** A connection of its own to the local syslog. */
  LineSink syslog();

  /**
   * A connection of its own to the journal.
   *
   * @param owner and {@code name}: whose lines they are
   */
  LineSink journal(String owner, String name);
}
