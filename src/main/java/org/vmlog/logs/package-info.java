/**
 * The log folder as whoever reads it sees it: the names of files, their ids, their order, what is
 * in them, plain or compressed, whole or damaged, while another process writes, rotates and
 * compresses them. The forwarder, vmlog-ship, vmlog and its web page read by this alone.
 *
 * <p>A class is confined to one thread unless it says otherwise; nothing here takes a lock that
 * anybody could wait for.
 */
@NullMarked
package org.vmlog.logs;

import org.jspecify.annotations.NullMarked;
