/**
 * What the forwarder promises, held against the whole daemon: a process of its own, real sockets,
 * real files, real signals.
 */
package org.vmlog.acceptance;
