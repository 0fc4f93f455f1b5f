/**
 * Looking at the logs of many VMs, from the files as the forwarder leaves them: which there are,
 * their lines forward, backward, found, merged in the order of time, and followed as they grow and
 * rotate. Nothing here needs the forwarder, or takes a lock that it could wait for.
 *
 * <p>Classes are confined to the command's one thread; where a search uses more, it says so.
 */
@NullMarked
package org.vmlog.view;

import org.jspecify.annotations.NullMarked;
