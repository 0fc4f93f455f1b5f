package org.vmlog.route;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.VmId;
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
   * @param syslogBytes the most that waits for the local syslog, for each source
   * @param copyToSyslog whether the lines of VMs and components also go to the local syslog
   * @param limits what each source may log
   */
  public record Settings(
      LineStyle fileStyle,
      LineStyle syslogStyle,
      int pipeBytes,
      int syslogBytes,
      boolean copyToSyslog,
      SourceLimits limits,
      InstantSource clock) {}

  /** A pipe, and how many still hold it. */
  private static final class Held {
    final LogPipe pipe;
    final DropLine dropLine;
    final SourceStatistics statistics;
    int holders;

    Held(LogPipe pipe, DropLine dropLine, SourceStatistics statistics) {
      this.pipe = pipe;
      this.dropLine = dropLine;
      this.statistics = statistics;
    }
  }

  /** Of the pipe that takes what another one does once more. */
  private record CopyKey(Object key) {}

  private final Settings settings;
  private final Places places;
  private final PipeMemory memory;
  private final DrainScheduler writers;
  private final Map<Object, Held> pipes = new HashMap<>(); // guarded by this
  private final StatisticsTable statistics; // guarded by this
  private volatile DropListener dropListener = (vm, reason, count) -> {};

  /** Makes a router without routes. */
  public Router(Settings settings, Places places, PipeMemory memory, DrainScheduler writers) {
    this.settings = settings;
    this.places = places;
    this.memory = memory;
    this.writers = writers;
    this.statistics = new StatisticsTable(settings.clock(), pipes::containsKey);
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
    var unused = file.pipe.reopen(); // so that the file is there from the VM's start
    return route(id, label, settings.fileStyle(), file, holdCopy(id, label));
  }

  /** Opens the way of a guest's lines that nobody announced: to the local syslog, under its CID. */
  public synchronized Route open(SourceIdentity.Anonymous guest) {
    SourceLabel label = SourceLabel.anonymous(guest.cid());
    return route(guest, label, settings.syslogStyle(), holdSyslog(guest, label, true), null);
  }

  /** Opens the way of the lines of a user of this host. */
  public synchronized Route open(SourceIdentity.HostUser user) throws IOException {
    SourceLabel label = SourceLabel.hostUser(user.uid());
    Held file = holdFile(user, label, () -> places.hostUserFile(user.uid()));
    return route(user, label, settings.fileStyle(), file, null);
  }

  private Route route(
      Object key, SourceLabel label, LineStyle style, Held held, @Nullable LogPipe copy) {
    return new Route(key, label, style, held.pipe, settings.syslogStyle(), copy, held.statistics);
  }

  /** Opens the way of a component's lines. All its starts share one pipe, as a VM's do. */
  public synchronized Route open(SourceIdentity.Component component) throws IOException {
    ComponentId id = component.id();
    SourceLabel label =
        SourceLabel.component(id.name(), id.toString(), component.url(), component.instanceId());
    Held file = holdFile(id, label, () -> places.componentFile(id));
    return route(id, label, settings.fileStyle(), file, holdCopy(id, label));
  }

  /** Guarded by this. */
  private @Nullable LogPipe holdCopy(Object key, SourceLabel label) {
    return settings.copyToSyslog() ? holdSyslog(new CopyKey(key), label, false).pipe : null;
  }

  /** Lets go of a route; the last to do so lets its pipes be written out and closed. */
  public synchronized void release(Route route) {
    letGo(route.key());
    if (route.copy() != null) {
      letGo(new CopyKey(route.key()));
    }
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
    List<CompletableFuture<Void>> closing = new ArrayList<>();
    pipes.values().forEach(held -> closing.add(held.pipe.close()));
    return CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new));
  }

  private interface SinkMaker {
    LineSink make() throws IOException;
  }

  /** Guarded by this. */
  private Held holdFile(Object key, SourceLabel label, SinkMaker sink) throws IOException {
    return hold(key, label, settings.fileStyle(), settings.pipeBytes(), true, sink);
  }

  /**
   * Guarded by this.
   *
   * @param limited false for copies: what they are copied from is limited already
   */
  private Held holdSyslog(Object key, SourceLabel label, boolean limited) {
    LineStyle style = settings.syslogStyle();
    try {
      return hold(key, label, style, settings.syslogBytes(), limited, places::syslog);
    } catch (IOException e) {
      throw new IllegalStateException("a syslog sink opens nothing when it is made", e);
    }
  }

  private Held hold(
      Object key, SourceLabel label, LineStyle style, int maxBytes, boolean limited, SinkMaker sink)
      throws IOException {
    @Nullable Held held = pipes.get(key);
    if (held == null || !held.pipe.revive()) {
      DropLine dropLine =
          new DropLine(style, label, settings.clock(), (why, count) -> told(key, why, count));
      RateLimit rate = limited ? new RateLimit(settings.limits(), System::nanoTime) : null;
      String name = key.toString();
      SourceStatistics own =
          key instanceof CopyKey // its lines are counted where they are not copies
              ? new SourceStatistics(settings.clock())
              : statistics.of(key);
      LogPipe pipe = new LogPipe(name, sink.make(), maxBytes, memory, writers, dropLine, own, rate);
      Held made = new Held(pipe, dropLine, own);
      // Once a pipe: it may be released and revived many times before its close is done.
      var unused = pipe.closed().thenRun(() -> forget(key, made));
      pipes.put(key, made);
      held = made;
    }
    held.dropLine.label(label);
    held.holders++;
    return held;
  }

  private void told(Object key, DropReason reason, long count) {
    if (key instanceof VmId vm) {
      dropListener.dropped(vm, reason, count);
    }
  }

  /** Guarded by this. */
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
