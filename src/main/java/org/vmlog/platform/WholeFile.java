package org.vmlog.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * A small file that is always whole: what is read is one of the contents it was given, whenever the
 * process or the host died. Stateless; a file has one writer at a time.
 */
public final class WholeFile {
  private static final String UNFINISHED = ".new";

  /** Who may read it; nobody but its owner may ever write. */
  public enum Readers {
    GROUP("rw-r-----"),
    OWNER("rw-------");

    private final String mode;

    Readers(String mode) {
      this.mode = mode;
    }
  }

  private WholeFile() {}

  /**
   * Gives the file this content: it is written beside it and synced, and takes its name.
   *
   * @throws IOException if that failed; then the file has its former content, or already this one
   */
  public static void replace(PrivateFolder folder, String name, Readers readers, byte[] content)
      throws IOException {
    replace(folder, name, readers, content, true);
    folder.sync();
  }

  /** The same without syncing: after a loss of power there may be neither content. */
  public static void replaceUnsynced(
      PrivateFolder folder, String name, Readers readers, byte[] content) throws IOException {
    replace(folder, name, readers, content, false);
  }

  private static void replace(
      PrivateFolder folder, String name, Readers readers, byte[] content, boolean synced)
      throws IOException {
    String unfinished = name + UNFINISHED;
    folder.delete(unfinished);
    try (FileChannel file =
        folder.createNew(unfinished, PosixFilePermissions.fromString(readers.mode))) {
      ByteBuffer rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) {
        file.write(rest);
      }
      if (synced) {
        file.force(true);
      }
    }
    folder.rename(unfinished, name);
  }

  /**
   * Reads the whole file; empty when there is none.
   *
   * @throws IOException if something else has its name, or it is larger than it may be
   */
  public static Optional<byte[]> read(PrivateFolder folder, String name, int maxBytes)
      throws IOException {
    try (FileChannel file = folder.openRead(name)) {
      byte[] content = Channels.newInputStream(file).readNBytes(maxBytes + 1);
      if (content.length > maxBytes) {
        throw new FileSystemException(
            folder.path(name).toString(),
            null,
            "has %s bytes; allowed are %s".formatted(file.size(), maxBytes));
      }
      return Optional.of(content);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
