package org.vmlog.route;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.VmId;
import org.vmlog.record.LineFormat;
import org.vmlog.record.SourceLabel;
import org.vmlog.sink.LineSink;

/**
 * From a source's identity to its pipe. A route is opened by whoever may send along it (a live
 * generation, each of its connections) and lives until the last of them has let go; then what waits
 * is written and the file is closed.
 *
 * <p>All generations of one VM share one pipe, since they share one file: a pipe has one writer at
 * a time, so the lines of a VM that was restarted follow those of its former life. Each generation
 * has its own label. Thread-safe; the lock is not held across I/O.
 */
public final class Router {
  /**
   * How the routes are set up.
   *
   * @param fileStyle what lines look like in files
   * @param syslogStyle what they look like on the local syslog's socket
   * @param pipeBytes the most that waits for one file
   * @param daemonBytes the most that waits for the local syslog or the journal, for each source
   * @param copies where the lines of VMs and components also go
   * @param limits what each source may log
   */
  public record Settings(
      LineStyle fileStyle,
      LineStyle syslogStyle,
      int pipeBytes,
      int daemonBytes,
      Set<CopyTarget> copies,
      SourceLimits limits,
      InstantSource clock) {
    public Settings {
      copies = copies.isEmpty() ? Set.of() : EnumSet.copyOf(copies); // in their order
    }
  }

  /** A pipe, and how many still hold it. */
  private static final class Held {
    final LogPipe pipe;
    final OwnLines ownLines;
    final SourceStatistics statistics;
    int holders;

    Held(LogPipe pipe, OwnLines ownLines, SourceStatistics statistics) {
      this.pipe = pipe;
      this.ownLines = ownLines;
      this.statistics = statistics;
    }
  }

  /** Of the pipe that takes what another one does once more. */
  private record CopyKey(Object key, CopyTarget target) {}

  /** Other VMs' owners are never so, and files of components are below a folder of this name. */
  private static final String REALMS = "@realms";

  private final Settings settings;
  private final LineStyle journalStyle;
  private final Places places;
  private final PipeMemory memory;
  private final DrainScheduler writers;

  @GuardedBy("this")
  private final Map<Object, Held> pipes;

  @GuardedBy("this")
  private final StatisticsTable statistics;

  /** Whether all pipes were told to close. */
  @GuardedBy("this")
  private boolean ended;

  private volatile DropListener dropListener = (vm, reason, count) -> {};

  /** Makes a router without routes. */
  public Router(Settings settings, Places places, PipeMemory memory, DrainScheduler writers) {
    this.settings = settings;
    this.journalStyle = settings.fileStyle().as(LineFormat.RFC5424);
    this.places = places;
    this.memory = memory;
    this.writers = writers;
    Map<Object, Held> byKey = new HashMap<>();
    this.pipes = byKey;
    this.statistics = new StatisticsTable(settings.clock(), byKey::containsKey); // with the lock
  }

  /** Names who is told of drops in VMs' files from now on. */
  public void onDrop(DropListener listener) {
    dropListener = listener;
  }

  /**
   * Opens the way of a VM's lines. Every open is to be followed by one {@link #release}.
   *
   * @throws IOException if the VM's owner or name cannot be a file's
   */
  public synchronized Route open(Generation vm) throws IOException {
    VmId id = vm.id();
    SourceLabel label = SourceLabel.vm(id.owner(), id.name(), vm.cid());
    Held file = holdFile(id, label, () -> places.vmFile(id));
    LineStyle style = settings.fileStyle();
    return route(id, label, style, file, holdCopies(id, label, id.owner(), id.name()));
  }

  /** Opens the way of a VM that starts: a line divides what it logs from what it logged before. */
  public synchronized Route begin(Generation vm) throws IOException {
    Route route = open(vm);
    var unused = route.pipe().reopen(); // so that the file is there from the VM's start
    if (vm.isAnnounced()) {
      route.pipe().begin(vm);
    }
    return route;
  }

  /** Opens the way of a guest's lines that nobody announced: to the local syslog, under its CID. */
  public synchronized Route open(SourceIdentity.Anonymous guest) {
    SourceLabel label = SourceLabel.anonymous(guest.cid());
    return route(guest, label, settings.syslogStyle(), holdSyslog(guest, label), List.of());
  }

  /** Opens the way of the lines of a user of this host. */
  public synchronized Route open(SourceIdentity.HostUser user) throws IOException {
    SourceLabel label = SourceLabel.hostUser(user.uid());
    Held file = holdFile(user, label, () -> places.hostUserFile(user.uid()));
    return route(user, label, settings.fileStyle(), file, List.of());
  }

  private Route route(
      Object key, SourceLabel label, LineStyle style, Held held, List<RouteCopy> copies) {
    return new Route(key, label, style, held.pipe, copies, held.statistics);
  }

  /** Opens the way of a component's lines. All its starts share one pipe, as a VM's do. */
  public synchronized Route open(SourceIdentity.Component component) throws IOException {
    ComponentId id = component.id();
    SourceLabel label =
        SourceLabel.component(id.name(), id.toString(), component.url(), component.instanceId());
    Held file = holdFile(id, label, () -> places.componentFile(id));
    String owner = id.realm().depth() == 0 ? REALMS : REALMS + "/" + id.realm();
    return route(id, label, settings.fileStyle(), file, holdCopies(id, label, owner, id.name()));
  }

