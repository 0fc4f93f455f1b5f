package org.vmlog.lifecycle.dbus;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusCaller;
import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusLeases;
import org.vmlog.bus.BusObject;
import org.vmlog.bus.BusRequest;
import org.vmlog.identity.Change;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.VmId;
import org.vmlog.lifecycle.HandedSockets.Sockets;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.route.StatisticsSnapshot;

/**
 * {@code org.vmlog.Forwarder1}: launchers say here which VMs there are, and hear what became of it.
 *
 * <p>Called on the calls' thread, which waits for nothing but the bus: answers come from the
 * lifecycle thread and the writers.
 */
final class ForwarderObject implements BusObject {
  static final String INTERFACE = "org.vmlog.Forwarder1";
  static final String PATH = "/org/vmlog/Forwarder1";

  private static final Logger LOG = LoggerFactory.getLogger(ForwarderObject.class);

  /** A disk that hangs is the forwarder's trouble, and not the launcher's. */
  private static final Duration FILE_PATIENCE = Duration.ofSeconds(2);

  private static final String METHODS =
      "RegisterVm, UnregisterVm, ListVms, Rotate, GetComponentStatistics, GetUserStatistics,"
          + " GetStatistics and GetCounters";

  private static final String INTROSPECTION =
      """
       <interface name="org.vmlog.Forwarder1">
        <method name="RegisterVm"><arg name="vm" type="a{sv}" direction="in"/></method>
        <method name="UnregisterVm">
         <arg name="owner" type="s" direction="in"/><arg name="name" type="s" direction="in"/>
        </method>
        <method name="ListVms"><arg name="vms" type="aa{sv}" direction="out"/></method>
        <method name="Rotate">
         <arg name="owner" type="s" direction="in"/><arg name="name" type="s" direction="in"/>
        </method>
        <method name="GetStatistics">
         <arg name="owner" type="s" direction="in"/><arg name="name" type="s" direction="in"/>
         <arg name="statistics" type="a{sv}" direction="out"/>
        </method>
        <method name="GetComponentStatistics">
         <arg name="realm" type="as" direction="in"/><arg name="name" type="s" direction="in"/>
         <arg name="statistics" type="a{sv}" direction="out"/>
        </method>
        <method name="GetUserStatistics">
         <arg name="uid" type="u" direction="in"/>
         <arg name="statistics" type="a{sv}" direction="out"/>
        </method>
        <method name="GetCounters"><arg name="counters" type="a{sv}" direction="out"/></method>
        <signal name="VmLogDropped">
         <arg name="owner" type="s"/><arg name="name" type="s"/>
         <arg name="count" type="t"/><arg name="reason" type="s"/>
        </signal>
       </interface>
      """;

  private final ForwarderService.Host host;
  private final Authority authority;
  private final RegistrationReader reader;
  private final BusLeases leases;
  private final LiveVmList listing;

  ForwarderObject(
      ForwarderService.Host host,
      Authority authority,
      RegistrationReader reader,
      BusLeases leases,
      LiveVmList listing) {
    this.host = host;
    this.authority = authority;
    this.reader = reader;
    this.leases = leases;
    this.listing = listing;
  }

  @Override
  public String introspection() {
    return INTROSPECTION;
  }

  @Override
  public void call(BusRequest request) throws BusException {
    boolean ours = request.interfaceName().map(INTERFACE::equals).orElse(true);
    switch (ours ? request.member() : "") {
      case "RegisterVm" -> register(request);
      case "UnregisterVm" -> unregister(request);
      case "ListVms" -> list(request);
      case "Rotate" -> rotate(request);
      case "GetStatistics" ->
          statistics(request, ForwarderObject::id, "no VM %s has been live lately");
      case "GetComponentStatistics" ->
          statistics(request, ForwarderObject::component, "no component %s has logged lately");
      case "GetUserStatistics" ->
          statistics(request, ForwarderObject::user, "this user has not logged lately");
      case "GetCounters" -> counters(request);
      default ->
          throw new BusException(
              BusException.UNKNOWN_METHOD,
              "no method %s; allowed are %s of %s".formatted(request.member(), METHODS, INTERFACE));
    }
  }

  private void list(BusRequest request) throws BusException {
    var unused = authority.require(Authority.Right.LIST, request);
    var unusedNone = request.arguments("");
    request.reply("aa{sv}", listing.list());
  }

