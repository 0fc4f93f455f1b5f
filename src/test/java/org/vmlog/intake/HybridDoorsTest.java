package org.vmlog.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.vmlog.platform.Groups;

class HybridDoorsTest {
  private static final Path FOLDER = Path.of("/run/fc");

  /** The forwarder binds in a folder of its own making first, whose name helps nobody. */
  @Test
  void explain_permission_namesWhoNeedsWhatOnWhichFolder() {
    assertThat(
            HybridDoors.explain(
                FOLDER, new AccessDeniedException("/run/fc/v.sock_9999.new", "", null)))
        .isEqualTo(
            "/run/fc: the forwarder, uid %s, has to be able to enter this folder and to write to it"
                .formatted(Groups.ownUid()));
  }

  @Test
  void explain_anythingElse_isSaidAsItIs() {
    assertThat(HybridDoors.explain(FOLDER, new IOException("/run/fc: is missing")))
        .isEqualTo("/run/fc: is missing");
  }
}
