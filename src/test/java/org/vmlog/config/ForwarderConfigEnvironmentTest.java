package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the configuration takes from outside its files: systemd's directories, the host's groups.
 */
class ForwarderConfigEnvironmentTest {
  @TempDir Path folder;
  private ConfigFolder config;

  @BeforeEach
  void openFolder() {
    config = new ConfigFolder(folder);
  }

  @Test
  void read_systemdDirectories_replaceTheDefaults() throws Exception {
    config.environment =
        Map.of(
            "RUNTIME_DIRECTORY", "/run/one:/run/two",
            "STATE_DIRECTORY", "/var/lib/one",
            "LOGS_DIRECTORY", "/var/log/one:/var/log/two");

    ForwarderConfig read = config.main("").read();

    assertThat(read.listen().unix()).contains(Path.of("/run/one/forwarder.sock"));
    assertThat(read.crosvm().socketDirectory()).isEqualTo(Path.of("/run/one/vm"));
    assertThat(read.stateDirectory()).isEqualTo(Path.of("/var/lib/one"));
    assertThat(read.logs().directory()).isEqualTo(Path.of("/var/log/one"));
    assertThat(config.notices).isEmpty();
  }

  @Test
  void read_systemdDirectoriesAndKeys_onlyTheStateDirectoryWinsOverTheFile() throws Exception {
    config.environment =
        Map.of(
            "RUNTIME_DIRECTORY", "/run/one",
            "STATE_DIRECTORY", "/var/lib/one",
            "LOGS_DIRECTORY", "/var/log/one");

    ForwarderConfig read =
        config
            .main(
                "listen.unix = '/f.sock'",
                "crosvm.socket_directory = '/f'",
                "state.directory = '/state'",
                "logs.directory = '/logs'")
            .read();

    assertThat(read.listen().unix()).contains(Path.of("/f.sock"));
    assertThat(read.crosvm().socketDirectory()).isEqualTo(Path.of("/f"));
    assertThat(read.stateDirectory()).isEqualTo(Path.of("/var/lib/one"));
    assertThat(read.logs().directory()).isEqualTo(Path.of("/logs"));
    assertThat(config.notices)
        .containsExactly(
            "state.directory is /var/lib/one, as systemd says in $STATE_DIRECTORY, and not /state");
  }

  @Test
  void read_relativeSystemdDirectory_isAnErrorOfTheEnvironment() throws Exception {
    config.environment = Map.of("RUNTIME_DIRECTORY", "run");

    assertThat(config.main("").errors())
        .containsExactly("environment: $RUNTIME_DIRECTORY = \"run\": an absolute path");
  }

  @Test
  void read_noDefaultGroups_keepsTheDaemonsOwnAndSaysSo() throws Exception {
    config.groups = Set.of();

    ForwarderConfig read = config.main("").read();

    assertThat(read.listen().unixGroup()).isEmpty();
    assertThat(read.crosvm().group()).isEmpty();
    assertThat(config.notices)
        .containsExactly(
            "no group \"vmlog-admin\" on this host: listen.unix_group is left at the daemon's own"
                + " group",
            "no group \"vmlog-vmm\" on this host: crosvm.group is left at the daemon's own group");
  }

  @Test
  void hostFacts_ofThisHost_knowsItsGroupsAndAddresses() throws Exception {
    HostFacts host = HostFacts.ofThisHost();

    assertThat(host.hasGroup("root")).isTrue();
    assertThat(host.hasGroup("no-such-group-here")).isFalse();
    assertThat(host.hasAddress(InetAddress.getByName("127.0.0.1"))).isTrue();
    assertThat(host.hasAddress(InetAddress.getByName("203.0.113.77"))).isFalse();
  }
}
