/**
 * Where VMs become known: the configuration and, in {@code lifecycle.dbus}, what launchers say. In
 * {@code lifecycle.state} they are remembered across a restart.
 *
 * <p>All events are applied in order on one thread, the lifecycle thread.
 */
@NullMarked
package org.vmlog.lifecycle;

import org.jspecify.annotations.NullMarked;
