/**
 * What Java lacks on Linux: D-Bus with reconnect, sd_notify, datagram sockets on paths, opening
 * files safely, signals, the daemon's own log.
 *
 * <p>The only package that sees junixsocket and, with the {@code .dbus} packages, dbus-java.
 */
@NullMarked
package org.vmlog.platform;

import org.jspecify.annotations.NullMarked;
