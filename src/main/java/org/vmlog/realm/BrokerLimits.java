package org.vmlog.realm;

/**
 * How much a broker holds at once.
 *
 * @param realms in the tree, the root not among them
 * @param sinks that are provided at a path
 * @param waiting connections that wait for a listener
 * @param sinkBytes that a component may send before anybody reads, for each connection that the
 *     broker makes
 */
public record BrokerLimits(int realms, int sinks, int waiting, int sinkBytes) {}
