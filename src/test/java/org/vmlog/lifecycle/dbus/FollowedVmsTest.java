package org.vmlog.lifecycle.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.vmlog.testing.FakeVmServices.LIBVIRT;
import static org.vmlog.testing.FakeVmServices.MACHINED;
import static org.vmlog.testing.FakeVmServices.STARTED;
import static org.vmlog.testing.FakeVmServices.STOPPED;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.bus.BusConnection;
import org.vmlog.identity.Claimant.Source;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeVmServices;
import org.vmlog.testing.PrivateBus;

/** The services are fakes; the bus, and the D-Bus that they speak, are real. */
@Timeout(60)
class FollowedVmsTest {
  private static final String MANAGER_PATH = "/org/freedesktop/machine1";
  private static final String MANAGER = MACHINED + ".Manager";
  private static final String UUID = "6695eb01-f6a4-8304-79aa-97f2502e193f";

  private final LinkedBlockingQueue<VmEvent> events = new LinkedBlockingQueue<>();
  private final LifecycleCounters counters = new LifecycleCounters();
  private final ScheduledExecutorService asking = Executors.newSingleThreadScheduledExecutor();
  private PrivateBus bus;
  private FakeVmServices services;
  private final List<BusConnection> connections = new ArrayList<>();

  @BeforeEach
  void startBus() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(
        FakeVmServices.isAvailable(), "GLib for Python is missing (Debian package python3-gi)");
    bus = PrivateBus.create().start();
    services = FakeVmServices.on(bus.address());
  }

  @AfterEach
  void close() {
    connections.forEach(BusConnection::close);
    asking.shutdownNow();
    if (services != null) {
      services.close();
      bus.close();
    }
  }

  @Test
  void machined_machinesOfManyKinds_areFollowedIfTheyAreRootsVms() throws Exception {
    services.own(MACHINED);
    services.machine("with-cid", false, vm("VSockCID", "u", "42", "UID", "u", "0"));
    services.machine("old", false, vm());
    services.machine("no-cid", false, vm("VSockCID", "u", "4294967295"));
    services.machine("users", false, vm("VSockCID", "u", "43", "UID", "u", "1000"));
    services.machine("closing", false, vm("State", "s", "\"closing\""));
    services.machine("box", false, vm("Class", "s", "\"container\"", "VSockCID", "u", "44"));

    followMachined();

    assertThat(listed(Source.MACHINED))
        .containsExactlyInAnyOrder(
            machine("with-cid").withCid(42), machine("old"), machine("no-cid"));
  }

  @Test
  void machined_signals_startAndStopWhatIsThere() throws Exception {
    services.own(MACHINED);
    followMachined();
    assertThat(listed(Source.MACHINED)).isEmpty();

    services.machine("web-1", true, vm("VSockCID", "u", "42", "Leader", "u", "7"));
    assertThat(next()).isEqualTo(started(Source.MACHINED, machine("web-1").withCid(42)));
    services.machine("web-1", true, vm("VSockCID", "u", "42", "Leader", "u", "7"));
    services.machine("web-1", true, vm("VSockCID", "u", "42", "Leader", "u", "8"));
    assertThat(next()).isEqualTo(started(Source.MACHINED, machine("web-1").withCid(42)));
    services.removed("web-1", true);

    // The signal comes while the machine is there, and when it is asked for it may be gone.
    VmEvent gone = next();
    assertThat(List.of(stopped(Source.MACHINED, "machined", "web-1", 42), list(Source.MACHINED)))
        .contains(gone);
  }

  @Test
  void machined_signalOfAnotherForm_isCountedAndNoMore() throws Exception {
    services.own(MACHINED);
    followMachined();
    assertThat(listed(Source.MACHINED)).isEmpty();

    services.emit(MANAGER_PATH, MANAGER, "MachineNew", "(s)", "\"web-1\"");
    services.emit("/elsewhere", MANAGER, "MachineNew", "(so)", "\"web-1\", \"/x\"");

    Await.until("both are counted", () -> counters.malformed().value() == 2);
    assertThat(events).isEmpty();
  }

  @Test
  void machined_forgedSignal_isCountedAndNothingIsAsked() throws Exception {
    services.own(MACHINED);
    followMachined();
    assertThat(listed(Source.MACHINED)).isEmpty();
    services.disown(MACHINED);

    services.machine("web-1", true, vm("VSockCID", "u", "42"));

    Await.until("it is counted", () -> counters.wrongSender().value() == 1);
    assertThat(events).isEmpty();
    assertThat(services.calls("ListMachines")).isEqualTo(1);
  }

  @Test
  void machined_thatWasStartedAgain_isAskedForEverythingAgain() throws Exception {
    services.own(MACHINED);
    services.machine("stays", false, vm("VSockCID", "u", "42", "Leader", "u", "7"));
    services.machine("again", false, vm("VSockCID", "u", "43", "Leader", "u", "8"));
    followMachined();
    assertThat(listed(Source.MACHINED)).hasSize(2);

    services.disown(MACHINED);
    services.machine("again", false, vm("VSockCID", "u", "43", "Leader", "u", "9"));
    services.own(MACHINED);

    assertThat(listed(Source.MACHINED)).hasSize(2);
    assertThat(next()).isEqualTo(started(Source.MACHINED, machine("again").withCid(43)));
  }

  @Test
  void machined_afterTheBusWasAway_isFollowedAgain() throws Exception {
    services.own(MACHINED);
    followMachined();
    assertThat(listed(Source.MACHINED)).isEmpty();
    bus.stop();
    services.close();
    bus.start();
    services = FakeVmServices.on(bus.address()).own(MACHINED);
    services.machine("web-1", true, vm("VSockCID", "u", "42"));

    VmEvent event = next();
    while (event.equals(list(Source.MACHINED))) {
      event = next(); // asked before the machine was there
    }
    assertThat(
            List.of(
                started(Source.MACHINED, machine("web-1").withCid(42)),
                list(Source.MACHINED, machine("web-1").withCid(42))))
        .contains(event);
  }

  @Test
  void libvirt_domains_areListedStartedAndStopped() throws Exception {
    services.own(LIBVIRT);
    services.domain("1", xml("db-1", "id='1'", "41"), null);
    services.domain("2", xml("off", "", "44"), null);
    services.domain("3", "<domain id='3'>", null);
    followLibvirt();
    assertThat(listed(Source.LIBVIRT)).containsExactly(domain("db-1").withCid(41));
    assertThat(counters.malformed().value()).isEqualTo(1);

    services.domain(UUID, xml("web-1", "id='4'", "42"), STARTED);
    assertThat(next()).isEqualTo(started(Source.LIBVIRT, domain("web-1").withCid(42)));
    services.domain(UUID, xml("web-1", "", "42"), STOPPED);
    assertThat(next()).isEqualTo(stopped(Source.LIBVIRT, "libvirt", "web-1", 42));
    services.domain(UUID, xml("web-1", "id='5'", "43"), STARTED);
    assertThat(next()).isEqualTo(started(Source.LIBVIRT, domain("web-1").withCid(43)));

    // One that was not defined is no more when it has stopped: the list tells.
    services.domain(UUID, null, STOPPED);
    assertThat(next()).isEqualTo(list(Source.LIBVIRT, domain("db-1").withCid(41)));
    assertThat(events).isEmpty();
  }

  @Test
  void libvirt_domainThatCannotBeLookedAt_goesOnAndIsAskedForAgain() throws Exception {
    services.own(LIBVIRT);
    services.domain("1", xml("db-1", "id='1'", "41"), null);
    services.domain(UUID, xml("web-1", "id='4'", "42"), null);
    followLibvirt();
    assertThat(listed(Source.LIBVIRT)).hasSize(2);

    services.domain("1", "<domain id='1' fails='yes'/>", STARTED);
    Await.until("it cannot be looked at", () -> counters.failedLists().value() == 1);
    assertThat(events).isEmpty();
    services.domain("1", xml("db-1", "id='1'", "41"), null);

    assertThat(listed(Source.LIBVIRT))
        .containsExactlyInAnyOrder(domain("db-1").withCid(41), domain("web-1").withCid(42));
    assertThat(events).isEmpty();
  }

  @Test
  void libvirt_thatIsThereOnlyLater_isAskedThen() throws Exception {
    followLibvirt();
    Await.until("it was called in vain", () -> counters.failedLists().value() == 1);

    services.domain(UUID, xml("web-1", "id='4'", "42"), null);
    services.own(LIBVIRT);

    assertThat(listed(Source.LIBVIRT)).containsExactly(domain("web-1").withCid(42));
  }

  /** The properties that machined has for a VM, and others. */
  private static String[] vm(String... more) {
    List<String> properties =
        new ArrayList<>(List.of("Class", "s", "\"vm\"", "Service", "s", "\"systemd-vmspawn\""));
    for (int i = 0; i < more.length; i += 3) {
      int at = properties.indexOf(more[i]);
      if (at >= 0) {
        properties.set(at + 2, more[i + 2]);
      } else {
        properties.addAll(List.of(more[i], more[i + 1], more[i + 2]));
      }
    }
    return properties.toArray(String[]::new);
  }

  private static VmSpec machine(String name) {
    return VmSpec.named(new VmId("machined", name)).withType("systemd-vmspawn");
  }

  private static VmSpec domain(String name) {
    return VmSpec.named(new VmId("libvirt", name)).withType("libvirt");
  }

  private static String xml(String name, String attributes, String cid) {
    return ("<domain type='kvm' %s><name>%s</name><devices><vsock><cid address='%s'/></vsock>"
            + "</devices></domain>")
        .formatted(attributes, name, cid);
  }

  private static VmEvent started(Source source, VmSpec vm) {
    return new VmEvent.Started(source, vm);
  }

  private static VmEvent stopped(Source source, String owner, String name, long cid) {
    return new VmEvent.Stopped(source, new VmId(owner, name), OptionalLong.of(cid));
  }

  private static VmEvent list(Source source, VmSpec... vms) {
    return new VmEvent.Listed(source, Optional.empty(), List.of(vms), Set.of());
  }

  private List<VmSpec> listed(Source source) throws InterruptedException {
    VmEvent.Listed listed = (VmEvent.Listed) next();
    assertThat(listed.claimant()).isEqualTo(source);
    return listed.vms();
  }

  private VmEvent next() throws InterruptedException {
    VmEvent event = events.poll(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(event).as("an event").isNotNull();
    return event;
  }

  private void followMachined() {
    connect(FollowedVms.ofMachined(events::add, asking, counters));
  }

  private void followLibvirt() {
    connect(FollowedVms.ofLibvirt(events::add, asking, counters));
  }

  private void connect(FollowedVms vms) {
    BusConnection connection = new BusConnection(bus.address(), Thread::new, vms);
    connections.add(connection);
    connection.start();
  }
}
