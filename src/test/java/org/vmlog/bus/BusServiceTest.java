package org.vmlog.bus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketPair;
import org.newsclub.net.unix.FileDescriptorCast;
import org.vmlog.bus.BusClient.Target;
import org.vmlog.platform.Descriptor;
import org.vmlog.testing.Await;
import org.vmlog.testing.PrivateBus;

@Timeout(60)
class BusServiceTest {
  private static final String NAME = "org.vmlog.Test1";
  private static final Target OBJECT = new Target(NAME, "/org/vmlog/Test1", NAME);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ExecutorService calls = Executors.newSingleThreadExecutor();
  private final LinkedBlockingQueue<String> names = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<BusRequest> unanswered = new LinkedBlockingQueue<>();
  private PrivateBus bus;

  /** Answers with what it got. */
  private final BusObject echo =
      new BusObject() {
        @Override
        public String introspection() {
          return "<interface name=\"org.vmlog.Test1\"/>\n";
        }

        @Override
        public void call(BusRequest request) throws BusException {
          switch (request.member()) {
            case "Echo" -> request.reply("s", request.arguments("s"));
            case "Ignore" -> request.reply();
            case "Defer" -> unanswered.add(request);
            case "Fail" -> throw new IllegalStateException("broken");
            case "Pass" -> pass(request);
            default -> throw new BusException(BusException.UNKNOWN_METHOD, request.member());
          }
        }
      };

  private static void pass(BusRequest request) throws BusException {
    Object handle = request.arguments("h")[0];
    Descriptor taken = request.take((FileDescriptor) handle);
    try {
      request.reply(List.of(taken), "h", BusRequest.handle(taken));
    } catch (IOException e) {
      throw new BusException(BusException.FAILED, e.toString());
    }
  }

  @BeforeEach
  void createBus() throws IOException {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    bus = PrivateBus.create();
    bus.start();
  }

  @AfterEach
  void close() {
    calls.shutdownNow();
    bus.close();
  }

  @Test
  void call_ofTheObject_isAnswered() throws Exception {
    try (BusConnection service = serve();
        BusClient client = client()) {
      assertThat(client.call(OBJECT, PATIENCE, "Echo", "s", "hello")).containsExactly("hello");
      assertThat(client.call(OBJECT, PATIENCE, "Ignore", "")).isEmpty();
    }
  }

  @Test
  void call_thatFails_isAnsweredWithAnError() throws Exception {
    try (BusConnection service = serve();
        BusClient client = client()) {
      assertError(client, "Fail", BusException.FAILED, "java.lang.IllegalStateException: broken");
      assertError(client, "Nothing", BusException.UNKNOWN_METHOD, "Nothing");
      assertError(
          client,
          "Echo",
          BusException.INVALID_ARGUMENTS,
          "the arguments of Echo are \"\"; allowed is \"s\"");
    }
  }

  @Test
  void call_answeredLater_holdsUpNoOther() throws Exception {
    try (BusConnection service = serve();
        BusClient one = client();
        BusClient other = client()) {
      CountDownLatch answered = new CountDownLatch(1);
      Thread waiting =
          new Thread(
              () -> {
                try {
                  one.call(OBJECT, PATIENCE, "Defer", "");
                  answered.countDown();
                } catch (BusException e) {
                  throw new IllegalStateException(e);
                }
              });
      waiting.start();
      BusRequest deferred = unanswered.take();
      assertThat(other.call(OBJECT, PATIENCE, "Echo", "s", "still there"))
          .containsExactly("still there");

      deferred.reply();

      Await.down(answered);
      assertThat(catchThrowableOfType(IllegalStateException.class, deferred::reply)).isNotNull();
    }
  }

  @Test
  void call_beyondWhatMayWait_isRefused() throws Exception {
    BusService full =
        new BusService(
            NAME,
            Map.of(OBJECT.path(), echo),
            task -> {
              throw new RejectedExecutionException();
            });
    try (BusConnection service = connect(full);
        BusClient client = client()) {
      assertError(client, "Echo", BusException.LIMITS, "too many calls wait already");
    }
  }

  @Test
  void call_withADescriptor_passesItBothWays() throws Exception {
    AFUNIXSocketPair<AFUNIXSocketChannel> pair = AFUNIXSocketPair.open();
    try (BusConnection service = serve();
        BusClient client = client();
        AFUNIXSocketChannel near = pair.getSocket1();
        AFUNIXSocketChannel far = pair.getSocket2()) {
      int number = FileDescriptorCast.using(far.getFileDescriptor()).as(Integer.class);

      Object[] answer = client.call(OBJECT, PATIENCE, "Pass", "h", new FileDescriptor(number));
      Descriptor back = client.take((FileDescriptor) answer[0]).orElseThrow();

      assertThat(back.number()).isNotEqualTo(number);
      int released = back.release();
      try (FileOutputStream end =
          FileDescriptorCast.unsafeUsing(released).as(FileOutputStream.class)) {
        end.write("through the bus".getBytes(UTF_8));
      }
      ByteBuffer received = ByteBuffer.allocate(15);
      while (received.hasRemaining()) {
        assertThat(near.read(received)).isPositive();
      }
      assertThat(new String(received.array(), UTF_8)).isEqualTo("through the bus");
    }
  }

