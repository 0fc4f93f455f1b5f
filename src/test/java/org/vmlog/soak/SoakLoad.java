package org.vmlog.soak;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Vmm;

/**
 * What hosts do all day, in a hurry: guests and VMMs that log, VMs that start and stop, connections
 * that come and go, well behaved or not, and log files that are rotated and opened anew.
 *
 * <p>Each kind of load has a thread of its own until one fails or this is closed. Thread-safe.
 */
final class SoakLoad implements AutoCloseable {
  private static final String OWNER = "alice";
  private static final long FIRST_CID = 1000;
  private static final int RECORDS = 20;

  /** VMs that come and go have names that come back, so that files and folders do not add up. */
  private static final int NAMES = 16;

  private interface Step {
    void run(int number) throws Exception;
  }

  private final TestHost host;
  private final ForwarderProcess forwarder;
  private final FakeConcierge concierge;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong datagrams = new AtomicLong();
  private final AtomicLong vms = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong copies = new AtomicLong();
  private final List<AutoCloseable> kept = new ArrayList<>();
  private volatile boolean closed;

  SoakLoad(TestHost host, ForwarderProcess forwarder, FakeConcierge concierge) {
    this.host = host;
    this.forwarder = forwarder;
    this.concierge = concierge;
  }

  /** Starts the load on two VMs that stay, and on others that do not. */
  void start(String first, String second) throws IOException {
    AFUNIXDatagramSocket syslog = AFUNIXDatagramSocket.newInstance();
    kept.add(syslog);
    syslog.bind(AFUNIXSocketAddress.of(host.syslogSocket()));
    Guest guest = Guest.on(host.grpcSocket(OWNER, first));
    kept.add(guest);
    Vmm vmm = Vmm.on(host.datagramSocket(OWNER, second));
    kept.add(vmm);
    repeat(0, number -> receive(syslog));
    repeat(10, number -> send(guest, number));
    repeat(4, number -> say(vmm, number));
    repeat(50, this::startAndStopVm);
    repeat(20, this::comeAndGo);
    repeat(5_000, number -> forwarder.hangUp());
  }

  /** Throws what has ended a part of the load. */
  void check() throws Exception {
    Exception cause = failure.get();
    if (cause != null) {
      throw new IOException("a part of the load failed", cause);
    }
  }

  private void repeat(long pauseMillis, Step step) {
    var unused =
        threads.submit(
            () -> {
              try {
                for (int number = 0; !closed; number++) {
                  step.run(number);
                  Thread.sleep(pauseMillis);
                }
              } catch (Exception e) {
                if (!closed) {
                  failure.compareAndSet(null, e);
                }
              }
            });
  }

  private void send(Guest guest, int number) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < RECORDS; i++) {
      request.addRecords(line(number * RECORDS + i));
    }
    guest.send(number % 4 == 0 ? Guest.Method.KERNEL : Guest.Method.USER, request.build());
    records.addAndGet(RECORDS);
  }

  private static LogRecord line(int number) {
    return Guest.record(
        System.currentTimeMillis() / 1000, " soak[1]: " + number + " " + "x".repeat(80));
  }

  private void say(Vmm vmm, int number) throws IOException {
    vmm.say("<13>Jan  1 00:00:00 crosvm[7]: " + number);
    datagrams.incrementAndGet();
  }

  private void receive(AFUNIXDatagramSocket syslog) throws IOException {
    syslog.receive(new DatagramPacket(new byte[256], 256));
    copies.incrementAndGet();
  }

  /** By real signals: a VM whose guest and VMM log once, while its connections are still open. */
  private void startAndStopVm(int number) throws Exception {
    String name = "short-" + number % NAMES;
    long cid = FIRST_CID + number;
    Path grpc = host.grpcSocket(OWNER, name);
    concierge.vmStartingUp(OWNER, name, cid);
    Await.until("the doors of " + name + " are open", () -> Files.exists(grpc), forwarder::log);
    try (Guest guest = Guest.on(grpc);
        Vmm vmm = Vmm.on(host.datagramSocket(OWNER, name))) {
      send(guest, number);
      say(vmm, number);
      concierge.vmStopped(OWNER, name, cid);
      Await.until("the doors are gone", () -> !Files.exists(grpc), forwarder::log);
    }
    vms.incrementAndGet();
  }

  private void comeAndGo(int number) throws IOException {
    Path door = host.forwarderSocket();
    switch (number % 3) {
      case 0 -> {
        try (Guest user = Guest.on(door)) {
          send(user, number);
        }
      }
      case 1 -> connectAndSay(door, "");
      default -> connectAndSay(door, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    }
    connections.incrementAndGet();
  }

  private static void connectAndSay(Path door, String words) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(door));
      int unused = channel.write(ByteBuffer.wrap(words.getBytes(StandardCharsets.US_ASCII)));
    }
  }

  @Override
  public String toString() {
    return "%,d records, %,d datagrams, %,d copies, %,d VMs, %,d connections"
        .formatted(records.get(), datagrams.get(), copies.get(), vms.get(), connections.get());
  }

  /** Ends the load, and returns when it has ended. */
  @Override
  public void close() throws Exception {
    closed = true;
    List<Runnable> unused = threads.shutdownNow();
    for (AutoCloseable one : kept) {
      one.close();
    }
    if (!threads.awaitTermination(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the load does not end");
    }
  }
}
