package org.vmlog.lifecycle.dbus;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;
import org.vmlog.fuzz.FuzzInput;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.logs.Layout;
import org.vmlog.record.SourceLabel;
import org.vmlog.sink.LogFileNaming;

/**
 * What is made of the payloads of two signals, or of a list: an event or a refusal. The names in
 * the events lead to files and sockets inside their folders, of two VMs never to the same one, or
 * are refused.
 */
public class ConciergeSignalsFuzzTest {
  private static final int MUTANTS = 50_000;
  private static final int MAX_ADDRESS_BYTES = 107; // of unix(7)
  private static final int NAME_MAX = 255;
  private static final Path LOGS = Path.of("/srv/logs");
  private static final Path SOCKETS = Path.of("/srv/vm");

  @Test
  void payloads_ofAnyBytes_leadNowhereElse() throws Exception {
    Corpus.of(getClass()).check(ConciergeSignalsFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    byte[] first = input.nextBytes();
    byte[] second = input.rest();

    SourceRegistry registry = new SourceRegistry();
    List<VmId> ids = new ArrayList<>();
    for (byte[] payload : List.of(first, second)) {
      started(payload)
          .ifPresent(
              start -> {
                registry.started(start.claim());
                ids.add(start.claim().id());
              });
      listed(payload);
      stopped(payload).ifPresent(stop -> registry.stopped(stop.claimant(), stop.id(), stop.cid()));
    }
    for (Layout layout : Layout.values()) {
      LogFileNaming naming = new LogFileNaming(layout, LOGS, SOCKETS);
      List<List<Path>> paths = ids.stream().map(id -> paths(naming, id)).toList();
      paths.forEach(of -> of.forEach(ConciergeSignalsFuzzTest::assertInside));
      if (ids.size() == 2 && !ids.get(0).equals(ids.get(1))) {
        assertThat(Collections.disjoint(paths.get(0), paths.get(1))).isTrue();
      }
    }
  }

  private static Optional<VmEvent.Started> started(byte[] payload) {
    try {
      VmEvent.Started started = (VmEvent.Started) ConciergeSignals.started(payload);
      VmSpec vm = started.claim().vm();
      VmId id = vm.id();
      String host = SourceLabel.vm(id.owner(), id.name(), vm.cid().orElse(0)).toString();
      assertThat(host).matches("[A-Za-z0-9._-]{1,63}");
      return Optional.of(started);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<VmEvent.Stopped> stopped(byte[] payload) {
    try {
      VmEvent event = ConciergeSignals.stopped(payload);
      if (event instanceof VmEvent.CidStopped) {
        return Optional.empty(); // it names no VM
      }
      return Optional.of((VmEvent.Stopped) event);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static void listed(byte[] payload) {
    try {
      List<VmSpec> vms = VmListing.parse("alice", payload);
      assertThat(vms).allMatch(vm -> vm.id().owner().equals("alice"));
      assertThat(vms)
          .allMatch(vm -> vm.cid().isPresent() || vm.type().equals(Optional.of("plugin_vm")));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      // Refused as a whole.
    }
  }

  /** Nothing when the naming refuses the VM. */
  private static List<Path> paths(LogFileNaming naming, VmId id) {
    try {
      return List.of(
          naming.file(id).in(LOGS), naming.datagramSocket(id).path(), naming.grpcSocket(id).path());
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  private static void assertInside(Path path) {
    assertThat(path.normalize()).isEqualTo(path);
    Path root = path.startsWith(LOGS) ? LOGS : SOCKETS;
    Path inside = root.relativize(path);
    assertThat(path).startsWithRaw(root);
    // One that no address has room for lies right below the sockets' folder, by a digest.
    boolean digest = root.equals(SOCKETS) && inside.toString().matches("~[0-9a-f]{16}[.]\\w+");
    assertThat(inside.getNameCount()).isBetween(digest ? 1 : 2, digest ? 1 : 3);
    assertThat(path.toString().getBytes(StandardCharsets.UTF_8).length)
        .isLessThanOrEqualTo(root.equals(SOCKETS) ? MAX_ADDRESS_BYTES : Integer.MAX_VALUE);
    for (Path name : inside) {
      assertThat(name.toString()).matches("[A-Za-z0-9_%=~-][A-Za-z0-9._%=~-]*");
      assertThat(name.toString().getBytes(StandardCharsets.UTF_8))
          .hasSizeLessThanOrEqualTo(NAME_MAX);
    }
    assertThat(path.getFileName().toString()).matches(".+\\.(log|lsock|grpc)");
  }
}
