/**
 * What VM launchers say on D-Bus, turned into {@link org.vmlog.lifecycle.VmEvent}s: by calling us
 * ({@code Forwarder…}), or by what they tell everybody (concierge, machined, libvirt).
 *
 * <p>Signals arrive on the connection's one signal thread, in the bus's order, and calls of ours on
 * the calls' thread; each service that is asked has a thread to wait on.
 */
@NullMarked
package org.vmlog.lifecycle.dbus;

import org.jspecify.annotations.NullMarked;
