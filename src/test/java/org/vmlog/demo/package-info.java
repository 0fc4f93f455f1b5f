/**
 * {@code make demo}: a host with two VMs, as small as it can be and nothing of it pretended. The
 * bus, its signals, the forwarder, the sockets and the files are the real ones.
 */
package org.vmlog.demo;
