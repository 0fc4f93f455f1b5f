package org.vmlog.realm;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.platform.Descriptor;

/**
 * A connection on its way to who serves it. Immutable.
 *
 * @param component from the root
 * @param server the end that is handed over
 * @param sink that it came through; null if its launcher asked for it
 */
record PendingConnection(
    Component component, Descriptor server, Instant connectedAt, @Nullable ProvidedSink sink) {}
