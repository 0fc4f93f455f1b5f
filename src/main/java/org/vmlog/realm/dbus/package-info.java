/**
 * Realms on D-Bus: what launchers and listeners call at the broker, and the forwarder's and the
 * commands' side of these calls.
 *
 * <p>Calls of the broker are answered on its own thread; the forwarder waits for answers on a
 * thread for each path.
 */
@NullMarked
package org.vmlog.realm.dbus;

import org.jspecify.annotations.NullMarked;
