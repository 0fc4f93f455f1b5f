package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.forwarder.ForwarderDaemon;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.CalledTypes;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.TestHost;

/** A record's way leads through no more types than docs/architecture.md names. */
class WalksTest {
  private static final Pattern WALK =
      Pattern.compile("\\*\\*([a-z ]+)\\*\\*, (\\d+) types:\\s+```\\s([^`]+)```");
  private static final int ROTATED_AT = 256 << 10;

  @TempDir private Path folder;

  @Test
  void types_thatAreCalledOnTheWay_areThoseOfTheDocument() throws Exception {
    InetSocketAddress debugger = TestHost.freeTcpAddress();
    TestHost host =
        new TestHost(folder)
            .withVm("bob", "vm")
            .with("[logs.rotation]\nmax_size = %d\ncompress = false".formatted(ROTATED_AT));
    Map<String, String> listening = Map.of("JAVA_TOOL_OPTIONS", CalledTypes.option(debugger));
    try (ForwarderProcess forwarder =
            ForwarderProcess.launch(host.config(), listening).awaitReady();
        CalledTypes called = new CalledTypes(debugger);
        Guest first = Guest.on(host.grpcSocket("bob", "vm"))) {
      log(first, "the file is open");
      Set<String> connection = alike(called, () -> logAnew(host));
      Set<String> record = alike(called, () -> log(first, "x"));
      Set<String> rotation =
          alike(called, () -> log(first, "x".repeat(ROTATED_AT / 2), "x".repeat(ROTATED_AT / 2)));

      assertWalk("a connection and its first record", connection);
      assertWalk("a record", record);
      assertWalk("a rotation", rotation);
    }
  }

  /** What is called each time, and not by some timer now and then. */
  private static Set<String> alike(CalledTypes called, Callable<?> action) throws Exception {
    Set<String> types = called.during(action);
    for (int again = 0; again < 2; again++) {
      types.retainAll(called.during(action));
    }
    return types;
  }

  private static void assertWalk(String walk, Set<String> called) throws Exception {
    Set<String> all = new TreeSet<>();
    for (JavaClass one :
        new ClassFileImporter()
            .importUrl(ForwarderDaemon.class.getProtectionDomain().getCodeSource().getLocation())) {
      all.add(one.getSimpleName());
    }
    MatchResult found =
        WALK.matcher(Files.readString(Path.of("docs/architecture.md")))
            .results()
            .filter(one -> one.group(1).equals(walk))
            .findFirst()
            .orElseThrow(() -> new AssertionError("docs/architecture.md has no " + walk));
    List<String> listed = List.of(found.group(3).strip().split("\\s+"));
    assertThat(listed).as(walk).doesNotHaveDuplicates().hasSize(Integer.parseInt(found.group(2)));
    assertThat(all).as(walk).containsAll(listed);
    assertThat(called.stream().filter(type -> !listed.contains(type)).collect(Collectors.toList()))
        .as("called on the way of %s, and not in docs/architecture.md", walk)
        .isEmpty();
  }

  private static Void logAnew(TestHost host) {
    try (Guest guest = Guest.on(host.grpcSocket("bob", "vm"))) {
      return log(guest, "x");
    }
  }

  private static Void log(Guest guest, String... contents) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (String content : contents) {
      request.addRecords(Guest.record(7, content));
    }
    guest.send(Guest.Method.USER, request.build());
    return null;
  }
}
