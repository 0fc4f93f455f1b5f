package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Guest.Method;

class HybridVsockDoorTest {
  private static final byte[] REQUEST = "a request".getBytes(US_ASCII);
  private static final int VMM_UID = 64_321;

  @TempDir private Path base;
  private ServerFixture fixture;
  private Path folder;
  private Path path;

  @BeforeEach
  void start() throws IOException {
    fixture = new ServerFixture();
    folder = Files.createDirectory(base.resolve("vmm"));
    path = folder.resolve("v.sock_9999");
  }

  @AfterEach
  void end() {
    fixture.close();
  }

  @Test
  void open_folderOfTheVmmsUser_connectionsAreThatVms() throws IOException {
    giveAway(folder);
    Door door = open(path);
    try (Guest guest = Guest.on(path)) {
      guest.send(Method.KERNEL, REQUEST);
    }
    assertThat(fixture.service.arrived().get(0).source())
        .isEqualTo(new SourceIdentity.Anonymous(42));
    assertThat((int) Files.getAttribute(path, "unix:mode") & 0777)
        .isEqualTo(ServerFixture.ACCESS.mode());
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(path);
    }
    door.close();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void open_longPath_isBound() throws IOException {
    Path deep = Files.createDirectories(folder.resolve("d".repeat(100)));
    Path far = deep.resolve("v.sock_9999");
    open(far);
    Path shortcut = Files.createSymbolicLink(base.resolve("l"), deep);
    try (Guest guest = Guest.on(shortcut.resolve("v.sock_9999"))) {
      guest.send(Method.KERNEL, REQUEST);
    }
  }

  @Test
  void open_folderIsMissing_isRefusedAndNotMade() {
    Path missing = base.resolve("missing");
    assertThatThrownBy(() -> open(missing.resolve("v.sock_9999")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("hybrid vsock " + missing)
        .hasMessageContaining("is missing; allowed is a directory");
    assertThat(missing).doesNotExist();
  }

  @Test
  void open_folderThatAllMayWriteTo_isRefused() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> open(path))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("0777")
        .hasMessageContaining("others may not write to");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void open_vmmPlantedALinkForTheStagingFolder_isRefusedAndTheTargetKept() throws IOException {
    giveAway(folder);
    Path target = Files.createDirectory(base.resolve("ours"));
    Files.createSymbolicLink(folder.resolve("v.sock_9999.new"), target);
    assertThatThrownBy(() -> open(path))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a symbolic link");
    assertThat(target).isEmptyDirectory();
  }

  @Test
  void open_vmmListensThereItself_isRefusedWithoutWaitingForIt() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path), 1);
      for (int i = 0; i < 5; i++) { // the backlog is full from the third on
        assertThatThrownBy(() -> open(path))
            .isInstanceOf(BindException.class)
            .hasMessageContaining(path.toString());
      }
    }
  }

  private Door open(Path at) throws IOException {
    return fixture.server.open(
        new ListenAddress.HybridVsock(at, ServerFixture.ACCESS), ServerFixture.always(42));
  }

  private static void giveAway(Path folder) throws IOException {
    int own = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assumeThat(own).as("needs root, to give a folder to another user").isZero();
    Files.setAttribute(folder, "unix:uid", VMM_UID);
  }
}
