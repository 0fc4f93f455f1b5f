package org.vmlog.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.freedesktop.dbus.connections.BusAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BusAddressesTest {
  @Test
  void parse_system_isTheWellKnownSocket() {
    assertThat(BusAddresses.parse("system", Optional.empty()))
        .extracting(BusAddress::toString)
        .containsExactly(
            "unix:path=/run/dbus/system_bus_socket", "unix:path=/var/run/dbus/system_bus_socket");
  }

  @Test
  void parse_systemWithAnEnvironment_isWhatThatSays() {
    assertThat(BusAddresses.parse("system", Optional.of("unix:path=/tmp/bus")))
        .extracting(BusAddress::toString)
        .containsExactly("unix:path=/tmp/bus");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          unix:path=/tmp/bus                          | unix:path=/tmp/bus
          unix:path=/tmp/bus,guid=0123456789abcdef    | unix:path=/tmp/bus
          unix:guid=0123456789abcdef,path=/tmp/bus    | unix:path=/tmp/bus
          unix:abstract=/tmp/dbus-x                   | unix:abstract=/tmp/dbus-x
          unix:path=/tmp/a%20b%2cc                    | unix:path=/tmp/a b,c
          """)
  void parse_oneAddress_isItsSocket(String address, String expected) {
    assertThat(BusAddresses.parse(address, Optional.empty()))
        .extracting(BusAddress::toString)
        .containsExactly(expected);
  }

  @Test
  void parse_list_keepsItsOrder() {
    assertThat(BusAddresses.parse("unix:path=/a;unix:path=/b", Optional.empty()))
        .extracting(BusAddress::toString)
        .containsExactly("unix:path=/a", "unix:path=/b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                            | it is empty
          ;                             | it is empty
          session                       | only Unix sockets are supported
          tcp:host=localhost,port=1     | only Unix sockets are supported
          unix:                         | "" is no key=value
          unix:/tmp/bus                 | "/tmp/bus" is no key=value
          unix:guid=1                   | it has to have one of path and abstract
          unix:path=/a,abstract=b       | it has to have one of path and abstract
          unix:path=/a,path=/b          | it has path twice
          unix:path=/a%2                | a % has to be followed by two hexadecimal digits
          unix:path=/a%zz               | a % has to be followed by two hexadecimal digits
          unix:path=                    | its path has 0 bytes, not 1 to 107
          """)
  void parse_malformed_saysWhatWasAllowed(String address, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BusAddresses.parse(address, Optional.empty()))
        .withMessageStartingWith("D-Bus address \"" + address + "\": " + why)
        .withMessageContaining("allowed are");
  }

  @Test
  void parse_pathThatNoSocketCanHave_isMalformed() {
    assertThat(BusAddresses.parse("unix:path=/" + "x".repeat(106), Optional.empty())).hasSize(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BusAddresses.parse("unix:path=/" + "x".repeat(107), Optional.empty()))
        .withMessageContaining("108 bytes");
  }
}
