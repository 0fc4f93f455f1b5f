package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.FreezableDisk;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;

/**
 * The disk of one owner's VMs hangs in the kernel, for each of its writes and longer than every
 * limit there is: the other owner's VMs are answered meanwhile, and nothing is lost.
 */
final class FrozenDiskTest {
  private static final int VMS = 12; // of each owner: more than threads may hang in one device
  private static final int REQUESTS = 50;

  @TempDir Path folder;

  @Test
  void frozenDisk_ofSomeVms_holdsUpNobodyElseAndLosesNothing() throws Exception {
    TestHost host = new TestHost(folder);
    for (int i = 0; i < VMS; i++) {
      host.withVm("alice", "web-" + i).withVm("bob", "web-" + i);
    }
    Map<String, Guest> guests = new TreeMap<>();
    Path logs = host.log("alice", "web-0").getParent();
    try (FreezableDisk disk = FreezableDisk.mount(folder.resolve("disk"), logs);
        ForwarderProcess forwarder = host.start()) {
      for (String owner : List.of("alice", "bob")) {
        for (int i = 0; i < VMS; i++) {
          Guest guest = Guest.on(host.grpcSocket(owner, "web-" + i));
          guests.put(owner + i, guest);
          guest.send(Guest.Method.USER, request("first")); // its file is open now
        }
      }

      disk.freeze();
      List<Future<byte[]>> hung = new ArrayList<>();
      for (int i = 0; i < VMS; i++) {
        hung.add(guests.get("alice" + i).sendAsync(Guest.Method.USER, request("hangs")));
      }
      for (int n = 0; n < REQUESTS; n++) {
        List<Future<byte[]>> answers = new ArrayList<>();
        for (int i = 0; i < VMS; i++) {
          answers.add(guests.get("bob" + i).sendAsync(Guest.Method.USER, request("goes on")));
        }
        await(answers);
      }
      assertThat(hung).noneMatch(Future::isDone);
      disk.thaw();
      await(hung);

      guests.values().forEach(guest -> guest.send(Guest.Method.USER, request("last")));
      assertThat(forwarder.terminate()).isZero();
      for (int i = 0; i < VMS; i++) {
        assertLines(host.log("alice", "web-" + i), 1);
        assertLines(host.log("bob", "web-" + i), REQUESTS);
      }
    } finally {
      guests.values().forEach(Guest::close);
    }
  }

  private static void await(List<Future<byte[]>> answers) throws Exception {
    for (Future<byte[]> answer : answers) {
      answer.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static void assertLines(Path log, int between) throws Exception {
    assertThat(Files.exists(log)).isTrue();
    List<String> lines = LogFiles.lines(log);
    assertThat(lines).as(log.toString()).hasSize(between + 2);
    assertThat(lines.get(0)).endsWith("first");
    assertThat(lines.get(between + 1)).endsWith("last");
  }

  private static byte[] request(String text) {
    return LogRequest.newBuilder().addRecords(Guest.record(7, text)).build().toByteArray();
  }
}
