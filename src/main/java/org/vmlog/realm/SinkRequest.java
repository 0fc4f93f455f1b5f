package org.vmlog.realm;

import org.vmlog.identity.SourceIdentity.Component;

/**
 * What a launcher says of a component that is to have a sink. Immutable.
 *
 * @param component from the root
 * @param used whether the component uses a sink, as its manifest has it; without that it gets none
 * @param anyRealm whether the realm need not have been created: one without listeners and sinks of
 *     its own is no more than its path
 */
public record SinkRequest(Component component, boolean used, boolean anyRealm) {}
