package org.vmlog.intake;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.lifecycle.HandedSockets;
import org.vmlog.lifecycle.HandedSockets.Sockets;
import org.vmlog.lifecycle.VmObserver;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.Faults;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.route.Route;
import org.vmlog.route.Router;
import org.vmlog.sink.LogFileNaming;
import org.vmlog.sink.SocketName;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.PeerIdentifier;

/**
 * Opens each live VM's own sockets and closes them when it stops: {@code .lsock} for its VMM's
 * datagrams, {@code .grpc} for its gRPC connections, its hybrid vsock listener where one is
 * configured, and what its launcher handed over. Whoever can reach such a path is that VM; the
 * folders' permissions guard them.
 *
 * <p>Confined to the lifecycle thread, but for {@link #hybridProblem}.
 */
public final class VmDoors implements VmObserver {
  /** How long connections of a stopped VM stay, for what is still on its way. */
  static final Duration LINGER = Duration.ofSeconds(2);

  /** How long a VMM's folder may be there without its doors: shorter than a guest's boot. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(VmDoors.class);
  private static final int SOCKET_MODE = 0660;

  private final LogServer server;
  private final GrpcIntake intake;
  private final List<VmDoor> kinds;
  private final VmmSockets vmmSockets;
  private final Router router;
  private final LogFileNaming naming;
  private final HandedSockets handedSockets;
  private final SocketAccess access;
  private final ScheduledExecutorService timer;
  private final Executor lifecycleThread;
  private final Map<Generation, List<AutoCloseable>> open = new HashMap<>();
  private final Map<Generation, HybridDoors> hybrids = new ConcurrentHashMap<>();
  private boolean looking;

  /**
   * Makes an observer that has nothing open.
   *
   * @param kinds what each VM gets, gRPC the first: a listener that a launcher hands over is its
   * @param handedSockets where launchers leave sockets of their own making
   * @param group whose members may use the sockets; empty leaves the process's own
   */
  public VmDoors(
      LogServer server,
      GrpcIntake intake,
      List<VmDoor> kinds,
      VmmSockets vmmSockets,
      Router router,
      LogFileNaming naming,
      HandedSockets handedSockets,
      Optional<String> group,
      ScheduledExecutorService timer,
      Executor lifecycleThread) {
    this.server = server;
    this.intake = intake;
    this.kinds = List.copyOf(kinds);
    this.vmmSockets = vmmSockets;
    this.router = router;
    this.naming = naming;
    this.handedSockets = handedSockets;
    this.access = new SocketAccess(SOCKET_MODE, group);
    this.timer = timer;
    this.lifecycleThread = lifecycleThread;
  }

  @Override
  public void opened(Generation vm) throws IOException {
    List<AutoCloseable> doors = new ArrayList<>();
    try {
      Optional<Sockets> handed = handed(vm);
      handed.ifPresent(doors::add);
      Route route = router.begin(vm);
      doors.add(() -> router.release(route));
      doors.add(openDatagramSocket(vm, route));
      PeerIdentifier identifier = Identifiers.always(vm);
      for (VmDoor kind : kinds) {
        SocketName name = naming.socket(vm.id(), kind.kind());
        PrivateFolder.open(name.base(), name.folders(), access.group()).close();
        ListenAddress address = new ListenAddress.Unix(name.path(), access);
        doors.add(server.open(address, identifier, kind.protocol()));
      }
      openHybridVsock(vm, handed.isPresent(), doors);
      if (handed.isPresent()) {
        openHanded(vm, handed.get(), route, doors);
      }
    } catch (IOException | RuntimeException e) {
      close(vm, doors);
      throw e;
    }
    open.put(vm, doors);
    welcome(vm);
  }

  /** Those of its connections that came before its announcement; its doors are open by now. */
  private void welcome(Generation vm) {
    SourceIdentity.Vm source = new SourceIdentity.Vm(vm);
    vm.cids().forEach(cid -> server.announced(new SourceIdentity.Anonymous(cid), source));
    intake.announced(vm);
  }

  private Optional<Sockets> handed(Generation vm) {
    return vm.claims().stream().flatMap(claim -> handedSockets.take(claim).stream()).findFirst();
  }

  /**
   * The folder is the VMM's: that it is missing or unfit costs the VM no other way in, unless
   * somebody waits to be told.
   */
  private void openHybridVsock(Generation vm, boolean required, List<AutoCloseable> doors)
      throws IOException {
    if (vm.hybridVsock().isEmpty()) {
      return;
    }
    HybridDoors hybrid = new HybridDoors(vm, vm.hybridVsock().get(), kinds, access, server);
    if (required) {
      try {
        hybrid.open();
      } catch (IOException e) {
        throw new IOException(
            "cannot listen on hybrid vsock " + vm.hybridVsock().get() + ": " + e.getMessage(), e);
      }
    } else {
      hybrid.look();
    }
    hybrids.put(vm, hybrid);
    doors.add(
        () -> {
          hybrids.remove(vm);
          hybrid.close();
        });
    lookLater();
  }

  /** Looks after the VMMs' folders, as long as there are any. */
  private void lookLater() {
    if (!looking && !hybrids.isEmpty()) {
      looking = true;
      var unused =
          timer.schedule(
              () -> lifecycleThread.execute(this::look), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    looking = false;
    hybrids.values().forEach(hybrid -> Faults.contain(hybrid, hybrid::look));
    lookLater();
  }

  /** Why a live VM cannot come by its hybrid vsock; empty if it can. Any thread may ask. */
  public Optional<String> hybridProblem(Generation vm) {
    return Optional.ofNullable(hybrids.get(vm)).flatMap(HybridDoors::problem);
  }

  private void openHanded(Generation vm, Sockets handed, Route route, List<AutoCloseable> doors)
      throws IOException {
    if (handed.datagrams().isPresent()) {
      doors.add(vmmSockets.read(handed.datagrams().get(), route));
    }
    if (handed.listener().isPresent()) {
      ListenAddress address = handed.listener().get().release("of " + vm.id());
      doors.add(server.open(address, Identifiers.always(vm)));
    }
  }

  private AutoCloseable openDatagramSocket(Generation vm, Route route) throws IOException {
    SocketName name = naming.datagramSocket(vm.id());
    if (name.isDigest()) {
      LOG.info(
          "the sockets of VM {} are {} and beside it: a path with its name is longer than the 107"
              + " bytes of an address",
          vm,
          name.path());
    }
    try (PrivateFolder folder = PrivateFolder.open(name.base(), name.folders(), access.group())) {
      DatagramListener listener = DatagramListener.bind(folder, name.file(), access);
      try {
        return vmmSockets.read(listener, route);
      } catch (IOException e) {
        listener.close();
        throw e;
      }
    }
  }

  @Override
  public void closed(Generation vm) {
    close(vm, open.getOrDefault(vm, List.of()));
    open.remove(vm);
    var unused = timer.schedule(() -> intake.hangUp(vm), LINGER.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Closes every VM's sockets; their connections stay until the server ends. */
  public void closeAll() {
    open.forEach(VmDoors::close);
    open.clear();
  }

  /** The last to be opened first: the route must outlive what sends along it. */
  private static void close(Generation vm, List<AutoCloseable> doors) {
    for (int i = doors.size() - 1; i >= 0; i--) {
      try {
        doors.get(i).close();
      } catch (Exception e) {
        LOG.warn("a socket of {} could not be closed: {}", vm, e.toString());
      }
    }
  }
}
