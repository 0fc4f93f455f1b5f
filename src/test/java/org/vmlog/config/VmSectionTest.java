package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VmSectionTest {
  @TempDir Path folder;
  private ConfigFolder config;

  @BeforeEach
  void openFolder() {
    config = new ConfigFolder(folder);
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 42, 4_294_967_294L})
  void read_cidOfAGuest_isUsed(long cid) throws Exception {
    config.main("[[vm]]", "owner = 'a'", "name = 'b'", "cid = " + cid);

    assertThat(config.read().vms().get(0).cid()).isEqualTo(OptionalLong.of(cid));
  }

  @ParameterizedTest
  @CsvSource({
    "-1,",
    "0, ' (0 is the hypervisor)'",
    "1, ' (1 is the host''s own loopback)'",
    "2, ' (2 is the host)'",
    "4294967295, ' (4294967295 is VMADDR_CID_ANY, any guest)'",
    "4294967296,"
  })
  void read_cidOfNoGuest_isRefusedWithTheReason(String cid, String reason) throws Exception {
    config.main("[[vm]]", "owner = 'a'", "name = 'b'", "cid = " + cid);

    assertThat(config.errors())
        .containsExactly(
            "forwarder.toml:4: vm.cid = "
                + cid
                + ": a whole number from 3 to 4294967294"
                + (reason == null ? "" : reason));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          web.example       | a numeric address such as "10.0.7.2" or "fd00::2" (names are not looked up)
          10.0.7            | a numeric address such as "10.0.7.2" or "fd00::2" (names are not looked up)
          fe80::1%eth0      | a numeric address such as "10.0.7.2" or "fd00::2" (names are not looked up)
          0.0.0.0           | the address of one peer, not a wildcard or multicast address
          ff02::1           | the address of one peer, not a wildcard or multicast address
          127.0.0.1         | not a loopback address: any local user can bind one and be this VM (attribution.insecure_loopback_identity = true allows it for tests)
          ::1               | not a loopback address: any local user can bind one and be this VM (attribution.insecure_loopback_identity = true allows it for tests)
          ::ffff:127.8.0.1  | not a loopback address: any local user can bind one and be this VM (attribution.insecure_loopback_identity = true allows it for tests)
          192.0.2.1         | not an address of this host: any local user can bind it and be this VM
          """)
  void read_addressThatAnyoneCouldHave_isRefused(String address, String error) throws Exception {
    config.main("[[vm]]", "owner = 'a'", "name = 'b'", "address = \"" + address + "\"");

    assertThat(config.errors())
        .containsExactly("forwarder.toml:4: vm.address = \"" + address + "\": " + error);
  }

  @Test
  void read_mappedAddress_isTheIpv4Address() throws Exception {
    config.main("[[vm]]", "owner = 'a'", "name = 'b'", "address = '::ffff:10.0.7.2'");

    assertThat(config.read().vms().get(0).addresses())
        .extracting(InetAddress::getHostAddress)
        .containsExactly("10.0.7.2");
  }

  @Test
  void read_ownAddressWithInsecureLoopback_isStillRefused() throws Exception {
    config.main(
        "attribution.insecure_loopback_identity = true",
        "[[vm]]",
        "owner = 'a'",
        "name = 'b'",
        "address = '192.0.2.1'");

    assertThat(config.errors()).hasSize(1);
  }

  @Test
  void read_whatNamesTwoVms_isRefusedNamingBothLines() throws Exception {
    config.main(
        "[[vm]]",
        "owner = 'a'",
        "name = 'b'",
        "cid = 5",
        "address = '10.0.0.5'",
        "hybrid_vsock = '/run/v.sock'");
    config.dropIn(
        "x.toml",
        "[[vm]]",
        "owner = 'a'",
        "name = 'b'",
        "cid = 0x5",
        "address = '::ffff:10.0.0.5'",
        "hybrid_vsock = '/run/./v.sock'");

    assertThat(config.errors())
        .containsExactly(
            "forwarder.d/x.toml:3: vm.name = \"b\": the VM a/b is already at forwarder.toml:3",
            "forwarder.d/x.toml:4: vm.cid = 5: this cid is already at forwarder.toml:4",
            "forwarder.d/x.toml:5: vm.address = \"::ffff:10.0.0.5\": this address is already at"
                + " forwarder.toml:5",
            "forwarder.d/x.toml:6: vm.hybrid_vsock = \"/run/./v.sock\": this hybrid_vsock is already"
                + " at forwarder.toml:6");
  }

  @Test
  void read_sameNameOfAnotherOwner_isAnotherVm() throws Exception {
    config.main("[[vm]]", "owner = 'a'", "name = 'b'", "[[vm]]", "owner = 'b'", "name = 'b'");

    assertThat(config.read().vms()).hasSize(2);
  }

  @Test
  void read_chromeosOwnerThatIsNoHash_isRefused() throws Exception {
    config.main("logs.layout = 'chromeos'", "[[vm]]", "owner = 'alice'", "name = 'b'");

    assertThat(config.errors())
        .containsExactly(
            "forwarder.toml:3: vm.owner = \"alice\": 1 to 64 hexadecimal digits, as logs.layout ="
                + " \"chromeos\" has its owners");
  }
}