  @GuardedBy("this")
  private List<RouteCopy> holdCopies(Object key, SourceLabel label, String owner, String name) {
    List<RouteCopy> copies = new ArrayList<>();
    for (CopyTarget target : settings.copies()) {
      boolean journal = target == CopyTarget.JOURNAL;
      LineStyle style = journal ? journalStyle : settings.syslogStyle();
      SinkMaker sink = journal ? () -> places.journal(owner, name) : places::syslog;
      Held held = holdDaemon(new CopyKey(key, target), label, style, false, sink);
      copies.add(new RouteCopy(target, style, held.pipe));
    }
    return copies;
  }

  /** Lets go of a route; the last to do so lets its pipes be written out and closed. */
  public synchronized void release(Route route) {
    letGo(route.key());
    route.copies().forEach(copy -> letGo(new CopyKey(route.key(), copy.target())));
  }

  /** Has every file opened anew, as after somebody has moved it away. */
  public synchronized void reopenAll() {
    for (Held held : pipes.values()) {
      var unused = held.pipe.reopen();
    }
  }

  /**
   * Has a VM's file rotated, unless it is empty. Completes when it is, or with an IOException;
   * empty when no such VM is live.
   */
  public synchronized Optional<CompletableFuture<Void>> rotate(VmId id) {
    return Optional.ofNullable(pipes.get(id)).map(held -> held.pipe.rotate());
  }

  /** Completes when a VM's file has been opened, or could not be; at once if the VM is not live. */
  public synchronized CompletableFuture<Void> opened(VmId id) {
    return Optional.ofNullable(pipes.get(id))
        .map(held -> held.pipe.arrive())
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  /**
   * What each source has sent, by the key of its routes: those that are there now, and as many of
   * those that were as are kept, the longest gone first.
   */
  public synchronized Map<Object, StatisticsSnapshot> statistics() {
    return statistics.snapshot();
  }

  /** The bytes that wait for each source's log, by the key of its routes. */
  public synchronized Map<Object, Integer> waitingBytes() {
    Map<Object, Integer> waiting = new HashMap<>();
    pipes.forEach((key, held) -> waiting.put(key, held.pipe.waitingBytes()));
    return waiting;
  }

  /**
   * What one source has sent; empty if it is not among those that are known.
   *
   * @param source a {@link VmId}, a {@link ComponentId} or a {@link SourceIdentity.HostUser}
   */
  public synchronized Optional<StatisticsSnapshot> statistics(Object source) {
    return statistics.find(source);
  }

  /** The CIDs of guests that logged and nobody had announced, the last to come last. */
  public synchronized List<Long> unknownCids() {
    return statistics.sources().stream()
        .filter(SourceIdentity.Anonymous.class::isInstance)
        .map(source -> ((SourceIdentity.Anonymous) source).cid())
        .filter(cid -> cid != 0)
        .toList();
  }

  /** Writes out and closes every pipe, whoever still holds it; completes when all are closed. */
  public synchronized CompletableFuture<Void> closeAll() {
    ended = true;
    List<CompletableFuture<Void>> closing = new ArrayList<>();
    pipes.values().forEach(held -> closing.add(held.pipe.close()));
    return CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new));
  }

  private interface SinkMaker {
    LineSink make() throws IOException;
  }

  @GuardedBy("this")
  private Held holdFile(Object key, SourceLabel label, SinkMaker sink) throws IOException {
    return hold(key, label, settings.fileStyle(), settings.pipeBytes(), true, sink);
  }

  @GuardedBy("this")
  private Held holdSyslog(Object key, SourceLabel label) {
    return holdDaemon(key, label, settings.syslogStyle(), true, places::syslog);
  }

  /**
   * @param limited false for copies: what they are copied from is limited already
   */
  @GuardedBy("this")
  private Held holdDaemon(
      Object key, SourceLabel label, LineStyle style, boolean limited, SinkMaker sink) {
    try {
      return hold(key, label, style, settings.daemonBytes(), limited, sink);
    } catch (IOException e) {
      throw new IllegalStateException("a log daemon's sink opens nothing when it is made", e);
    }
  }

  @GuardedBy("this")
  private Held hold(
      Object key, SourceLabel label, LineStyle style, int maxBytes, boolean limited, SinkMaker sink)
      throws IOException {
    @Nullable Held held = pipes.get(key);
    // At the end nothing is revived: who comes as late as that finds a pipe that closes.
    if (held == null || (!ended && !held.pipe.revive())) {
      OwnLines ownLines =
          new OwnLines(style, label, settings.clock(), (why, count) -> told(key, why, count));
      RateLimit rate = limited ? new RateLimit(settings.limits(), System::nanoTime) : null;
      String name = key.toString();
      SourceStatistics own =
          key instanceof CopyKey // its lines are counted where they are not copies
              ? new SourceStatistics(settings.clock())
              : statistics.of(key);
      LogPipe pipe = new LogPipe(name, sink.make(), maxBytes, memory, writers, ownLines, own, rate);
      Held made = new Held(pipe, ownLines, own);
      // Once a pipe: it may be released and revived many times before its close is done.
      var unused = pipe.closed().thenRun(() -> forget(key, made));
      pipes.put(key, made);
      held = made;
    }
    held.ownLines.label(label);
    held.holders++;
    return held;
  }

  private void told(Object key, DropReason reason, long count) {
    if (key instanceof VmId vm) {
      dropListener.dropped(vm, reason, count);
    }
  }

  @GuardedBy("this")
  private void letGo(Object key) {
    Held held = pipes.get(key);
    if (held != null && --held.holders == 0) {
      var unused = held.pipe.close();
    }
  }

  private synchronized void forget(Object key, Held held) {
    // Somebody may have opened the same key anew in the meantime.
    pipes.remove(key, held);
  }
}
