package org.vmlog.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.route.Route;
import org.vmlog.testing.Await;
import org.vmlog.testing.RecordingSink;
import org.vmlog.testing.Vmm;

class VmmSocketDrainTest {
  @TempDir private Path folder;
  private final IntakeFixture.Options options = new IntakeFixture.Options();
  private IntakeFixture fixture;

  @AfterEach
  void end() {
    fixture.close();
  }

  /** junixsocket tells an empty datagram as it tells that there is none. */
  @Test
  void drain_emptyDatagramsAmongOthers_readsToTheEnd() throws Exception {
    fixture = new IntakeFixture(options);
    Route route = fixture.router.open(fixture.start());
    DatagramListener listener;
    try (PrivateFolder opened = PrivateFolder.open(folder, List.of())) {
      listener = DatagramListener.bind(opened, "a.lsock", new SocketAccess(0600, Optional.empty()));
    }
    try (Vmm vmm = Vmm.on(folder.resolve("a.lsock"))) {
      for (String line : List.of("", "first", "", "", "last", "")) {
        vmm.say(line);
      }
    }
    VmmSocket.Workspace workspace =
        new VmmSocket.Workspace(IntakeFixture.parser(), IntakeFixture.CLOCK, new IntakeCounters());

    try (VmmSocket socket = new VmmSocket(listener, route, workspace, () -> {})) {
      socket.drain();
    }

    Await.value(fixture.router.closeAll());
    assertThat(((RecordingSink) options.sink).lines())
        .containsExactly("<29>Mar  1 12:00:00 web first", "<29>Mar  1 12:00:00 web last");
  }
}
