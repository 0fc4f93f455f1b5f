package org.vmlog.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.identity.Change.Refusal.CLAIMED;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;
import static org.vmlog.identity.Claimant.Source.CONFIGURATION;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What a restarted forwarder makes of what it knew and of what is configured now. */
class SourceRegistryBeginTest {
  private static final VmId WEB = new VmId("alice", "web-1");
  private static final VmId DB = new VmId("alice", "db");
  private static final Instant THEN = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");

  private final SourceRegistry before = new SourceRegistry(InstantSource.fixed(THEN));
  private final SourceRegistry registry = new SourceRegistry(InstantSource.fixed(NOW));

  @Test
  void begin_nothingKnown_opensTheConfigured() {
    List<Change> changes =
        registry.begin(List.of(VmSpec.ofCid(WEB, 42), VmSpec.named(DB)), RegistryState.NONE);

    assertThat(changes)
        .containsExactly(new Change.Applied(List.of(), List.copyOf(registry.live())));
    assertThat(registry.live()).extracting(Generation::id).containsExactly(WEB, DB);
    assertThat(registry.live()).extracting(Generation::number).containsExactly(1L, 2L);
  }

  @Test
  void begin_afterARestart_goesOnWithTheSameGenerations() {
    before.configure(VmSpec.ofCid(DB, 50));
    before.started(new Claim(CONCIERGE, VmSpec.ofCid(WEB, 42), Optional.of("lease")));
    before.started(Claim.of(new Claimant.HostUser(1000), VmSpec.ofCid(DB, 51)));

    registry.begin(List.of(VmSpec.ofCid(DB, 50)), before.state());

    assertThat(registry.state()).isEqualTo(before.state());
    assertThat(registry.live()).extracting(Generation::number).containsExactly(2L, 3L);
    assertThat(registry.live()).extracting(Generation::started).containsOnly(THEN);
    assertThat(registry.byCid(50)).isEqualTo(registry.byCid(51)).isPresent();
    assertThat(registry.claims()).containsExactlyInAnyOrderElementsOf(before.claims());
  }

  @Test
  void begin_afterARestart_neverUsesANumberAgain() {
    before.started(Claim.of(CONCIERGE, VmSpec.ofCid(WEB, 42)));
    before.stopped(CONCIERGE, WEB, OptionalLong.of(42));

    registry.begin(List.of(), before.state());
    registry.started(Claim.of(CONCIERGE, VmSpec.ofCid(WEB, 42)));

    assertThat(registry.byId(WEB).orElseThrow().number()).isEqualTo(2);
  }

  @Test
  void begin_cidThatIsConfiguredForAnotherNow_isRefusedToTheAnnounced() {
    before.started(Claim.of(CONCIERGE, VmSpec.ofCid(WEB, 42)));

    List<Change> changes = registry.begin(List.of(VmSpec.ofCid(DB, 42)), before.state());

    assertThat(changes)
        .containsExactly(
            new Change.Refused(
                CLAIMED, "alice/web-1 cannot have CID 42, which is alice/db's by configuration"),
            new Change.Applied(List.of(), List.copyOf(registry.live())));
    assertThat(registry.live()).extracting(Generation::id).containsExactly(DB);
  }

  @Test
  void begin_configurationOfAVmChanged_isANewGeneration() {
    before.configure(VmSpec.ofCid(WEB, 42));
    before.started(Claim.of(CONCIERGE, VmSpec.ofCid(WEB, 43)));

    VmSpec changed = VmSpec.ofCid(WEB, 42).withHybridVsock(Path.of("/run/v.sock"));
    registry.begin(List.of(changed), before.state());

    Generation web = registry.byId(WEB).orElseThrow();
    assertThat(web.number()).isEqualTo(3);
    assertThat(web.started()).isEqualTo(NOW);
    assertThat(web.claims()).extracting(Claim::claimant).containsExactly(CONCIERGE, CONFIGURATION);
  }

  @Test
  void begin_vmNoLongerConfigured_isGone() {
    before.configure(VmSpec.ofCid(WEB, 42));

    registry.begin(List.of(), before.state());

    assertThat(registry.live()).isEmpty();
    assertThat(registry.claims()).isEmpty();
  }

  @Test
  void begin_claimantNoLongerListenedTo_leavesTheConfiguredPart() {
    before.configure(VmSpec.ofCid(WEB, 42));
    before.started(Claim.of(CONCIERGE, VmSpec.ofCid(WEB, 43)));
    before.started(Claim.of(CONCIERGE, VmSpec.ofCid(DB, 44)));

    registry.begin(
        List.of(VmSpec.ofCid(WEB, 42)), before.state().onlyOf(who -> who == CONFIGURATION));

    assertThat(registry.claims()).containsExactly(Claim.of(CONFIGURATION, VmSpec.ofCid(WEB, 42)));
    assertThat(registry.live()).extracting(Generation::id).containsExactly(WEB);
  }
}