  @Test
  void descriptors_thatNobodyTakes_areClosed() throws Exception {
    try (BusConnection service = serve();
        BusClient client = client()) {
      Object handle = new FileDescriptor(1);
      assertThat(client.call(OBJECT, PATIENCE, "Ignore", "h", handle)).isEmpty();
      Target nowhere = new Target(NAME, "/nowhere", NAME);
      Target peer = new Target(NAME, "/", "org.freedesktop.DBus.Peer");
      long before = descriptors();
      for (int i = 0; i < 50; i++) {
        client.call(OBJECT, PATIENCE, "Ignore", "hh", handle, handle);
        for (Target target : List.of(nowhere, peer, OBJECT)) {
          assertThat(
                  catchThrowableOfType(
                      BusException.class,
                      () -> client.call(target, PATIENCE, "Nothing", "h", handle)))
              .isNotNull();
        }
      }
      Await.until("all are closed", () -> descriptors() <= before);
    }
  }

  @Test
  void descriptors_asManyAsTheKernelLetsThrough_areReceivedAndClosed() throws Exception {
    bus.stop();
    bus.with("<limit name='max_message_unix_fds'>253</limit>").start();
    try (BusConnection service = serve();
        BusClient client = client()) {
      assertThat(client.call(OBJECT, PATIENCE, "Ignore", "h", new FileDescriptor(1))).isEmpty();
      long before = descriptors();
      for (int i = 0; i < 10; i++) {
        Object[] handles = new Object[253];
        Arrays.fill(handles, new FileDescriptor(1));
        assertThat(client.call(OBJECT, PATIENCE, "Ignore", "h".repeat(253), handles)).isEmpty();
      }
      assertThat(client.call(OBJECT, PATIENCE, "Echo", "s", "hello")).containsExactly("hello");
      Await.until("all are closed", () -> descriptors() <= before);
    }
  }

  @Test
  void bus_onAnAbstractSocket_isConnectedToAsWell() throws Exception {
    String name = "vmlog-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    bus.stop();
    bus.with("<listen>unix:abstract=" + name + "</listen>").start();
    try (BusConnection service = serve();
        BusClient client = BusClient.connect("unix:abstract=" + name)) {
      assertThat(client.call(OBJECT, PATIENCE, "Echo", "s", "hello")).containsExactly("hello");
    }
  }

  @Test
  void call_withTooManyBytes_isRefusedAndTheNextIsAnswered() throws Exception {
    try (BusConnection service = serve();
        BusClient client = client()) {
      BusException refused =
          catchThrowableOfType(
              BusException.class,
              () -> client.call(OBJECT, PATIENCE, "Echo", "s", "x".repeat(2 << 20)));

      assertThat(refused.name()).isEqualTo(BusException.LIMITS);
      assertThat(refused).hasMessage("the arguments have 2097157 bytes; allowed are 1048576");
      assertThat(client.call(OBJECT, PATIENCE, "Echo", "s", "hello")).containsExactly("hello");
    }
  }

  @Test
  void introspection_leadsFromTheRootToTheObject() throws Exception {
    try (BusConnection service = serve();
        BusClient client = client()) {
      assertThat(introspect(client, "/")).contains("<node name=\"org\"/>").doesNotContain("Test1");
      assertThat(introspect(client, "/org/vmlog")).contains("<node name=\"Test1\"/>");
      assertThat(introspect(client, "/org/vmlog/Test1")).contains(echo.introspection());
    }
  }

  private static String introspect(BusClient client, String path) throws BusException {
    Target target = new Target(NAME, path, "org.freedesktop.DBus.Introspectable");
    return (String) client.call(target, PATIENCE, "Introspect", "")[0];
  }

  @Test
  void name_afterTheBusWasAway_isOursAgain() throws Exception {
    try (BusConnection service = serve()) {
      for (int round = 0; round < 2; round++) {
        bus.stop();
        bus.start();
        names.take();
        try (BusClient client = client()) {
          assertThat(client.call(OBJECT, PATIENCE, "Echo", "s", "again")).containsExactly("again");
        }
      }
    }
  }

  @Test
  void name_thatAnotherHas_isOursWhenItIsGivenUp() throws Exception {
    try (BusClient client = client()) {
      BusConnection first = serve();
      try (BusConnection second = serve()) {
        first.close();
        assertThat(client.call(OBJECT, PATIENCE, "Echo", "s", "hello")).containsExactly("hello");
      }
    }
  }

  private static void assertError(BusClient client, String member, String name, String message) {
    BusException error =
        catchThrowableOfType(BusException.class, () -> client.call(OBJECT, PATIENCE, member, ""));
    assertThat(error.name()).isEqualTo(name);
    assertThat(error).hasMessage(message);
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }

  private BusConnection serve() throws Exception {
    return connect(new BusService(NAME, Map.of(OBJECT.path(), echo), calls));
  }

  private BusConnection connect(BusService service) throws InterruptedException {
    BusConnection connection =
        new BusConnection(
            bus.address(),
            Thread::new,
            session -> {
              service.onConnected(session);
              names.add(nameOf(session));
            });
    connection.start();
    names.take();
    return connection;
  }

  private static String nameOf(DBusConnection session) {
    return session.getUniqueName();
  }

  private BusClient client() throws BusException {
    return BusClient.connect(bus.address());
  }
}
