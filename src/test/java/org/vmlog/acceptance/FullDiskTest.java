package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Tmpfs;

/** One VM's disk is full: that VM is told, the others notice nothing. */
final class FullDiskTest {
  private static final int RECORDS = 20;
  private static final String REFUSED = " requests refused (log could not be written)";
  private static final String TEXT = "content-of-a-guest ".repeat(10) + "record";

  @TempDir Path folder;

  private int sent;

  @Test
  void fullDisk_ofOneVm_isThatVmsOnlyAndEndsWhenThereIsSpace() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1").withVm("bob", "web-2");
    Path log = host.log("alice", "web-1");
    List<Integer> acknowledged = new ArrayList<>();
    try (Tmpfs disk = Tmpfs.mount(log.getParent(), "size=64k");
        ForwarderProcess forwarder = host.start();
        Guest alice = Guest.on(host.grpcSocket("alice", "web-1"));
        Guest bob = Guest.on(host.grpcSocket("bob", "web-2"))) {
      int others = 0;
      List<Status.Code> refusals = new ArrayList<>();
      while (refusals.size() < 5) {
        send(alice, acknowledged, refusals);
        bob.send(Guest.Method.USER, request("of bob", others, 1));
        others++;
        assertThat(sent).as("records that 64 KiB have had room for").isLessThan(1000);
      }
      assertThat(refusals).containsOnly(Status.Code.UNAVAILABLE);
      assertThat(LogFiles.endsOnLine(log)).isTrue();
      assertThat(LogFiles.lines(host.log("bob", "web-2"))).hasSize(others);

      disk.remount("size=1m");
      refusals.clear();
      Await.until(
          "the VM is answered with OK again",
          () -> {
            int before = acknowledged.size();
            send(alice, acknowledged, refusals);
            return acknowledged.size() > before;
          },
          forwarder::log);

      assertThat(numbers(log)).containsSubsequence(acknowledged).doesNotHaveDuplicates();
      assertThat(LogFiles.lines(log)).anyMatch(line -> line.contains(REFUSED));
      forwarder.awaitLog("No space left on device");
      assertThat(forwarder.terminate()).isZero();
      assertThat(forwarder.log()).contains("alice/web-1").doesNotContain("content-of-a-guest");
    }
  }

  /** As in a container made by chroot(2): the root is not in the list of what is mounted. */
  @Test
  void chroot_whoseRootIsNoMountPoint_logs() throws Exception {
    Path root = Files.createDirectory(folder.resolve("root"));
    Process tried = new ProcessBuilder("unshare", "--mount", "chroot", "/", "true").start();
    assumeTrue(tried.waitFor() == 0, "only root can change its root");
    String enter =
        """
        here=$PWD; cd "$1"; shift
        for i in /*; do
          if [ -L $i ]; then cp -a $i .
          elif [ -d $i ]; then mkdir .$i && mount --rbind $i .$i
          fi
        done
        exec chroot . sh -c 'cd "$0" && exec "$@"' "$here" "$@"
        """;
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    try (ForwarderProcess forwarder =
            host.startUnder("unshare", "--mount", "sh", "-c", enter, "sh", root.toString());
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request("line", 0, 1));
      assertThat(LogFiles.lines(host.log("alice", "web-1"))).hasSize(1);
      assertThat(forwarder.log()).doesNotContain("file system");
    }
  }

  /** Of the guest's own lines. */
  private static List<Integer> numbers(Path log) throws IOException {
    return LogFiles.lines(log).stream()
        .filter(line -> !line.contains(REFUSED))
        .map(line -> Integer.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .toList();
  }

  private void send(Guest guest, List<Integer> acknowledged, List<Status.Code> refusals) {
    int first = sent;
    sent += RECORDS;
    try {
      guest.send(Guest.Method.USER, request(TEXT, first, RECORDS));
      for (int i = first; i < sent; i++) {
        acknowledged.add(i);
      }
    } catch (StatusRuntimeException e) {
      refusals.add(e.getStatus().getCode());
    }
  }

  private static LogRequest request(String text, int first, int records) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = first; i < first + records; i++) {
      request.addRecords(Guest.record(7, text + " " + i));
    }
    return request.build();
  }
}
