package org.vmlog.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A folder with configuration files, on a host with two groups and one address. */
final class ConfigFolder {
  final Path main;
  final List<String> notices = new ArrayList<>();
  Map<String, String> environment = Map.of();
  Set<String> groups = Set.of("vmlog-admin", "vmlog-vmm");

  ConfigFolder(Path folder) {
    this.main = folder.resolve("forwarder.toml");
  }

  ConfigFolder main(String... lines) throws IOException {
    Files.writeString(main, String.join("\n", lines) + "\n");
    return this;
  }

  Path dropIn(String name, String... lines) throws IOException {
    Path file = main.resolveSibling("forwarder.d").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, String.join("\n", lines) + "\n");
  }

  ForwarderConfig read() throws ConfigException, IOException {
    return reader().read(main);
  }

  ForwarderConfig readDefault() throws ConfigException, IOException {
    return reader().readDefault();
  }

  /** The lines of what is wrong, the folder's own path taken out. */
  List<String> errors() {
    ConfigException thrown = catchThrowableOfType(ConfigException.class, this::read);
    if (thrown == null) {
      return List.of();
    }
    return thrown.getMessage().replace(main.getParent() + "/", "").lines().toList();
  }

  private ForwarderConfigReader reader() {
    HostFacts host =
        new HostFacts() {
          @Override
          public boolean hasGroup(String name) {
            return groups.contains(name);
          }

          @Override
          public boolean hasAddress(InetAddress address) {
            return address.getHostAddress().equals("192.0.2.1");
          }
        };
    return new ForwarderConfigReader(environment, main, host, notices::add);
  }
}
