/**
 * Who a line is from: {@link org.vmlog.identity.SourceIdentity}, decided once by how a connection
 * came in, and the {@link org.vmlog.identity.SourceRegistry} of the VMs that are live.
 *
 * <p>Values are immutable; the registry is written by the lifecycle thread and read by any thread.
 */
@NullMarked
package org.vmlog.identity;

import org.jspecify.annotations.NullMarked;
