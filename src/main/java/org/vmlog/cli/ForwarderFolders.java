package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.vmlog.config.ConfigException;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.config.ForwarderConfigReader;

/**
 * Where the forwarder of this host keeps what commands look at. Its configuration is read only if
 * it speaks of folders: most do not, and a command should start at once. Immutable.
 *
 * @param logs the folder with all logs
 * @param sockets the folder with the live VMs' sockets
 * @param metrics where its numbers are; empty if nowhere
 * @param shipper the state folder of the vmlog-ship that reads the logs
 */
record ForwarderFolders(Path logs, Path sockets, Optional<SocketAddress> metrics, Path shipper) {
  private static final Pattern SPEAKS = Pattern.compile("directory|metrics|shipper_state");
  private static final Path SHIPPER = Path.of("/var/lib/vmlog-ship");
  private static final ForwarderFolders DEFAULT =
      new ForwarderFolders(
          Path.of("/var/log/vmlog"),
          Path.of("/run/vmlog/vm"),
          Optional.of(UnixDomainSocketAddress.of("/run/vmlog/metrics.sock")),
          SHIPPER);

  /** As the configuration has it; what may not be read, or is wrong, counts as missing. */
  static ForwarderFolders configured() {
    String home = System.getenv().getOrDefault("VMLOG_HOME", "");
    if (home.isEmpty()) {
      return configured(ForwarderConfigReader.DEFAULT_FILE);
    }
    try {
      return of(
          new ForwarderConfigReader(System.getenv()).readDefault(), Path.of(home).resolve("ship"));
    } catch (IOException | ConfigException e) {
      return DEFAULT;
    }
  }

  static ForwarderFolders configured(Path file) {
    try {
      if (!speaksOfFolders(file) && !dropInsSpeakOfFolders(file)) {
        return DEFAULT;
      }
      return of(new ForwarderConfigReader(Map.of()).read(file), SHIPPER);
    } catch (IOException | ConfigException e) {
      return DEFAULT;
    }
  }

  private static ForwarderFolders of(ForwarderConfig config, Path shipper) {
    return new ForwarderFolders(
        config.logs().directory(),
        config.crosvm().socketDirectory(),
        config.metrics().listen(),
        config.logs().quota().retention().map(one -> one.shipperState()).orElse(shipper));
  }

  private static boolean dropInsSpeakOfFolders(Path file) throws IOException {
    Path folder = file.resolveSibling("forwarder.d");
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (DirectoryStream<Path> dropIns = Files.newDirectoryStream(folder, "*.toml")) {
      for (Path dropIn : dropIns) {
        if (speaksOfFolders(dropIn)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean speaksOfFolders(Path file) throws IOException {
    return Files.isReadable(file)
        && new String(Files.readAllBytes(file), UTF_8)
            .lines()
            .filter(line -> !line.strip().startsWith("#"))
            .anyMatch(line -> SPEAKS.matcher(line).find());
  }
}
