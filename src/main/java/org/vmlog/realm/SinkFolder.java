package org.vmlog.realm;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.vmlog.platform.ConnectionListener;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;

/**
 * Where sinks with a path are. Immutable.
 *
 * @param directory the broker's own, for those whose launcher has no place for them
 * @param access who may connect to them
 */
public record SinkFolder(Path directory, SocketAccess access) {
  private static final SecureRandom NAMES = new SecureRandom();

  /**
   * Listens in the broker's own folder, under a name that is new: whoever asks for its former path
   * again, of a broker before this one, finds it free.
   */
  ConnectionListener bind() throws IOException {
    return bind(HexFormat.of().toHexDigits(NAMES.nextLong()) + ".sink");
  }

  private ConnectionListener bind(String name) throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of(), access.group())) {
      return ConnectionListener.bind(folder, name, access);
    }
  }

  /**
   * Listens in a folder of the launcher's, which not everybody may write to, or in the broker's.
   */
  ConnectionListener bind(ForeignPath wanted) throws IOException {
    Path absolute = wanted.path().toAbsolutePath();
    Path parent = absolute.getParent();
    if (parent == null) {
      throw new IOException("a socket cannot be at /");
    }
    String name = String.valueOf(absolute.getFileName());
    if (parent.equals(directory)) {
      return bind(name);
    }
    try (PrivateFolder folder = PrivateFolder.openForeign(parent)) {
      wanted.requireOwn(folder);
      return ConnectionListener.bind(folder, name, access);
    }
  }
}
