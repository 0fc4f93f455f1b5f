package org.vmlog.forwarder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;
import static org.vmlog.identity.Claimant.Source.CONFIGURATION;
import static org.vmlog.identity.Claimant.Source.LIBVIRT;
import static org.vmlog.identity.Claimant.Source.MACHINED;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.PastGeneration;
import org.vmlog.identity.RegistryState;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.testing.Await;

class SavedVmsTest {
  private static final Claimant ALICE = new Claimant.HostUser(1000);

  @TempDir Path folder;

  @BeforeEach
  void save() throws Exception {
    try (SavedVms saved = SavedVms.open(folder)) {
      RegistryState state =
          new RegistryState(
              5,
              List.of(
                  vm(1, CONFIGURATION),
                  vm(2, CONCIERGE),
                  vm(3, ALICE),
                  vm(4, MACHINED),
                  vm(5, LIBVIRT)));
      Await.value(saved.memory().remember(state));
    }
  }

  @Test
  void recalled_claimantsThatAreListenedTo_haveTheirVms() throws Exception {
    assertThat(claimants(new ForwarderConfig.Dbus(Optional.of("system"), true, true, true)))
        .containsExactly(CONFIGURATION, CONCIERGE, ALICE, MACHINED, LIBVIRT);
  }

  @Test
  void recalled_claimantsSwitchedOff_isWithoutTheirVms() throws Exception {
    assertThat(claimants(new ForwarderConfig.Dbus(Optional.of("system"), false, true, false)))
        .containsExactly(CONFIGURATION, ALICE, MACHINED);
  }

  @Test
  void recalled_withoutDbus_isWithoutAllThatWasAnnounced() throws Exception {
    assertThat(claimants(new ForwarderConfig.Dbus(Optional.empty(), true, true, true)))
        .containsExactly(CONFIGURATION);
  }

  private List<Claimant> claimants(ForwarderConfig.Dbus dbus) throws Exception {
    try (SavedVms saved = SavedVms.open(folder)) {
      return saved.recalled(dbus).claims().stream().map(Claim::claimant).toList();
    }
  }

  private static PastGeneration vm(long number, Claimant claimant) {
    VmSpec vm = VmSpec.ofCid(new VmId("alice", "vm-" + number), 40 + number);
    return new PastGeneration(number, Instant.EPOCH, List.of(Claim.of(claimant, vm)));
  }
}
