package org.vmlog.sink;

import java.nio.file.Path;

/**
 * One of a log's files, for who reads it from outside. Immutable.
 *
 * @param path what it is called until the next rotation
 * @param id what it is called for ever
 * @param identity device and inode
 * @param bytes of its text; of a compressed file, of what it holds, up to 4 GiB
 */
public record ListedFile(Path path, long id, Object identity, boolean compressed, long bytes) {}
