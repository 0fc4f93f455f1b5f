/**
 * {@code make soak}: the forwarder under mixed load for minutes or hours, and whether it holds on
 * to anything while it works.
 */
package org.vmlog.soak;
