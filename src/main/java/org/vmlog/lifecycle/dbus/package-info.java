/**
 * What VM launchers say on D-Bus, turned into {@link org.vmlog.lifecycle.VmEvent}s.
 *
 * <p>Signals arrive on the connection's one signal thread, in the bus's order, and so does what is
 * asked for in between; waiting for an answer is another thread's, {@code vmlog-concierge}.
 */
@NullMarked
package org.vmlog.lifecycle.dbus;

import org.jspecify.annotations.NullMarked;
