package org.vmlog.sink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.IdentifiedGzip;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.sink.RotatedFiles.Uncompressed;

/**
 * Compresses rotated files in the background.
 *
 * <p>A file is read through a descriptor and written under a name of its own, so the pipe's writer
 * can shift the names meanwhile. What a kill interrupts is done again after the next start. The
 * plain file is there until the compressed one is on the disk, and its name, too. Thread-safe.
 */
public final class LogCompressor {
  private static final Logger LOG = LoggerFactory.getLogger(LogCompressor.class);
  private static final int BLOCK_BYTES = 64 * 1024;

  private final Executor background;

  /**
   * Compresses on the given executor.
   *
   * @param background runs one task at a time
   */
  public LogCompressor(Executor background) {
    this.background = background;
  }

  /** Compresses, some time later, what of this log's files is to be compressed then. */
  void schedule(DiskQuota quota, LogAccount account) {
    if (!account.files.claimCompression()) {
      return; // The task that waits already will see these files, too.
    }
    quota.books().pin(account);
    try {
      background.execute(() -> compressAll(quota, account));
    } catch (RejectedExecutionException e) {
      quota.books().unpin(account);
      LOG.debug("{} is compressed after the next start", account.name);
    }
  }

  private static void compressAll(DiskQuota quota, LogAccount account) {
    account.files.compressionStarts();
    try (PrivateFolder folder = quota.directory().folder(account.name)) {
      while (compressNext(folder, quota, account)) {}
    } catch (IOException e) {
      LOG.warn("cannot compress what was rotated of {}: {}", account.name, e.getMessage());
    } finally {
      quota.books().unpin(account);
    }
  }

  /** Answers whether there was anything to compress, and room for it. */
  private static boolean compressNext(PrivateFolder folder, DiskQuota quota, LogAccount account)
      throws IOException {
    RotatedFiles files = account.files;
    try (@Nullable Uncompressed source = files.nextUncompressed(folder)) {
      if (source == null) {
        return false;
      }
      long bytes = mostCompressedBytes(source.file().size());
      if (!quota.reserve(account, bytes)) {
        LOG.debug("no room to compress what was rotated of {}", account.name);
        return false; // Tried again after the next rotation.
      }
      String unfinished = files.names().unfinishedGzip();
      try {
        folder.delete(unfinished);
        compress(folder, source, unfinished);
        if (files.putBeside(folder, source.identity())) {
          folder.sync(); // or a loss of power might take both
          files.removePlain(folder, source.identity());
        }
      } catch (IOException e) {
        folder.delete(unfinished);
        throw e;
      } finally {
        quota.books().release(account, bytes);
      }
      return true;
    }
  }

  /**
   * What deflate makes of bytes that it cannot make fewer: zlib's compressBound and gzip's frame.
   */
  private static long mostCompressedBytes(long bytes) {
    return bytes + (bytes >> 12) + (bytes >> 14) + (bytes >> 25) + 13 + IdentifiedGzip.FRAME_BYTES;
  }

  /** Returns when all of it is on the disk, with the time of what it was made of. */
  private static void compress(PrivateFolder folder, Uncompressed source, String name)
      throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    // Not closed here: while the source is open no other file can get its inode, and by that the
    // file is found again after names have shifted.
    InputStream plain = Channels.newInputStream(source.file());
    try (FileChannel target = folder.createNew(name);
        IdentifiedGzip gzip =
            new IdentifiedGzip(
                Channels.newOutputStream(target), BLOCK_BYTES, source.id(), source.file().size())) {
      for (int n = plain.read(block); n >= 0; n = plain.read(block)) {
        gzip.write(block, 0, n);
      }
      gzip.finish();
      folder.setModified(name, source.modified());
      target.force(true);
    }
  }
}
