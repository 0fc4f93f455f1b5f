package org.vmlog.wire;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.vmlog.record.Channel;

/**
 * One connection to the host and the calls on it. What is handed in is called on the event loop,
 * and never before the call that it was handed to has returned. Confined to the event loop.
 */
public final class HostConnection {
  private static final MethodDescriptor<byte[], byte[]> COLLECT_KERNEL =
      method(MethodDescriptor.MethodType.UNARY, "vm_tools.LogCollector", "CollectKernelLogs");

  static final MethodDescriptor<byte[], byte[]> COLLECT_USER =
      method(MethodDescriptor.MethodType.UNARY, "vm_tools.LogCollector", "CollectUserLogs");

  private static final MethodDescriptor<byte[], byte[]> PUSH =
      method(MethodDescriptor.MethodType.BIDI_STREAMING, "vmlog.v1.LogStream", "Push");

  private final ManagedChannel channel;
  private final Executor loop;

  HostConnection(ManagedChannel channel, Executor loop) {
    this.channel = channel;
    this.loop = loop;
  }

  private static MethodDescriptor<byte[], byte[]> method(
      MethodDescriptor.MethodType type, String service, String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
        .setRequestMarshaller(RequestMarshaller.INSTANCE)
        .setResponseMarshaller(RequestMarshaller.INSTANCE)
        .build();
  }

  /** What becomes of a {@link Push}. */
  public interface PushListener {
    /** A PushResponse has come. */
    void onResponse(byte[] message);

    /** {@link Push#isReady} has become true. */
    void onReady();

    /** The stream has ended; nothing follows. */
    void onEnd(Answer answer);
  }

  /** Calls the listener once, when the connection that was made is gone. */
  public void onLost(Runnable listener) {
    ConnectivityState before = channel.getState(false);
    channel.notifyWhenStateChanged(
        before,
        () -> {
          if (before == ConnectivityState.READY) {
            loop.execute(listener);
          } else if (channel.getState(false) != ConnectivityState.SHUTDOWN) {
            onLost(listener);
          }
        });
  }

  /** Sends a serialized vm_tools.LogRequest; the answer comes once. */
  public void collect(Channel from, byte[] request, Consumer<Answer> onAnswer) {
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            from == Channel.KERNEL ? COLLECT_KERNEL : COLLECT_USER, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            loop.execute(() -> onAnswer.accept(Answer.of(status)));
          }
        },
        new Metadata());
    call.request(2); // one, and one more that a faulty host would have noticed
    call.sendMessage(request);
    call.halfClose();
  }

  /** Opens vmlog.v1.LogStream/Push. */
  public Push push(PushListener listener) {
    ClientCall<byte[], byte[]> call = channel.newCall(PUSH, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            call.request(1);
            loop.execute(() -> listener.onResponse(message));
          }

          @Override
          public void onReady() {
            loop.execute(listener::onReady);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            loop.execute(() -> listener.onEnd(Answer.of(status)));
          }
        },
        new Metadata());
    call.request(1);
    return new Push(call);
  }

  /** A stream of batches. Confined to the event loop. */
  public static final class Push {
    private final ClientCall<byte[], byte[]> call;

    private Push(ClientCall<byte[], byte[]> call) {
      this.call = call;
    }

    /** Whether a message goes out now; one that is sent all the same waits in memory. */
    public boolean isReady() {
      return call.isReady();
    }

    /** Sends a serialized PushRequest. */
    public void send(byte[] message) {
      call.sendMessage(message);
    }

    /** Says that no message follows; the host ends the stream once it has all of them. */
    public void finish() {
      call.halfClose();
    }

    /** Ends the stream at once. */
    public void cancel(String reason) {
      call.cancel(reason, null);
    }
  }

  /** Closes the connection once the calls on it have ended. */
  public void close() {
    channel.shutdown();
  }

  /** Closes the connection and ends the calls on it. */
  public void abort() {
    channel.shutdownNow();
  }
}
