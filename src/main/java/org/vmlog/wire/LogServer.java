package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.LoopShift;
import org.vmlog.platform.StreamSocket;

/**
 * One server behind many doors. It listens nowhere itself; a {@link Door} accepts, decides who the
 * peer is and hands the connection over, and can be opened and closed at any time. A thousand VMs
 * thus share one set of limits and event loops.
 *
 * <p>Thread-safe; opening and closing wait for an event loop and must not run on one.
 */
public final class LogServer implements AutoCloseable {
  /**
   * What a peer may do.
   *
   * @param maxRequestBytes the largest message; a larger one gets RESOURCE_EXHAUSTED
   * @param eventLoops threads that serve the connections
   * @param hold how long a connection waits, unread, whose CID nobody knows, for somebody to be
   *     {@link #announced}; zero if it does not
   * @param heldBytes what all peers' bytes may take of the heap together
   */
  public record Settings(int maxRequestBytes, int eventLoops, Duration hold, long heldBytes) {
    /** With a quarter of the heap for what peers send. */
    public Settings(int maxRequestBytes, int eventLoops, Duration hold) {
      this(maxRequestBytes, eventLoops, hold, Runtime.getRuntime().maxMemory() / 4);
    }

    /** Settings with which nobody has to wait. */
    public Settings(int maxRequestBytes, int eventLoops) {
      this(maxRequestBytes, eventLoops, Duration.ZERO);
    }
  }

  static {
    GrpcLog.quiet();
  }

  private static final int QUIET_MILLIS = 20;
  private static final int SETTLE_MILLIS = 1000;

  private final EventLoopGroup loops;
  private final GrpcProtocol grpc;
  private final RequestMemory memory;
  private final LogService service;
  private final HeldConnections held;
  private final List<StreamProtocol> streams = new CopyOnWriteArrayList<>();

  private LogServer(
      EventLoopGroup loops,
      GrpcProtocol grpc,
      RequestMemory memory,
      LogService service,
      HeldConnections held) {
    this.loops = loops;
    this.grpc = grpc;
    this.memory = memory;
    this.service = service;
    this.held = held;
  }

  /** Starts a server that has no door yet, and whose loops do nothing else. */
  public static LogServer start(Settings settings, LogService service, ThreadFactory threads)
      throws IOException {
    return start(settings, service, threads, shift -> () -> {});
  }

  /**
   * Starts a server that has no door yet.
   *
   * @param chores makes each event loop's; see {@link LoopShift}
   */
  public static LogServer start(
      Settings settings,
      LogService service,
      ThreadFactory threads,
      Function<LoopShift, Runnable> chores)
      throws IOException {
    EventLoopGroup loops = new ServerLoops(settings.eventLoops(), threads, chores);
    RequestMemory memory = new RequestMemory(settings.heldBytes());
    GrpcProtocol grpc = new GrpcProtocol(loops, service, memory, settings.maxRequestBytes());
    return new LogServer(loops, grpc, memory, service, new HeldConnections(settings.hold()));
  }

  /** What {@link #open(ListenAddress, PeerIdentifier)} has spoken behind its doors. */
  public Protocol grpc() {
    return grpc;
  }

  /** What is spoken where bytes come that nobody answers; served by the same event loops. */
  public Protocol streams(StreamService behind) {
    StreamProtocol protocol = new StreamProtocol(loops, behind, memory);
    streams.add(protocol);
    return protocol;
  }

  /**
   * Opens a door with gRPC behind it; see {@link #open(ListenAddress, PeerIdentifier, Protocol)}.
   */
  public Door open(ListenAddress address, PeerIdentifier identifier) throws IOException {
    return open(address, identifier, grpc);
  }

  /**
   * Opens a door.
   *
   * @param identifier decides who comes in by it
   * @param protocol has them then
   * @throws BindException if somebody else listens there
   * @throws IOException if it cannot be opened; the message names the address
   */
  public Door open(ListenAddress address, PeerIdentifier identifier, Protocol protocol)
      throws IOException {
    return DoorOpening.open(address, loops, new DoorHandler(address, identifier, held, protocol));
  }

  /** Whether one more connection of this source would be served now. */
  public boolean hasRoomFor(SourceIdentity source) {
    return service.hasRoomFor(source);
  }

  /**
   * Serves a connection that somebody else has accepted, as this source's.
   *
   * @param connected the server's end, which is closed if it cannot be served
   * @throws IOException if it is no Unix stream socket
   */
  public void adopt(Descriptor connected, SourceIdentity source) throws IOException {
    try (connected) {
      StreamSocket.makeNonBlocking(connected);
      LinuxSocket socket = LinuxSocket.newSocket(connected.release());
      PeerChannel channel =
          new PeerChannel(null, socket, DoorChannel.ALREADY_BOUND, new Peer.HandedOver());
      grpc.serve(channel, source);
    }
  }

  /** What is held now of what peers have sent; see {@link RequestMemory}. */
  public long heldBytes() {
    return memory.heldBytes();
  }

  /** Completes when every event loop has run what was given to it. */
  public CompletableFuture<Void> whenResponsive() {
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    loops.forEach(loop -> answers.add(CompletableFuture.runAsync(() -> {}, loop)));
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new));
  }

  /** Ends the hold of those that wait as this guest: they are this VM's connections. */
  public void announced(SourceIdentity.Anonymous guest, SourceIdentity.Vm vm) {
    held.announced(guest, vm);
  }

  /** How many connections wait now for their guest to be announced. */
  public int heldNow() {
    return held.size();
  }

  /** What became of connections that had to wait. */
  public HoldCounters holdCounters() {
    return held.counters();
  }

  /**
   * Lets calls that have begun end, sends GOAWAY on every connection, then closes all of them.
   * Those that are held are closed unread: their guests have no answer, and will send again to who
   * listens next, which may know their VM by then.
   */
  public void shutdown(Duration grace) {
    held.close();
    settle();
    streams.forEach(StreamProtocol::closeAll);
    await(grpc.goAway(), grace);
    grpc.abort();
    // With a quiet period: who has just written the last answer may still be busy with its future.
    var unused =
        loops
            .shutdownGracefully(QUIET_MILLIS, 1000, TimeUnit.MILLISECONDS)
            .awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  /**
   * Lets every connection that was handed over be on its loop, and read: a component that has gone
   * would not say its last words again.
   */
  private void settle() {
    try {
      // The first round has it handed over, the second has it read.
      await(
          whenResponsive().thenCompose(done -> whenResponsive()), Duration.ofMillis(SETTLE_MILLIS));
    } catch (RejectedExecutionException e) {
      // The loops have ended before.
    }
  }

  private static void await(CompletableFuture<Void> done, Duration patience) {
    try {
      done.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // A loop that does not run, or not any more, serves nobody in any case.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    shutdown(Duration.ZERO);
  }
}
