package org.vmlog.lifecycle.dbus;

import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.HandedSockets.Sockets;

/**
 * What a launcher says of a VM. Immutable, but for the sockets, which whoever has this closes.
 *
 * @param lease whether the claim ends with the launcher's connection to the bus
 */
record Registration(VmSpec vm, boolean lease, Sockets sockets) {}
