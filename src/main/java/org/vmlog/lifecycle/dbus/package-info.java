/**
 * What VM launchers say on D-Bus, turned into {@link org.vmlog.lifecycle.VmEvent}s.
 *
 * <p>Signals arrive on the connection's one signal thread, in the bus's order.
 */
@NullMarked
package org.vmlog.lifecycle.dbus;

import org.jspecify.annotations.NullMarked;
