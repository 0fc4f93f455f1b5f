package org.vmlog.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.identity.VmId;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;
import org.vmlog.logs.LogName;
import org.vmlog.logs.VmLog;
import org.vmlog.sink.LogFileNaming;

/** Held to where the forwarder has its sockets. */
class LiveSocketsTest {
  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({"PLAIN, 1", "PLAIN, 180", "CHROMEOS, 1", "CHROMEOS, 120"})
  void isLive_socketWhereTheForwarderPutsIt_isSeen(Layout layout, int length) throws IOException {
    Path logs = temp.resolve("logs");
    Path sockets = temp.resolve("run");
    LogFileNaming naming = new LogFileNaming(layout, logs, sockets);
    VmId vm = new VmId("0a1b", "n".repeat(length));
    LogFileName file = naming.file(vm);
    VmLog log =
        new VmLog(
            new LogName(vm.owner(), vm.name()), file, file.in(logs).getParent(), List.of(), false);
    Path socket = naming.datagramSocket(vm).path();
    Files.createDirectories(socket.getParent());

    assertThat(new LiveSockets(sockets).isLive(log)).isFalse();
    Files.createFile(socket);
    assertThat(new LiveSockets(sockets).isLive(log)).isTrue();
  }

  @Test
  void isLive_socketOfAnother_isNotTaken() throws IOException {
    Path logs = temp.resolve("logs");
    LogFileNaming naming = new LogFileNaming(Layout.PLAIN, logs, temp.resolve("run"));
    Path socket = naming.datagramSocket(new VmId("bob", "n".repeat(180))).path();
    Files.createDirectories(socket.getParent());
    Files.createFile(socket);
    VmId vm = new VmId("alice", "n".repeat(180));
    LogFileName file = naming.file(vm);
    VmLog log =
        new VmLog(
            new LogName(vm.owner(), vm.name()), file, file.in(logs).getParent(), List.of(), false);
    assertThat(new LiveSockets(temp.resolve("run")).isLive(log)).isFalse();
  }
}
