package org.vmlog.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.doctor.Finding.Level;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;

/**
 * Each check on a host where all is well, with a real forwarder on a real bus, and on one where
 * that one thing is not. The kernel's and the service manager's files are below a folder.
 */
final class DoctorTest {
  private static final SocketAccess ACCESS = new SocketAccess(0600, Optional.empty());

  @TempDir Path folder;
  private Path root;
  private TestHost host;
  private InstantSource clock = InstantSource.system();

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectory(folder.resolve("root"));
    write("dev/vsock", "");
    write("dev/vhost-vsock", "");
    write("proc/sys/net/unix/max_dgram_qlen", "512\n");
    write("etc/group", "root:x:0:\nvmlog:x:1:\nvmlog-admin:x:2:\nvmlog-vmm:x:3:\n");
    Files.createDirectories(root.resolve("run/systemd/system"));
    write("etc/systemd/system/sockets.target.wants/vmlog-forwarder.socket", "");
    write("run/systemd/timesync/synchronized", "");
    host = new TestHost(folder).withVm("alice", "web-1");
  }

  @Test
  void everyCheck_whereAllIsWell_isOk() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    try (PrivateBus bus = PrivateBus.create().start();
        PrivateFolder base = PrivateFolder.open(folder, List.of());
        DatagramListener syslog = DatagramListener.bind(base, "syslog", ACCESS);
        ForwarderProcess forwarder = startOn(bus);
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"));
        SocketChannel console =
            SocketChannel.open(
                UnixDomainSocketAddress.of(host.socket("alice", "web-1", "console")))) {
      restrict();
      guest.send(Guest.Method.USER, LogRequest.newBuilder().build().toByteArray());
      Await.until("both are served", () -> examine().get("consoles").level() == Level.OK);
      Map<String, Finding> found = examine();
      assertThat(found.values()).allMatch(finding -> finding.level() == Level.OK);
      assertThat(shown(found))
          .isEqualTo(
              text(
                  "configuration=%s/forwarder.toml is right",
                  "forwarder=version unknown answers on unix:%s/run/metrics.sock",
                  "bus=org.vmlog.Forwarder1 is there, 1 VM is live",
                  "unknown guests=none has logged",
                  "lost records=none since the forwarder started",
                  "consoles=each live VM's console is connected",
                  "journals=no VM has its console alone",
                  "kernels' lines=no kernel's lines come by two ways",
                  "gRPC=nobody has come with another than gRPC",
                  "vsock=not used, as listen.vsock says",
                  "datagram queue=a socket holds 512 datagrams",
                  "groups=vmlog, vmlog-admin and vmlog-vmm are there",
                  "programs' socket=%s/run/forwarder.sock takes connections",
                  "VMs' sockets=%s/run/vm has those of 1 live VMs",
                  "hybrid vsocks=none is known",
                  "socket activation=vmlog-forwarder.socket is enabled",
                  "local syslog=%s/syslog is there",
                  "log folder=%s/logs can be read",
                  "state folder=%s/state is there",
                  "disk=",
                  "clock=it is kept by another's"));
    }
  }

  @Test
  void checks_whereNoForwarderRuns_sayWhatIsMissing() {
    assertThat(wrong("forwarder")).startsWith("it does not answer: unix:" + folder);
    assertThat(examine().get("forwarder").advice()).startsWith("systemctl start vmlog-forwarder;");
    assertThat(examine().get("bus").what()).isEqualTo("not used, as dbus.address says");
    assertThat(examine().get("unknown guests").level()).isEqualTo(Level.NOTE);
    assertThat(examine().get("lost records").level()).isEqualTo(Level.NOTE);
    assertThat(wrong("programs' socket")).isEqualTo(host.forwarderSocket() + " is missing");
    assertThat(note("VMs' sockets")).startsWith(folder + "/run/vm is missing; the forwarder makes");
    assertThat(wrong("local syslog"))
        .startsWith("nobody receives on " + host.syslogSocket() + " (")
        .endsWith("): what unknown guests say is lost");
    assertThat(wrong("log folder")).isEqualTo(folder + "/logs is missing");
    assertThat(wrong("state folder")).isEqualTo(folder + "/state is missing");
    assertThat(examine().get("disk").level()).isEqualTo(Level.NOTE);
  }

  @Test
  void hybridVsock_whoseFolderOrDoorIsMissing_isNamed() throws Exception {
    Path vmms = folder.resolve("fc");
    host.with("[[vm]]\nowner = \"alice\"\nname = \"fc-1\"\nhybrid_vsock = \"" + vmms + "/v.sock\"");
    assertThat(note("hybrid vsocks")).isEqualTo(vmms + " of alice/fc-1 is missing");
    Files.createDirectory(vmms);
    assertThat(wrong("hybrid vsocks"))
        .isEqualTo(
            "alice/fc-1 has no door in %1$s: nothing listens on %1$s/v.sock_9999".formatted(vmms));
    Files.createFile(vmms.resolve("v.sock_9999"));
    assertThat(examine().get("hybrid vsocks").what()).isEqualTo("each of 1 has its doors");
  }

  @Test
  void configuration_thatIsWrong_isNamedAndTheDefaultsAreLookedAt() throws Exception {
    host.with("[logs]\nlayout = \"round\"");
    assertThat(wrong("configuration")).contains("layout", "round");
    assertThat(examine().get("log folder").what()).contains("/var/log/vmlog");
    Map<String, Finding> none =
        new Doctor(root, clock).examine(Optional.of(folder.resolve("nowhere")));
    assertThat(none.get("configuration").what()).isEqualTo("no such file: " + folder + "/nowhere");
  }

  @Test
  void bus_withoutTheName_isNotMadeToStartAnything() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    try (PrivateBus bus = PrivateBus.create().start()) {
      host.with("[dbus]\naddress = \"" + bus.address() + "\"");
      assertThat(wrong("bus"))
          .isEqualTo("nobody has the name org.vmlog.Forwarder1, so that no VM can be announced");
      bus.stop();
      assertThat(wrong("bus")).startsWith("D-Bus at " + bus.address() + ": ");
      assertThat(examine().get("bus").advice()).isEqualTo("start dbus, or set dbus.address");
      bus.start(PrivateBus.Access.NOBODY);
      assertThat(examine().get("bus").advice())
          .isEqualTo("be root, or in the group vmlog or vmlog-admin");
    }
  }

  @Test
  void bus_withAForwarderThatDoesNotTellThisUser_saysWhoMayAsk() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    String deny =
        "<policy context=\"mandatory\"><deny send_interface=\"org.vmlog.Forwarder1\"/></policy>";
    try (PrivateBus bus = PrivateBus.create().with(deny).start();
        ForwarderProcess forwarder = startOn(bus)) {
      assertThat(examine().get("bus").level()).isEqualTo(Level.WRONG);
      assertThat(examine().get("bus").advice())
          .isEqualTo("be root, or in the group vmlog or vmlog-admin");
    }
  }

  @Test
  void vsock_withoutItsModule_isWrongIfItIsConfigured() throws Exception {
    host.with("[listen]\nvsock = 9998");
    assertThat(examine().get("vsock").what())
        .isEqualTo("the module vhost_vsock is there, and listen.vsock is 9998");
    Files.delete(root.resolve("dev/vhost-vsock"));
    assertThat(wrong("vsock")).startsWith("no guest can have vsock (/dev/vhost-vsock is missing)");
    Files.delete(root.resolve("dev/vsock"));
    assertThat(wrong("vsock")).startsWith("the kernel has no vsock (/dev/vsock is missing)");
  }

  @Test
  void lostRecords_areNamedWithTheirVm() throws Exception {
    host.with("[limits]\nmax_records = 10");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      LogRequest.Builder request = LogRequest.newBuilder();
      for (int i = 0; i < 11; i++) {
        request.addRecords(Guest.record(LogSeverity.INFO, 7, "hello".getBytes(UTF_8)));
      }
      guest.send(Guest.Method.USER, request.build().toByteArray());
      Await.until("the drop is counted", () -> examine().get("lost records").level() == Level.NOTE);
      assertThat(examine().get("lost records").what())
          .isEqualTo("since the forwarder started: alice/web-1 1");
    }
  }

  @Test
  void vmsSocket_thatIsGone_isNamed() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    try (PrivateBus bus = PrivateBus.create().start();
        ForwarderProcess forwarder = startOn(bus)) {
      Path socket = host.datagramSocket("alice", "web-1");
      Files.delete(socket);
      assertThat(wrong("VMs' sockets"))
          .isEqualTo("alice/web-1 is live, and " + socket + " is gone");
    }
  }

  @Test
  void programsSocket_ofAForwarderThatWasKilled_isWrong() throws Exception {
    try (ForwarderProcess forwarder = host.start()) {
      assertThat(examine().get("programs' socket").level()).isEqualTo(Level.OK);
      forwarder.kill();
    }
    assertThat(wrong("programs' socket"))
        .startsWith("nobody listens on " + host.forwarderSocket() + " (");
    assertThat(wrong("forwarder")).contains("metrics.sock");
  }

  @Test
  void sockets_ofTheServiceManagerAndGroups_areNotedIfMissing() throws Exception {
    Files.delete(root.resolve("etc/systemd/system/sockets.target.wants/vmlog-forwarder.socket"));
    write("etc/group", "root:x:0:\nvmlog:x:1:\n");
    write("proc/sys/net/unix/max_dgram_qlen", "10\n");
    Files.delete(root.resolve("run/systemd/timesync/synchronized"));
    assertThat(note("socket activation"))
        .isEqualTo(
            "vmlog-forwarder.socket is not enabled: who connects during a restart is refused");
    assertThat(note("groups"))
        .isEqualTo("no group vmlog-admin, vmlog-vmm: what would be theirs is the forwarder's own");
    assertThat(note("datagram queue"))
        .isEqualTo("a socket holds 10 datagrams; a VMM that says more at once waits");
    assertThat(note("clock")).isEqualTo("nobody is seen to keep it right");
    Files.delete(root.resolve("proc/sys/net/unix/max_dgram_qlen"));
    assertThat(note("datagram queue")).startsWith("cannot be told: ");
  }

  @Test
  void logFolder_ofOthersOrAnotherLayout_isWrong() throws Exception {
    Path logs = Files.createDirectories(folder.resolve("logs"));
    mode(logs, "rwxr-x---");
    assertThat(examine().get("log folder").what()).isEqualTo(logs + " can be read");
    mode(logs, "rwxr-xr-x");
    assertThat(note("log folder"))
        .isEqualTo(logs + " is open to everybody: whoever is on this host can read all logs");
    mode(logs, "rwxrwxrwx");
    assertThat(wrong("log folder")).startsWith(logs + " may be written to by everybody");
    mode(logs, "rwxr-x---");
    Files.writeString(logs.resolve(".layout"), "chromeos\n");
    assertThat(wrong("log folder"))
        .isEqualTo(logs + " has the layout chromeos, and logs.layout is plain");
    Files.delete(logs.resolve(".layout"));
    Files.delete(logs);
    Files.writeString(logs, "");
    assertThat(wrong("log folder")).isEqualTo(logs + " is no folder");
  }

  @Test
  void disk_withLessThanIsToStayFree_isWrong() throws Exception {
    Files.createDirectories(folder.resolve("logs"));
    assertThat(examine().get("disk").level()).isEqualTo(Level.OK);
    // A little more is to stay free than is on the disk that the tests run on.
    long free = Files.getFileStore(folder).getUsableSpace();
    long percent = free * 100 / Files.getFileStore(folder).getTotalSpace() + 5;
    assumeTrue(percent <= 90, "this disk is nearly empty");
    host.with("[logs.quota]\nkeep_free = \"" + percent + "%\"");
    assertThat(wrong("disk")).contains("and logs.quota.keep_free is " + percent + "%");
  }

  @Test
  void clock_behindWhatWasWritten_isWrong() throws Exception {
    Path log = Files.createDirectories(folder.resolve("logs/alice")).resolve("web-1.log");
    Files.writeString(log, "<14>Nov 21 11:00:00 web-1 hello\n");
    Instant written = Instant.parse("2026-11-21T11:00:00Z");
    Files.setLastModifiedTime(log, FileTime.from(written));
    clock = InstantSource.fixed(written.minusSeconds(59));
    assertThat(examine().get("clock").level()).isEqualTo(Level.OK);
    clock = InstantSource.fixed(written.minusSeconds(7200));
    assertThat(wrong("clock"))
        .isEqualTo(log + " was written to 120 minutes from now: the clock was ahead, or is behind");
  }

  private ForwarderProcess startOn(PrivateBus bus) throws IOException {
    host.with("[dbus]\naddress = \"" + bus.address() + "\"");
    return host.start().awaitOnBus();
  }

  /** The service manager makes the folders so; here they are the forwarder's own, by the umask. */
  private void restrict() throws IOException {
    mode(folder.resolve("logs"), "rwxr-x---");
    mode(folder.resolve("state"), "rwxr-x---");
  }

  private static void mode(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private Map<String, Finding> examine() {
    return new Doctor(root, clock).examine(Optional.of(host.config()));
  }

  private String wrong(String check) {
    return of(check, Level.WRONG);
  }

  private String note(String check) {
    return of(check, Level.NOTE);
  }

  private String of(String check, Level level) {
    Finding finding = examine().get(check);
    assertThat(finding.level()).isEqualTo(level);
    assertThat(finding.advice()).isNotEmpty();
    return finding.what();
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** But for the disk's numbers. */
  private static String shown(Map<String, Finding> found) {
    return found.entrySet().stream()
        .map(one -> one.getKey() + "=" + one.getValue().what())
        .map(line -> line.replaceAll("^disk=.*are free, and logs take .*", "disk="))
        .collect(Collectors.joining("\n"));
  }

  private String text(String... lines) {
    return String.join("\n", lines).replace("%s", folder.toString());
  }

  @Test
  void archive_thatDoesNotFit_isToBeMade() {
    assertThat(ServiceChecks.archive("-XX:SharedArchiveFile=/var/cache/vmlog/forwarder.jsa"))
        .isEqualTo(Finding.ok("/var/cache/vmlog/forwarder.jsa fits this JVM"));
    assertThat(ServiceChecks.archive("").advice()).contains("/usr/share/vmlog/bin/make-archives");
  }
}
