package org.vmlog.platform;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Opens files of a {@link PrivateFolder}: our own, and nothing else by their names. Stateless. */
final class OwnFile {
  private OwnFile() {}

  /** Makes a file that nobody had before, with this mode whatever the umask. */
  static FileChannel create(
      PrivateFolder folder, String name, Set<PosixFilePermission> mode, OpenOption... how)
      throws IOException {
    Set<OpenOption> options = options(how);
    options.add(CREATE_NEW);
    FileChannel file = openAt(folder, name, options, PosixFilePermissions.asFileAttribute(mode));
    try {
      // The umask may have taken bits away; it is ours and new, so no one can be surprised.
      folder
          .directory()
          .getFileAttributeView(Path.of(name), PosixFileAttributeView.class, NOFOLLOW_LINKS)
          .setPermissions(mode);
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return file;
  }

  /** Opens a file that is there. */
  static FileChannel open(PrivateFolder folder, String name, OpenOption... how) throws IOException {
    FileStat found = folder.stat(name);
    if (found == null) {
      throw new NoSuchFileException(folder.path(name).toString());
    }
    if (found.kind() != FileStat.Kind.REGULAR_FILE
        || found.links() != 1
        || found.uid() != FolderWalk.OWN_UID) {
      throw new FileSystemException(
          folder.path(name).toString(),
          null,
          "is %s of uid %s with %s links; allowed is a regular file of uid %s with one"
              .formatted(found.kind(), found.uid(), found.links(), FolderWalk.OWN_UID));
    }
    FileChannel file = openAt(folder, name, options(how));
    try {
      if (!found.identity().equals(identity(folder, name))) {
        throw new NoSuchFileException(
            folder.path(name).toString(), null, "was replaced while opened");
      }
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return file;
  }

  /** openat(2) knows a file by its name alone; whoever reads of a failure needs its path. */
  private static FileChannel openAt(
      PrivateFolder folder, String name, Set<OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    Path path = folder.path(name); // which refuses what is no single name
    try {
      return (FileChannel) folder.directory().newByteChannel(Path.of(name), options, attributes);
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw e; // told apart by our callers, who do not show them
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(path.toString(), null, e.getReason());
    } catch (FileSystemException e) {
      throw new FileSystemException(path.toString(), null, e.getReason());
    }
  }

  private static Object identity(PrivateFolder folder, String name) throws IOException {
    return folder
        .directory()
        .getFileAttributeView(Path.of(name), BasicFileAttributeView.class, NOFOLLOW_LINKS)
        .readAttributes()
        .fileKey();
  }

  private static Set<OpenOption> options(OpenOption... how) {
    Set<OpenOption> options = new HashSet<>(List.of(how));
    options.add(NOFOLLOW_LINKS);
    return options;
  }
}
