package org.vmlog.intake;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Generation;
import org.vmlog.platform.Groups;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.wire.Door;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogServer;

/**
 * The doors of one VM's hybrid vsock, in its VMM's folder. That may come after the VM is announced,
 * and go and come again with each start of the VMM: the doors are opened whenever it is there.
 *
 * <p>Confined to the lifecycle thread, but for {@link #problem}.
 */
final class HybridDoors implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HybridDoors.class);

  private final Generation vm;
  private final Path socket;
  private final List<VmDoor> kinds;
  private final SocketAccess access;
  private final LogServer server;
  private final List<Door> open = new ArrayList<>();
  private volatile Optional<String> problem = Optional.empty();

  /**
   * Opens nothing yet.
   *
   * @param socket the VMM's own; a port is appended to its path
   */
  HybridDoors(
      Generation vm, Path socket, List<VmDoor> kinds, SocketAccess access, LogServer server) {
    this.vm = vm;
    this.socket = socket;
    this.kinds = kinds.stream().filter(kind -> kind.hybridPort().isPresent()).toList();
    this.access = access;
    this.server = server;
  }

  /** Why the guest cannot come by it now; empty if it can. Any thread may ask. */
  Optional<String> problem() {
    return problem;
  }

  /** Opens what is not there; what keeps it from that is said once. */
  void look() {
    if (!open.isEmpty() && open.stream().allMatch(door -> isThere(door))) {
      return;
    }
    close();
    try {
      open();
    } catch (IOException e) {
      Optional<String> found = Optional.of(String.valueOf(e.getMessage()));
      if (!found.equals(problem)) {
        LOG.warn("VM {} goes on without its hybrid vsock, until this changes: {}", vm, found.get());
      }
      problem = found;
    }
  }

  private static boolean isThere(Door door) {
    return door.address() instanceof ListenAddress.HybridVsock hybrid
        && Files.exists(hybrid.path(), LinkOption.NOFOLLOW_LINKS);
  }

  /** Opens all of them, or none. */
  void open() throws IOException {
    try {
      for (VmDoor kind : kinds) {
        ListenAddress.HybridVsock address =
            new ListenAddress.HybridVsock(Path.of(socket + kind.hybridSuffix()), access);
        open.add(server.open(address, Identifiers.ofFolder(vm, ownerOfFolder()), kind.protocol()));
      }
    } catch (IOException e) {
      close();
      throw new IOException(explain(folder(), e), e);
    }
    if (problem.isPresent()) {
      LOG.info("VM {} has its hybrid vsock {} now", vm, socket);
    }
    problem = Optional.empty();
  }

  private Path folder() {
    return Objects.requireNonNull(socket.toAbsolutePath().getParent());
  }

  private int ownerOfFolder() throws IOException {
    try (PrivateFolder open = PrivateFolder.openForeign(folder())) {
      return open.ownerUid();
    }
  }

  /** The names of what is made meanwhile say nothing to whoever has to give the permission. */
  static String explain(Path folder, IOException e) {
    if (e instanceof AccessDeniedException) {
      return "%s: the forwarder, uid %s, has to be able to enter this folder and to write to it"
          .formatted(folder, Groups.ownUid());
    }
    try {
      if (Files.getFileStore(folder).isReadOnly()) {
        return folder + ": is read-only here; under systemd, ReadWritePaths= has to name it";
      }
    } catch (IOException gone) {
      // Then what was wrong is said as it is.
    }
    return String.valueOf(e.getMessage());
  }

  @Override
  public void close() {
    open.forEach(Door::close);
    open.clear();
  }
}
