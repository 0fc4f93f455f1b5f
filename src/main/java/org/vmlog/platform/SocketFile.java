package org.vmlog.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.List;

/**
 * The name of a bound socket in a folder.
 *
 * <p>bind(2) makes a socket that anyone may connect to, until chmod(2). So it is bound inside a
 * folder that nobody else may enter, given its mode and group there, and then renamed to its place.
 * The rename takes the place of a socket that a killed process left, without a moment in which the
 * name is free. Immutable.
 */
public final class SocketFile {
  private static final String INSIDE = "s";

  private final Path folder;
  private final boolean foreign;
  private final String name;
  private final Object identity;

  private SocketFile(Path folder, boolean foreign, String name, Object identity) {
    this.folder = folder;
    this.foreign = foreign;
    this.name = name;
    this.identity = identity;
  }

  /** Calls bind(2) with a path, by whatever library owns the socket. */
  @FunctionalInterface
  public interface Bind {
    /**
     * Binds once.
     *
     * @param path at most 107 bytes, and good only during the call
     */
    void at(Path path) throws IOException;
  }

  /**
   * Binds a socket to {@code folder/name}, whatever the length of that path.
   *
   * @throws BindException when another process listens there
   * @throws FileSystemException when something else than a socket has that name
   */
  public static SocketFile bind(PrivateFolder folder, String name, SocketAccess access, Bind bind)
      throws IOException {
    refuseUnlessFree(folder, name);
    String stagingName = name + ".new";
    clear(folder, stagingName);
    try (PrivateFolder staging = FolderWalk.enterOwnerOnly(folder, stagingName);
        ShortPath inside = ShortPath.of(staging.reach(INSIDE))) {
      bind.at(inside.path());
      give(staging.reach(INSIDE), access);
      FileStat bound = staging.stat(INSIDE);
      if (bound == null) {
        throw new FileSystemException(folder.path(name).toString(), null, "was not bound");
      }
      staging.rename(INSIDE, folder, name);
      return new SocketFile(folder.path(), folder.isForeign(), name, bound.identity());
    } finally {
      clear(folder, stagingName);
    }
  }

  public Path path() {
    return folder.resolve(name);
  }

  /** Unlinks the name, unless it is no longer this socket's. Answers whether it did. */
  public boolean unlink() throws IOException {
    if (FileStat.of(path()) == null) {
      return false; // Perhaps with its folder, which is not to be made again for this.
    }
    try (PrivateFolder opened =
        foreign ? PrivateFolder.openForeign(folder) : PrivateFolder.open(folder, List.of())) {
      FileStat found = opened.stat(name);
      return found != null && found.identity().equals(identity) && opened.delete(name);
    }
  }

  private static void refuseUnlessFree(PrivateFolder folder, String name) throws IOException {
    FileStat found = folder.stat(name);
    if (found != null && found.kind() != FileStat.Kind.SOCKET) {
      throw new FileSystemException(
          folder.path(name).toString(),
          null,
          "is %s; allowed is nothing, or a socket left from before".formatted(found.kind()));
    }
    if (found != null && isAlive(folder.reach(name))) {
      throw new BindException(folder.path(name) + " is in use by another process");
    }
  }

  /** Whether a process still has the socket: one left from before refuses every connection. */
  private static boolean isAlive(Path socket) throws IOException {
    try (ShortPath path = ShortPath.of(socket)) {
      if (path.path().toString().getBytes(UTF_8).length > ShortPath.MAX_BYTES) {
        return false; // Nobody can connect to that name, so nobody can be asked.
      }
      try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        probe.configureBlocking(false); // whoever lets its backlog fill up is not waited for
        boolean unused = probe.connect(UnixDomainSocketAddress.of(path.path()));
        return true;
      } catch (ConnectException e) {
        return false; // ECONNREFUSED, which alone of a Unix socket's errors has this type
      } catch (IOException e) {
        return true; // A live datagram socket refuses a stream with EPROTOTYPE.
      }
    }
  }

  /** Also what a process killed in the middle of this left behind. */
  private static void clear(PrivateFolder folder, String stagingName) throws IOException {
    FileStat found = folder.stat(stagingName);
    if (found == null) {
      return;
    }
    try (PrivateFolder staging = FolderWalk.enterOwnerOnly(folder, stagingName)) {
      staging.delete(INSIDE);
    }
    folder.deleteFolder(stagingName);
  }

  private static void give(Path socket, SocketAccess access) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(socket, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    AccessRights.giveTo(view, access.group());
    // chmod(2) follows links, and there is no other on Linux; nobody else can plant one in here.
    Files.setAttribute(socket, "unix:mode", access.mode());
  }
}
