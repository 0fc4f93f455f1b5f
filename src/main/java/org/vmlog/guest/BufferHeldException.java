package org.vmlog.guest;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** Another process has the buffer's file. */
public final class BufferHeldException extends FileSystemException {
  private static final long serialVersionUID = 1;

  BufferHeldException(Path path) {
    super(path.toString(), null, "is in use by another vm-syslog; allowed is one");
  }
}
