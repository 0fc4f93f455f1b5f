/**
 * D-Bus for this project: a connection that comes back when the bus does, services and calls with
 * descriptors, who a caller is and what it may do. Each class says on which threads it works; none
 * of dbus-java's own is ever made to wait.
 */
@NullMarked
package org.vmlog.bus;

import org.jspecify.annotations.NullMarked;
