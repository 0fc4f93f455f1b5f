package org.vmlog.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.guest.Records.DEBUG;
import static org.vmlog.guest.Records.ERROR;
import static org.vmlog.guest.Records.INFO;
import static org.vmlog.guest.Records.WARNING;
import static org.vmlog.record.Channel.KERNEL;
import static org.vmlog.record.Channel.USER;

import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.config.GuestConfig;
import org.vmlog.platform.Threads;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeLogHost;
import org.vmlog.testing.Seed;
import org.vmlog.wire.HostAddress;
import org.vmlog.wire.HostClient;

@Timeout(120)
class SenderTest {
  private static final int WINDOW_BYTES = 64 * 1024;

  /** No test waits for it: what is to be sent is an error, or too much to wait. */
  private static final Duration LONG = Duration.ofHours(1);

  private static final String TAG = "USER 4  " + OwnRecords.tag();

  @TempDir Path folder;
  private final List<HostClient> clients = new ArrayList<>();
  private RecordBuffer buffer = newBuffer(LONG);
  private Duration patience = LONG;
  private FakeLogHost host;

  @BeforeEach
  void prepareHost() {
    host = FakeLogHost.on(folder.resolve("host"));
  }

  @AfterEach
  void closeAll() throws InterruptedException {
    clients.forEach(HostClient::close);
    host.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void send_anError_takesAlongWhatWaits(boolean streaming) throws IOException {
    host.streaming(streaming).start();
    startSender();
    offer(INFO, "a");
    offer(ERROR, "b");

    awaitReceived("USER 6 a", "USER 3 b");
    assertThat(host.requests()).containsExactly(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void send_nothingUrgent_waitsNoLongerThanItMay(boolean streaming) throws IOException {
    buffer = newBuffer(Duration.ofMillis(50));
    host.streaming(streaming).start();
    startSender();
    offer(INFO, "a");

    awaitReceived("USER 6 a");
    buffer.offer(KERNEL, Records.entry(DEBUG, "b"));
    awaitReceived("USER 6 a", "KERNEL 7 b");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void send_enoughBytes_doesNotWait(boolean streaming) throws IOException {
    host.streaming(streaming).start();
    startSender();
    String half = "x".repeat(2100);
    offer(INFO, half);
    offer(INFO, half);

    awaitReceived("USER 6 " + half, "USER 6 " + half);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void send_whileNobodyIsThere_comesWhenSomebodyIs(boolean streaming) throws IOException {
    startSender();
    List<String> expected = offerErrors(0, 300);
    host.streaming(streaming).start();

    awaitReceived(expected);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void send_toAHostThatFails_isTriedAgainInOrder(boolean streaming) throws IOException {
    int[] failures = {3};
    host.judging(
        request -> failures[0]-- > 0 ? Status.UNAVAILABLE.withDescription("full") : Status.OK);
    host.streaming(streaming).start();
    startSender();

    awaitReceived(offerErrors(0, 300));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void send_oneThatIsRefused_losesThatOneAlone(boolean streaming) throws IOException {
    host.judging(
        request ->
            contains(request, "bad") ? Status.INVALID_ARGUMENT.withDescription("no") : Status.OK);
    List<String> expected = new ArrayList<>(offerErrors(0, 50));
    offer(WARNING, "bad");
    expected.addAll(offerErrors(50, 100));
    host.streaming(streaming).start();
    startSender();

    awaitReceived(expected);
    offer(ERROR, "last");
    expected.add(TAG + "1 record dropped by the host's refusal: 1 warning");
    expected.add("USER 3 last");
    awaitReceived(expected);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void send_moreThanTheHostTakesAtOnce_goesInSmallerRequests(boolean streaming) throws IOException {
    host.judging(
        request -> request.getSerializedSize() > 1500 ? Status.RESOURCE_EXHAUSTED : Status.OK);
    List<String> expected = new ArrayList<>(offerErrors(0, 200));
    offer(INFO, "x".repeat(2000));
    expected.addAll(offerErrors(200, 210));
    host.streaming(streaming).start();
    startSender();

    awaitReceived(expected);
  }

  @Test
  void collect_aRequestUnderWay_isOneOfEachChannel() throws IOException {
    host.streaming(false).start();
    host.answering(false);
    startSender();
    offer(ERROR, "a");
    awaitReceived("USER 3 a");
    List<String> later = offerErrors(0, 20);
    buffer.offer(KERNEL, Records.entry(ERROR, "k"));
    awaitReceived("USER 3 a", "KERNEL 3 k");
    assertThat(host.requests()).containsExactly(1, 1);

    host.answering(true);
    List<String> expected = new ArrayList<>(List.of("USER 3 a", "KERNEL 3 k"));
    expected.addAll(later);
    awaitReceived(expected);
    assertThat(host.requests()).containsExactly(1, 1, 20);
  }

  @Test
  void collect_anAnswerThatIsLost_isSentAgain() throws Exception {
    host.streaming(false).start();
    host.answering(false);
    startSender();
    offer(ERROR, "a");
    awaitReceived("USER 3 a");
    host.stop();
    host.start();
    awaitReceived("USER 3 a", "USER 3 a");
    host.answering(true);
    awaitEmpty();
  }

  @Test
  void stream_withoutAnswers_goesOnAsFarAsTheWindow() throws IOException {
    host.start();
    startSender();
    offer(ERROR, "first");
    awaitReceived("USER 3 first");
    awaitEmpty();
    host.answering(false);
    for (int i = 0; i < 400; i++) {
      offer(ERROR, "x".repeat(1000));
    }
    Await.until("the window is full", () -> receivedBytes() >= WINDOW_BYTES * 9 / 10);
    assertThat(host.received()).hasSizeLessThan(200);
    assertThat(host.requests()).hasSizeGreaterThan(1);
  }

  @Test
  void stream_brokenAnywhere_bringsEachRecordOnce() throws Exception {
    Random random = Seed.random("SenderTest");
    host.start();
    startSender();
    List<String> expected = new ArrayList<>();
    for (int round = 0; round < 12; round++) {
      host.answering(random.nextBoolean());
      expected.addAll(offerErrors(expected.size(), expected.size() + 100));
      int atLeast = random.nextInt(expected.size());
      Await.until("some have come", () -> host.received().size() >= atLeast - 100);
      host.stop();
      host.answering(true);
      host.start();
    }
    awaitReceived(expected);
    awaitEmpty();
    assertThat(host.streams()).isEqualTo(1);
  }

  @Test
  void stream_toAHostThatLearnsIt_isUsedOnTheNextConnection() throws Exception {
    host.streaming(false).start();
    startSender();
    offer(ERROR, "a");
    awaitReceived("USER 3 a");
    host.stop();
    offer(ERROR, "b");
    host.streaming(true).start();

    awaitReceived("USER 3 a", "USER 3 b");
    Await.until("the stream is opened", () -> host.streams() == 1);
    host.stop();
    offer(ERROR, "c");
    host.streaming(false).start();
    awaitReceived("USER 3 a", "USER 3 b", "USER 3 c");
  }

  @Test
  void stream_bothChannels_areInTheOrderOfArrival() throws IOException {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      boolean kernel = i % 3 == 0;
      buffer.offer(kernel ? KERNEL : USER, Records.entry(ERROR, "n" + i));
      expected.add((kernel ? "KERNEL" : "USER") + " 3 n" + i);
    }
    host.start();
    startSender();

    awaitReceived(expected);
  }

  @Test
  void drain_whatIsNotDue_isSentToo() throws IOException {
    host.start();
    Sender sender = startSender();
    offer(INFO, "a");

    Await.value(sender.drain());
    assertThat(host.received()).containsExactly("USER 6 a");
  }

  /**
   * What a VM sees that is set back to a snapshot of its memory: it has numbers again that its host
   * has seen, and a connection that is none any more, on which it sends before it notices.
   */
  @Test
  void send_ofAVmThatWasSetBack_losesNothing() throws Exception {
    host.start();
    Sender firstLife = startSender();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      expected.addAll(offerErrors(i, i + 1));
      awaitReceived(expected);
    }
    Await.value(firstLife.drain());
    clients.remove(0).close();
    host.stop();
    try (FakeLogHost gone = FakeLogHost.on(folder.resolve("host"))) {
      gone.answering(false);
      gone.start();
      buffer = newBuffer(LONG);
      startSender();
      for (int i = 100; i < 103; i++) {
        offerErrors(i, i + 1);
        int sent = i - 99;
        Await.until("it is sent", () -> gone.received().size() == sent);
      }
    }
    host.start();

    expected.addAll(List.of("USER 3 number 100", "USER 3 number 101", "USER 3 number 102"));
    expected.addAll(offerErrors(103, 110));
    awaitReceived(expected);
    assertThat(host.streams()).isEqualTo(2);
    Await.until("nothing is left", () -> buffer.isEmpty());
  }

  /**
   * In both lives the same records were under way: the host has them, and they are not sent again.
   */
  @Test
  void send_ofAVmWhoseAnswersWereLost_goesOnInItsStream() throws Exception {
    host.start();
    host.answering(false);
    startSender();
    List<String> expected = offerErrors(0, 5);
    awaitReceived(expected);
    host.stop();
    host.answering(true);
    host.start();

    expected = new ArrayList<>(expected);
    expected.addAll(offerErrors(5, 10));
    awaitReceived(expected);
    assertThat(host.streams()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void send_whereNoAnswerComes_isTriedOnAnotherConnection(boolean streaming) throws IOException {
    patience = Duration.ofMillis(200);
    host.answering(false);
    host.streaming(streaming).start();
    startSender();
    offer(ERROR, "a");
    Await.until("it is sent again, or known to be there", () -> host.connections() > 1);
    host.answering(true);
    Await.until("the host has it", () -> buffer.isEmpty());
    assertThat(host.received()).contains("USER 3 a");
  }

  private Sender startSender() {
    HostClient client =
        HostClient.start(
            new HostAddress.Unix(folder.resolve("host")), Threads.named("sender-test"));
    clients.add(client);
    byte[] id = "stream-1".getBytes(StandardCharsets.US_ASCII);
    Sender sender =
        new Sender(
            client,
            buffer,
            new GuestStream(id, 0, kept -> {}),
            WINDOW_BYTES,
            patience,
            new Random(1));
    sender.start();
    return sender;
  }

  private static RecordBuffer newBuffer(Duration flushAfter) {
    return new RecordBuffer(
        new HeapSegments(4 << 20),
        new GuestConfig.Flush(4096, flushAfter),
        KernelBookmark.none(),
        Records.OWN,
        System::nanoTime);
  }

  private void offer(int severity, String content) {
    buffer.offer(USER, Records.entry(severity, content));
  }

  /** Offers numbered errors, and answers them as the host should receive them. */
  private List<String> offerErrors(int from, int to) {
    IntStream.range(from, to).forEach(i -> offer(ERROR, "number " + i));
    return IntStream.range(from, to).mapToObj(i -> "USER 3 number " + i).toList();
  }

  private static boolean contains(LogRequest request, String content) {
    return request.getRecordsList().stream()
        .anyMatch(record -> record.getContent().toStringUtf8().equals(content));
  }

  private long receivedBytes() {
    return host.received().stream().mapToLong(String::length).sum();
  }

  private void awaitReceived(String... expected) {
    awaitReceived(List.of(expected));
  }

  private void awaitReceived(List<String> expected) {
    Await.until(
        expected.size() + " records have come",
        () -> host.received().size() >= expected.size(),
        () -> host.received().toString());
    assertThat(host.received()).isEqualTo(expected);
  }

  private void awaitEmpty() {
    Await.until("everything is acknowledged", buffer::isEmpty);
  }
}
