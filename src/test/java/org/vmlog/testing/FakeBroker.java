package org.vmlog.testing;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.freedesktop.dbus.FileDescriptor;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.BusObject;
import org.vmlog.bus.BusRequest;
import org.vmlog.bus.BusService;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.PacketSocket;

/**
 * Has one of the broker's names on a bus, and leaves it to the test what becomes of each call.
 * Thread-safe.
 */
public final class FakeBroker implements AutoCloseable {
  private final LinkedBlockingQueue<BusRequest> calls = new LinkedBlockingQueue<>();
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final BusConnection connection;

  private FakeBroker(String address, String name) {
    BusObject object =
        new BusObject() {
          @Override
          public String introspection() {
            return "";
          }

          @Override
          public void call(BusRequest request) {
            calls.add(request);
          }
        };
    Map<String, BusObject> objects = Map.of("/" + name.replace('.', '/'), object);
    connection = new BusConnection(address, Thread::new, new BusService(name, objects, thread));
  }

  /** Takes {@code org.vmlog.LogConnector1}. */
  public static FakeBroker logConnector(PrivateBus bus) {
    return start(bus, "org.vmlog.LogConnector1");
  }

  /** Takes {@code org.vmlog.EventSource1}. */
  public static FakeBroker eventSource(PrivateBus bus) {
    return start(bus, "org.vmlog.EventSource1");
  }

  private static FakeBroker start(PrivateBus bus, String name) {
    FakeBroker broker = new FakeBroker(bus.address(), name);
    broker.connection.start();
    broker.connection.awaitFirstAttempt(Await.PATIENCE);
    return broker;
  }

  /** Waits for the next call, which is the test's to answer. */
  public BusRequest next() throws InterruptedException {
    return calls.take();
  }

  /** Whether nobody has called that has not been answered for. */
  public boolean isQuiet() {
    return calls.isEmpty();
  }

  /** Answers that the listener is taken, and gives the other end of the broker's. */
  public static PacketSocket giveListener(BusRequest take) throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    Descriptor theirs = pair.theirs();
    if (take.member().equals("TakeStaticEventStream")) {
      take.reply(List.of(theirs), "h", BusRequest.handle(theirs));
    } else {
      take.reply(List.of(theirs), "bah", true, new FileDescriptor[] {BusRequest.handle(theirs)});
    }
    return pair.ours();
  }

  @Override
  public void close() {
    connection.close();
    thread.shutdownNow();
  }
}
