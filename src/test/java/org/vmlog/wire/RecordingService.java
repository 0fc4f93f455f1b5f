package org.vmlog.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.record.Channel;

/** Remembers who connected and what came, and answers as it was told. Thread-safe. */
final class RecordingService implements LogService {
  /** A request as it arrived. */
  record Arrived(SourceIdentity source, Channel channel, byte[] request, Reply reply) {}

  private final List<Arrived> arrived = new ArrayList<>(); // guarded by this
  private final List<SourceIdentity> connected = new ArrayList<>(); // guarded by this
  private final List<SourceIdentity> closed = new ArrayList<>(); // guarded by this
  private final List<Reply.Refusal> refused = new ArrayList<>(); // guarded by this
  private int admitted; // guarded by this
  private volatile Consumer<Arrived> answer = one -> one.reply().ok();
  private volatile Consumer<Transport> onConnected = transport -> {};
  private volatile Function<PushReply, PushReceiver> pushes = reply -> PushReceiver.NONE;

  /** What becomes of requests from now on; at first all are OK at once. */
  void answer(Consumer<Arrived> answer) {
    this.answer = answer;
  }

  /** What stands behind Pushes from now on. */
  void pushes(Function<PushReply, PushReceiver> pushes) {
    this.pushes = pushes;
  }

  void onConnected(Consumer<Transport> onConnected) {
    this.onConnected = onConnected;
  }

  /** Leaves the next requests unanswered; the first of them completes the future. */
  CompletableFuture<Arrived> holdBack() {
    CompletableFuture<Arrived> first = new CompletableFuture<>();
    answer(first::complete);
    return first;
  }

  @Override
  public boolean hasRoomFor(SourceIdentity source) {
    return true;
  }

  @Override
  public synchronized boolean admit(SourceIdentity source) {
    admitted++;
    return true;
  }

  @Override
  public void foreign(FirstBytes first) {}

  @Override
  public synchronized void left(SourceIdentity source) {
    admitted--;
  }

  @Override
  public LogConnection connected(SourceIdentity source, Transport transport) {
    synchronized (this) {
      connected.add(source);
    }
    onConnected.accept(transport);
    return new LogConnection() {
      @Override
      public void collect(Channel channel, byte[] request, Reply reply) {
        Arrived one = new Arrived(source, channel, request, reply);
        synchronized (RecordingService.this) {
          arrived.add(one);
        }
        answer.accept(one);
      }

      @Override
      public void refused(Reply.Refusal refusal) {
        synchronized (RecordingService.this) {
          refused.add(refusal);
        }
      }

      @Override
      public PushReceiver push(PushReply reply) {
        return pushes.apply(reply);
      }

      @Override
      public void closed() {
        synchronized (RecordingService.this) {
          closed.add(source);
        }
      }
    };
  }

  synchronized List<Arrived> arrived() {
    return List.copyOf(arrived);
  }

  synchronized List<SourceIdentity> connected() {
    return List.copyOf(connected);
  }

  synchronized List<SourceIdentity> closed() {
    return List.copyOf(closed);
  }

  synchronized List<Reply.Refusal> refused() {
    return List.copyOf(refused);
  }

  /** Admitted and not left. */
  synchronized int admitted() {
    return admitted;
  }
}
