package org.vmlog.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.testing.PrivateBus;

@Timeout(60)
class BusSessionTest {
  /** As Debian's /usr/share/dbus-1/system.conf has it. */
  @Test
  void isAlive_busThatRefusesAllButItsMainInterface_isTrue() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    String policy =
        """
        <policy context="mandatory">
          <deny send_type="method_call"/>
          <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
        </policy>
        """;
    try (PrivateBus bus = PrivateBus.create().with(policy).start();
        BusSession session = open(bus)) {
      assertThat(session.isAlive()).isTrue();
    }
  }

  @Test
  void isAlive_busThatIsGone_isFalse() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    try (PrivateBus bus = PrivateBus.create().start();
        BusSession session = open(bus)) {
      bus.stop();
      assertThat(session.isAlive()).isFalse();
    }
  }

  private static BusSession open(PrivateBus bus) throws Exception {
    return BusSession.open(BusAddresses.parse(bus.address(), Optional.empty()).get(0));
  }
}
