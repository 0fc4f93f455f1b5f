package org.vmlog.lifecycle.state;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.PastGeneration;
import org.vmlog.identity.RegistryState;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.testing.Seed;

class StateReaderTest {
  private static final String HEAD =
      """
      vmlog-state 1
      boot 0a4cb6c0
      last-generation 17
      """;

  @Test
  void parse_whatIsWritten_isAsDocumented() throws Exception {
    VmId web = new VmId("alice", "web 1");
    VmSpec announced =
        new VmSpec(
            web,
            OptionalLong.of(42),
            Set.of(InetAddress.getByName("10.0.7.2")),
            Optional.of(Path.of("/run/fc/v.sock")),
            Optional.of("termina"));
    SavedState state =
        new SavedState(
            "0a4cb6c0",
            new RegistryState(
                17,
                List.of(
                    new PastGeneration(
                        3,
                        Instant.parse("2026-03-01T12:00:00.123456Z"),
                        List.of(
                            new Claim(
                                new Claimant.HostUser(1000), announced, Optional.of("bus :1.7")),
                            Claim.of(Claimant.Source.CONFIGURATION, VmSpec.named(web)))))),
            List.of("alice", "bob"));
    String body =
        HEAD
            + """
            owner alice
            owner bob
            vm alice web+1 generation=3 started=2026-03-01T12:00:00.123456Z
            claim uid:1000 cid=42 address=0a000702 hybrid_vsock=%2Frun%2Ffc%2Fv.sock type=termina lease=bus+%3A1.7
            claim configuration
            """;

    assertThat(new String(StateWriter.bytes(state), US_ASCII)).isEqualTo(body + checksum(body));
    assertThat(parse(body)).isEqualTo(state);
  }

  @Test
  void parse_anyState_givesItBack() throws Exception {
    Random random = Seed.random("StateReaderTest");
    RandomState states = new RandomState(random);
    for (int i = 0; i < 2000; i++) {
      SavedState state = states.next();

      assertThat(StateReader.parse(StateWriter.bytes(state))).isEqualTo(state);
    }
  }

  @Test
  void parse_anyByteChangedOrMissing_isRefused() {
    Random random = Seed.random("StateReaderTest");
    RandomState states = new RandomState(random);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = StateWriter.bytes(states.next());
      byte[] changed = bytes.clone();
      changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));

      assertThatThrownBy(() -> StateReader.parse(changed)).isInstanceOf(StateFormatException.class);
      assertThatThrownBy(() -> StateReader.parse(cut)).isInstanceOf(StateFormatException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "vm alice web generation=3 started=2026-03-01T12:00:00Z\n", // nobody claims it
        "vm alice web generation=18 started=2026-03-01T12:00:00Z\nclaim concierge cid=3\n",
        "vm alice web generation=0 started=2026-03-01T12:00:00Z\nclaim concierge cid=3\n",
        "vm alice web generation=3 started=yesterday\nclaim concierge cid=3\n",
        "vm alice generation=3 started=2026-03-01T12:00:00Z\nclaim concierge cid=3\n",
        "vm alice  generation=3 started=2026-03-01T12:00:00Z\nclaim concierge cid=3\n",
        "vm alice web generation=3 started=2026-03-01T12:00:00Z\nclaim somebody cid=3\n",
        "vm alice web generation=3 started=2026-03-01T12:00:00Z\nclaim concierge cid=x\n",
        "vm alice web generation=3 started=2026-03-01T12:00:00Z\nclaim concierge address=0a\n",
        "vm alice web generation=3 started=2026-03-01T12:00:00Z\nclaim concierge colour=red\n",
        "vm alice web generation=3 started=2026-03-01T12:00:00Z\nclaim concierge hybrid_vsock=%00\n",
        "claim concierge cid=3\n",
        "something else\n"
      })
  void parse_linesOfNobody_areRefusedAsAWhole(String lines) {
    String head = lines.isEmpty() ? "vmlog-state 2\n" : HEAD;

    assertThatThrownBy(() -> parse(head + lines)).isInstanceOf(StateFormatException.class);
  }

  @Test
  void parse_vmTwice_isRefusedWithItsLine() {
    String vm = "vm alice web generation=3 started=2026-03-01T12:00:00Z\nclaim concierge cid=3\n";

    assertThatThrownBy(() -> parse(HEAD + vm + vm))
        .hasMessage("line 7: alice/web or its generation is there twice");
  }

  private static SavedState parse(String body) throws StateFormatException {
    return StateReader.parse((body + checksum(body)).getBytes(US_ASCII));
  }

  private static String checksum(String body) {
    return "crc32c " + StateWriter.checksum(body) + "\n";
  }
}