  private void register(BusRequest request) throws BusException {
    BusCaller caller = authority.require(Authority.Right.REGISTER, request);
    Registration registration = reader.read(request);
    Optional<String> lease = Optional.empty();
    try {
      if (registration.lease()) {
        lease = Optional.of(leases.grant(request.bus(), request.sender()));
      }
    } catch (BusException e) {
      registration.sockets().close();
      throw e;
    }
    Claim claim = new Claim(new Claimant.HostUser(caller.uid()), registration.vm(), lease);
    host.sockets().put(claim, registration.sockets());
    var unused =
        host.lifecycle()
            .apply(new VmEvent.Started(claim))
            .whenComplete(
                (change, failure) -> {
                  host.sockets().take(claim).ifPresent(Sockets::close);
                  if (change instanceof Change.Applied) {
                    answerOnceOpen(claim.id(), request);
                  } else {
                    fail(request, change, failure);
                  }
                });
  }

  private void answerOnceOpen(VmId id, BusRequest request) {
    var unused =
        host.router()
            .opened(id)
            .copy() // which others may wait for as well
            .completeOnTimeout(null, FILE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((opened, failure) -> request.reply());
  }

  private void unregister(BusRequest request) throws BusException {
    BusCaller caller = authority.require(Authority.Right.REGISTER, request);
    VmId id = id(request);
    Claimant claimant = new Claimant.HostUser(caller.uid());
    var unused =
        host.lifecycle()
            .apply(new VmEvent.Stopped(claimant, id, OptionalLong.empty()))
            .whenComplete(
                (change, failure) -> {
                  if (change instanceof Change.Applied) {
                    request.reply();
                  } else if (change instanceof Change.Ignored) {
                    request.fail(notTheirs(id, claimant));
                  } else {
                    fail(request, change, failure);
                  }
                });
  }

  private BusException notTheirs(VmId id, Claimant claimant) {
    List<Claim> claims =
        host.registry().claims().stream().filter(claim -> claim.id().equals(id)).toList();
    return claims.isEmpty()
        ? new BusException(BusErrors.NOT_FOUND, "no VM " + id + " is announced")
        : new BusException(
            BusErrors.CLAIMED,
            "%s is %s's, and not %s's".formatted(id, claims.get(0).claimant(), claimant));
  }

  private void rotate(BusRequest request) throws BusException {
    var unused = authority.require(Authority.Right.REGISTER, request);
    VmId id = id(request);
    CompletableFuture<Void> rotated =
        host.router()
            .rotate(id)
            .orElseThrow(() -> new BusException(BusErrors.NOT_FOUND, "no VM " + id + " is live"));
    var unusedAnswer =
        rotated.whenComplete(
            (done, failure) -> {
              if (failure == null) {
                request.reply();
              } else {
                request.fail(
                    new BusException(BusErrors.FAILED, String.valueOf(failure.getMessage())));
              }
            });
  }

  /** Reads which source is meant. */
  private interface SourceReader {
    Object read(BusRequest request) throws BusException;
  }

  private void statistics(BusRequest request, SourceReader reader, String unknown)
      throws BusException {
    var unused = authority.require(Authority.Right.LIST, request);
    Object source = reader.read(request);
    StatisticsSnapshot known =
        host.router()
            .statistics(source)
            .orElseThrow(() -> new BusException(BusErrors.NOT_FOUND, unknown.formatted(source)));
    request.reply("a{sv}", StatisticsView.of(known));
  }

  private void counters(BusRequest request) throws BusException {
    var unused = authority.require(Authority.Right.LIST, request);
    var unusedNone = request.arguments("");
    request.reply("a{sv}", StatisticsView.of(host.counters().get(), host.router().unknownCids()));
  }

  private static VmId id(BusRequest request) throws BusException {
    Object[] arguments = request.arguments("ss");
    try {
      return new VmId((String) arguments[0], (String) arguments[1]);
    } catch (IllegalArgumentException e) {
      throw new BusException(BusErrors.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
    }
  }

  private static ComponentId component(BusRequest request) throws BusException {
    Object[] arguments = request.arguments("ass");
    List<String> labels = ((List<?>) arguments[0]).stream().map(label -> (String) label).toList();
    try {
      return new ComponentId(new RealmPath(labels), (String) arguments[1]);
    } catch (IllegalArgumentException e) {
      throw new BusException(BusErrors.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
    }
  }

  private static SourceIdentity.HostUser user(BusRequest request) throws BusException {
    return new SourceIdentity.HostUser(((Number) request.arguments("u")[0]).intValue());
  }

  private static void fail(
      BusRequest request, @Nullable Change change, @Nullable Throwable failure) {
    if (change instanceof Change.Refused refused) {
      request.fail(ForwarderErrors.of(refused));
    } else {
      LOG.error("{} failed", request.member(), failure);
      request.fail(new BusException(BusErrors.FAILED, String.valueOf(failure)));
    }
  }
}
