package org.vmlog.route;

import org.vmlog.identity.VmId;

/** Is told of what a line in a VM's file has just counted. */
@FunctionalInterface
public interface DropListener {
  /** Called on the pipe's writer, for each such line; must be quick. */
  void dropped(VmId vm, DropReason reason, long count);
}
