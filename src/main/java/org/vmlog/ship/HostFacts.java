package org.vmlog.ship;

/**
 * Which host the logs are of. Immutable.
 *
 * @param id what it is called for ever, host.id
 * @param name what people call it, host.name
 */
public record HostFacts(String id, String name) {}
