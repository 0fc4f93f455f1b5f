package org.vmlog.logs;

import java.nio.file.Path;
import java.time.Instant;

/**
 * One of a log's files, as it was found. Immutable.
 *
 * @param path what it is called until the next rotation
 * @param number 0 for the file that is written to, and the higher the older
 * @param id what it is called for ever
 * @param identity device and inode
 * @param bytes of its text; of a compressed file, of what it held when it was compressed
 * @param modified when its last line was written
 */
public record ListedFile(
    Path path,
    int number,
    long id,
    Object identity,
    boolean compressed,
    long bytes,
    Instant modified) {}
