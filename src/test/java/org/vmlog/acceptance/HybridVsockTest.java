package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.PythonGuest;

/** A VMM with hybrid vsock connects to a socket of its own for each connection of its guest. */
class HybridVsockTest {
  private static final int VMM_UID = 64_321;

  private static final String VM =
      """
      [dbus]
      address = false
      [[vm]]
      owner = "alice"
      name = "fc-1"
      hybrid_vsock = "%s"
      """;

  @TempDir Path folder;

  @Test
  void configured_guestsPort_isTheVmsDoor() throws Exception {
    Path vsock = Files.createDirectory(folder.resolve("fc")).resolve("v.sock");
    String config = ForwarderProcess.configIn(folder) + VM.formatted(vsock);

    try (ForwarderProcess forwarder =
            ForwarderProcess.start(ForwarderProcess.write(folder, config));
        Guest guest = Guest.on(folder.resolve("fc/v.sock_9999"))) {
      guest.send(Guest.Method.USER, request("hello"));

      assertThat(Files.readString(folder.resolve("logs/alice/fc-1.log")))
          .endsWith(" fc-1 hello\n")
          .hasLineCount(1);
      assertThat(forwarder.terminate()).isZero();
    }
    assertThat(folder.resolve("fc/v.sock_9999")).doesNotExist();
  }

  @Test
  void configured_folderThatComesAfterTheStart_getsItsDoorEachTime() throws Exception {
    Path vsock = folder.resolve("fc/v.sock");
    Path door = folder.resolve("fc/v.sock_9999");
    String config = ForwarderProcess.configIn(folder) + VM.formatted(vsock);

    try (ForwarderProcess forwarder =
        ForwarderProcess.start(ForwarderProcess.write(folder, config))) {
      forwarder.awaitLog("goes on without its hybrid vsock, until this changes: " + folder);
      for (String line : List.of("first boot", "second boot")) {
        Files.createDirectory(vsock.getParent());
        Await.until("the door is there", () -> Files.exists(folder.resolve("fc/v.sock_9514")));
        try (Guest guest = Guest.on(door)) {
          guest.send(Guest.Method.USER, request(line));
        }
        Files.move(vsock.getParent(), folder.resolve("gone after " + line));
      }
      assertThat(Files.readString(folder.resolve("logs/alice/fc-1.log")))
          .contains(" fc-1 first boot\n", " fc-1 second boot\n")
          .hasLineCount(2);
      assertThat(forwarder.terminate()).isZero();
    }
  }

  @Test
  void configured_folderThatAnybodyMayChange_isRefusedAndSaid() throws Exception {
    Path open = Files.createDirectory(folder.resolve("fc"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    String config = ForwarderProcess.configIn(folder) + VM.formatted(open.resolve("v.sock"));

    try (ForwarderProcess forwarder =
        ForwarderProcess.start(ForwarderProcess.write(folder, config))) {
      forwarder.awaitLog(
          "VM alice/fc-1 (CID 0, generation 1) goes on without its hybrid vsock,"
              + " until this changes: "
              + open);
      forwarder.awaitLog("VM alice/fc-1 (CID 0, generation 1) is live");
      assertThat(folder.resolve("fc/v.sock_9999")).doesNotExist();
    }
  }

  /** All VMMs are of the group that may connect; only the folder's owner is this VM's. */
  @Test
  void configured_folderOfTheVmmsUser_letsOnlyThatUserAndRootIn() throws Exception {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "only root can be several users");
    assumeTrue(PythonGuest.isAvailable(), "Debian's python3-grpcio is missing");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path vsock = Files.createDirectory(folder.resolve("fc")).resolve("v.sock");
    Files.setAttribute(vsock.getParent(), "unix:uid", VMM_UID);
    String config = ForwarderProcess.configIn(folder) + VM.formatted(vsock);
    String target = "unix:" + vsock + "_9999";

    try (ForwarderProcess forwarder =
        ForwarderProcess.start(ForwarderProcess.write(folder, config))) {
      assertThat(PythonGuest.sendAs(VMM_UID, target, "CollectUserLogs", 7, 7, "its own"))
          .isEqualTo("OK");
      assertThat(PythonGuest.sendAs(VMM_UID + 1, target, "CollectUserLogs", 7, 7, "another's"))
          .isEqualTo("PERMISSION_DENIED");
      assertThat(PythonGuest.send(target, "CollectUserLogs", 7, 7, "root's")).isEqualTo("OK");
      forwarder.awaitLog(
          "refused a connection: uid 64322 connects as the VMM of alice/fc-1"
              + " (CID 0, generation 1), whose folder is uid 64321's");
      assertThat(forwarder.terminate()).isZero();
    }
    assertThat(Files.readAllLines(folder.resolve("logs/alice/fc-1.log")))
        .containsExactly("<14>Jan  1 00:00:07 fc-1 its own", "<14>Jan  1 00:00:07 fc-1 root's");
  }

  @Test
  void link_fromTheVmmsPath_leadsToTheVmsDoor() throws Exception {
    Path link = Files.createDirectory(folder.resolve("fc")).resolve("v.sock_9999");
    Files.createSymbolicLink(link, folder.resolve("run/vm/alice/web-1.grpc"));
    String config =
        ForwarderProcess.configIn(folder)
            + "[dbus]\naddress = false\n[[vm]]\nowner = \"alice\"\nname = \"web-1\"\n";

    try (ForwarderProcess forwarder =
            ForwarderProcess.start(ForwarderProcess.write(folder, config));
        Guest guest = Guest.on(link)) {
      guest.send(Guest.Method.KERNEL, request("hello"));

      assertThat(Files.readString(folder.resolve("logs/alice/web-1.log")))
          .endsWith(" web-1 kernel: hello\n")
          .hasLineCount(1);
      assertThat(forwarder.terminate()).isZero();
    }
  }

  private static LogRequest request(String content) {
    return LogRequest.newBuilder()
        .addRecords(Guest.record(System.currentTimeMillis() / 1000, content))
        .build();
  }
}
