package org.vmlog.sink;

import java.time.Instant;

/**
 * A file that was rotated, as it was found. Immutable.
 *
 * @param name what it is called until the next rotation
 * @param identity device and inode: still the same when its name has changed
 * @param modified when its last line was written
 */
record RotatedFile(String name, Object identity, long bytes, Instant modified) {}
