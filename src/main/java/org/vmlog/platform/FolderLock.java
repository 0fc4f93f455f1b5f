package org.vmlog.platform;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a folder to one process, by a record lock (fcntl(2)) on a file {@code .lock} in it. The
 * kernel gives the lock back when the process ends, however it ends; the file stays.
 *
 * <p>The kernel also gives it back when this process closes any other descriptor of that file, so
 * nobody else here may open it. Thread-safe.
 */
public final class FolderLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);
  private static final String FILE = ".lock";

  private final FileChannel file;

  private FolderLock(FileChannel file) {
    this.file = file;
  }

  /** Somebody else has the folder. */
  public static final class HeldException extends FileSystemException {
    private static final long serialVersionUID = 1;

    private HeldException(Path folder, String program) {
      super(folder.toString(), null, "is in use by another " + program + "; allowed is one");
    }
  }

  /**
   * Takes the folder for the forwarder, making it when it is missing; does not wait for it.
   *
   * @throws HeldException if another process has it
   * @throws IOException if it cannot be used; the message names it
   */
  public static FolderLock take(Path path) throws IOException {
    return take(path, "forwarder");
  }

  /**
   * Takes the folder for a program, making it when it is missing; does not wait for it.
   *
   * @throws HeldException if another process has it
   * @throws IOException if it cannot be used; the message names it
   */
  public static FolderLock take(Path path, String program) throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(path, List.of())) {
      FileChannel file = folder.openAppend(FILE);
      try {
        if (file.tryLock() == null) {
          throw new HeldException(path, program);
        }
        return new FolderLock(file);
      } catch (OverlappingFileLockException e) {
        file.close();
        throw new HeldException(path, program);
      } catch (IOException e) {
        file.close();
        throw e;
      }
    }
  }

  /** Gives the folder back. */
  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      LOG.warn("the lock of a folder is kept until this process ends: {}", e.toString());
    }
  }
}
