/**
 * The guest's syslog daemon: takes what programs and the kernel of a VM log, and sends it to the
 * host's forwarder.
 *
 * <p>Sources are read on threads of their own, {@code vm-syslog-in} and {@code vm-syslog-kmsg},
 * which never wait for the host: they put records into {@link org.vmlog.guest.RecordBuffer}, the
 * one hand-over between threads. {@link org.vmlog.guest.Sender} takes them from it on the event
 * loop, {@code vm-syslog-io}.
 */
@NullMarked
package org.vmlog.guest;

import org.jspecify.annotations.NullMarked;
