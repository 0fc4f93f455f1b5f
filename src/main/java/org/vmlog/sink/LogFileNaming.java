package org.vmlog.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.Names;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.VmId;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;

/**
 * From the names that launchers chose to the names of files and sockets.
 *
 * <p>Two VMs never get one name, no name leads out of its folder, and none begins with a dot or an
 * {@code @}, which are ours ({@code .layout}, {@code @host}, {@code @realms}). A name that cannot
 * be a file's is refused with an {@link IllegalArgumentException} that says what was allowed.
 * Immutable, thread-safe.
 */
public final class LogFileNaming {
  /** NAME_MAX less the longest that is appended: {@code .lsock.new}, or {@code .log.99999.gz}. */
  static final int MAX_STEM_BYTES = 255 - ".log.99999.gz".length();

  /** What an address takes of a path: sun_path of unix(7) without the NUL at its end. */
  private static final int MAX_SOCKET_BYTES = 107;

  /** So that either all sockets of a VM are in its folder, or none. */
  private static final String LONGEST_KIND = ".journal";

  /** Of {@code crosvm.socket_directory}: with what is below it at the least, it is an address. */
  public static final int MAX_SOCKET_DIRECTORY_BYTES =
      MAX_SOCKET_BYTES - "/~0123456789abcdef".length() - LONGEST_KIND.length();

  private static final Pattern CHROMEOS_OWNER = Pattern.compile("[0-9a-fA-F]{1,64}");
  private static final String CHROMEOS_FOLDER = "log";
  private static final String HOST_FOLDER = "@host";
  private static final String REALMS_FOLDER = "@realms";

  /** Of the folders of one realm: all of a path has to stay well below PATH_MAX, 4096. */
  private static final int MAX_REALM_BYTES = 1024;

  private final Layout layout;
  private final Path logDirectory;
  private final Path socketDirectory;

  /**
   * Names files and sockets below these folders.
   *
   * @param socketDirectory where each VM's sockets are, but for what the chromeos layout puts
   *     beside the log
   */
  public LogFileNaming(Layout layout, Path logDirectory, Path socketDirectory) {
    this.layout = layout;
    this.logDirectory = logDirectory;
    this.socketDirectory = socketDirectory;
  }

  /** A VM's log file. */
  public LogFileName file(VmId id) {
    return new LogFileName(folders(id), stem(id));
  }

  /** Where a VM's log file is. */
  public Path path(VmId id) {
    return file(id).in(logDirectory);
  }

  /** The log file of a process on this host, which only its user id names. */
  public LogFileName hostUser(int uid) {
    return new LogFileName(List.of(HOST_FOLDER), Integer.toUnsignedString(uid));
  }

  /** A component's log file, the same for all its starts. */
  public LogFileName component(ComponentId id) {
    List<String> folders =
        Stream.concat(Stream.of(REALMS_FOLDER), folders(id.realm()).stream()).toList();
    return new LogFileName(folders, NameEncoding.percent("name", id.name()));
  }

  /** Without a dot in any name, so that no realm's folder has the name of a component's file. */
  private static List<String> folders(RealmPath realm) {
    List<String> folders =
        realm.labels().stream()
            .map(label -> NameEncoding.percent("realm label", label).replace(".", "%2E"))
            .toList();
    return String.join("/", folders).length() <= MAX_REALM_BYTES
        ? folders
        : List.of(NameEncoding.digest(realm.toString()));
  }

  /** Where the VMM of this VM sends its datagrams. */
  public SocketName datagramSocket(VmId id) {
    return switch (layout) {
      case PLAIN -> socket(id, "lsock");
      case CHROMEOS -> reachable(socketDirectory, logDirectory, folders(id), stem(id), "lsock");
    };
  }

  /** Where this VM's own gRPC connections come in. */
  public SocketName grpcSocket(VmId id) {
    return socket(id, "grpc");
  }

  /** The same of another kind of connection, {@code console} or {@code syslog}. */
  public SocketName socket(VmId id, String kind) {
    return reachable(socketDirectory, socketDirectory, List.of(owner(id)), stem(id), kind);
  }

  /**
   * Where a socket lies that is to be {@code STEM.KIND} in these folders: nobody can connect to a
   * path that is too long, so a digest of it is its name then, right below the folder of sockets.
   *
   * @param folders from {@code base} down, by the names that they have on disk
   */
  public static SocketName reachable(
      Path socketDirectory, Path base, List<String> folders, String stem, String kind) {
    SocketName name = new SocketName(base, folders, stem + "." + kind);
    SocketName longest = new SocketName(base, folders, stem + LONGEST_KIND);
    if (longest.path().toString().getBytes(UTF_8).length <= MAX_SOCKET_BYTES) {
      return name;
    }
    String digest = NameEncoding.digest(String.join("/", folders) + "/" + stem);
    return new SocketName(socketDirectory, List.of(), digest + "." + kind);
  }

  /**
   * Whose VMs have had logs here, as far as the folders' names tell: all of them in the chromeos
   * layout, nobody in the plain one, where a name can have been cut.
   */
  public List<String> ownersWithLogs() throws IOException {
    if (layout == Layout.PLAIN) {
      return List.of();
    }
    List<String> owners = new ArrayList<>();
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(
            logDirectory,
            path ->
                CHROMEOS_OWNER.matcher(path.getFileName().toString()).matches()
                    && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))) {
      folders.forEach(folder -> owners.add(folder.getFileName().toString()));
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return owners;
  }

  private List<String> folders(VmId id) {
    return switch (layout) {
      case PLAIN -> List.of(owner(id));
      case CHROMEOS -> List.of(owner(id), CHROMEOS_FOLDER);
    };
  }

  private String owner(VmId id) {
    if (layout == Layout.PLAIN) {
      return NameEncoding.percent("owner", id.owner());
    }
    if (!CHROMEOS_OWNER.matcher(id.owner()).matches()) {
      throw new IllegalArgumentException(
          "owner %s; allowed in the chromeos layout are 1 to 64 hexadecimal digits"
              .formatted(Names.shown(id.owner())));
    }
    return id.owner();
  }

  private String stem(VmId id) {
    if (layout == Layout.PLAIN) {
      return NameEncoding.percent("name", id.name());
    }
    String stem = NameEncoding.base64("name", id.name());
    if (stem.length() > MAX_STEM_BYTES) {
      throw new IllegalArgumentException(
          "name %s has %s bytes in base64; allowed in the chromeos layout are %s"
              .formatted(Names.shown(id.name()), stem.length(), MAX_STEM_BYTES));
    }
    return stem;
  }
}
