package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.stream.GuestChannel;
import org.vmlog.proto.stream.PushRequest;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.StreamGuest;
import org.vmlog.testing.TestHost;

/** Guests that know {@code vmlog.v1.LogStream}, against one forwarder; each test has its own VM. */
final class StreamTest {
  private static final List<String> VMS =
      List.of(
          "order", "again", "fence", "many", "reboot", "bad", "other", "kernel", "mixed", "end");

  @TempDir static Path folder;
  private static TestHost host;
  private static InetSocketAddress tcp;
  private static ForwarderProcess forwarder;

  @BeforeAll
  static void start() throws IOException {
    tcp = TestHost.freeTcpAddress();
    host = new TestHost(folder).withTcp(tcp).with("[attribution]\ntcp_anonymous = true");
    for (String vm : VMS) {
      host.withVm("alice", vm);
    }
    forwarder = host.start();
  }

  @AfterAll
  static void stop() throws IOException {
    assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    forwarder.close();
  }

  @Test
  void push_manyBatches_areWrittenInOrderAndAcknowledgedTogether() throws Exception {
    try (Guest guest = guest("order");
        StreamGuest push = StreamGuest.push(guest, "boot")) {
      assertThat(push.watermark()).isZero();
      int batches = 500;
      for (int i = 0; i < batches; i++) {
        push.send(1 + 10L * i, 10);
      }
      push.halfClose();
      assertThat(push.status().isOk()).as(push.toString()).isTrue();
      assertThat(push.lastSeq()).isEqualTo(10L * batches);
      assertThat(push.answers()).isSorted().doesNotHaveDuplicates();
      assertThat(LogFiles.numbers(log("order"))).isEqualTo(upTo(10 * batches));
    }
  }

  @Test
  void push_sentAgain_isPassedOverUpToInsideABatch() throws Exception {
    try (Guest guest = guest("again")) {
      try (StreamGuest push = StreamGuest.push(guest, "boot")) {
        push.send(1, 10).awaitAck(10);
      }
      try (StreamGuest push = StreamGuest.push(guest, "boot")) {
        assertThat(push.watermark()).isEqualTo(10);
        push.send(1, 4).send(5, 6).send(11, 2).awaitAck(12);
      }
      try (StreamGuest push = StreamGuest.push(guest, "boot")) {
        push.send(9, 10).awaitAck(18);
        push.send(31, 1).awaitAck(31); // what is left out is left out
        push.halfClose();
        assertThat(push.status().isOk()).isTrue();
      }
    }
    List<Integer> expected = new ArrayList<>(upTo(18));
    expected.add(31);
    assertThat(LogFiles.numbers(log("again"))).isEqualTo(expected);
  }

  @Test
  void push_ofAStreamThatIsOpen_fencesTheFormerOne() throws Exception {
    try (Guest guest = guest("fence");
        Guest again = guest("fence");
        StreamGuest former = StreamGuest.push(guest, "boot")) {
      former.send(1, 10).awaitAck(10);
      try (StreamGuest latter = StreamGuest.push(again, "boot")) {
        assertThat(latter.watermark()).isEqualTo(10);
        assertThat(former.status().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(former.status().getDescription()).isEqualTo("a newer Push has this stream");
        latter.send(11, 1).awaitAck(11);
      }
    }
    assertThat(LogFiles.numbers(log("fence"))).isEqualTo(upTo(11));
  }

  /** Whatever the former one has sent and not heard of stands once, or is sent again. */
  @Test
  void push_fencedInFullFlow_everyRecordOnce() throws Exception {
    try (Guest guest = guest("fence")) {
      long next = 1;
      StreamGuest push = StreamGuest.push(guest, "flow");
      for (int round = 0; round < 20; round++) {
        long first = push.watermark() + 1;
        for (int batch = 0; batch < 20; batch++) {
          push.send(first + 7L * batch, numbered("flow", first + 7L * batch, 7));
        }
        next = Math.max(next, first + 140);
        push = StreamGuest.push(guest, "flow");
      }
      long last = push.watermark();
      push.close();
      List<Long> flow = new ArrayList<>();
      LogFiles.forEachLine(
          log("fence"),
          line -> {
            if (line.contains(" flow ")) {
              flow.add(Long.valueOf(line.substring(line.lastIndexOf(' ') + 1)));
            }
          });
      assertThat(flow).hasSize((int) last).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void push_ofANinthStream_isRefusedUntilAnotherIsClosed() throws Exception {
    try (Guest first = guest("many");
        Guest second = guest("many");
        Guest third = guest("many")) {
      List<StreamGuest> open = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        StreamGuest push = StreamGuest.push(i < 4 ? first : second, "stream-" + i);
        open.add(push);
        assertThat(push.watermark()).isZero();
      }
      try (StreamGuest ninth = StreamGuest.push(third, "stream-8")) {
        assertThat(ninth.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(ninth.status().getDescription()).isEqualTo("8 streams are open; allowed are 8");
      }
      open.get(5).halfClose();
      assertThat(open.get(5).status().isOk()).isTrue();
      try (StreamGuest ninth = StreamGuest.push(third, "stream-8")) {
        assertThat(ninth.watermark()).isZero();
      }
      open.forEach(StreamGuest::close);
    }
  }

  /**
   * A guest that boots again makes a new id; of those that went before, the oldest is forgotten.
   */
  @Test
  void push_afterManyReboots_dropsNothingForADuplicate() throws Exception {
    try (Guest guest = guest("reboot")) {
      for (int boot = 0; boot < 12; boot++) {
        try (StreamGuest push = StreamGuest.push(guest, "boot-" + boot)) {
          assertThat(push.watermark()).isZero();
          push.send(1, 3).awaitAck(3);
        }
      }
      try (StreamGuest push = StreamGuest.push(guest, "boot-11")) {
        assertThat(push.watermark()).isEqualTo(3);
      }
    }
    assertThat(LogFiles.numbers(log("reboot"))).hasSize(36);
  }

  @Test
  void push_messageThatNoneMayBe_endsItAndNothingElse() throws Exception {
    PushRequest hello = StreamGuest.hello("boot");
    try (Guest guest = guest("bad");
        StreamGuest bystander = StreamGuest.push(guest, "bystander")) {
      bystander.send(1, 1).awaitAck(1);
      refused(
          guest,
          "the first message's stream_id has 0 bytes; allowed are 1 to 32",
          PushRequest.getDefaultInstance());
      refused(
          guest,
          "the first message's stream_id has 33 bytes; allowed are 1 to 32",
          PushRequest.newBuilder().setStreamId(ByteString.copyFrom(new byte[33])).build());
      refused(
          guest,
          "the first message has first_seq 1 and a batch; allowed is a stream_id alone",
          hello.toBuilder().setFirstSeq(1).setBatch(StreamGuest.numbered(1, 1)).build());
      refused(
          guest,
          "the first message has first_seq 7 and no batch; allowed is a stream_id alone",
          hello.toBuilder().setFirstSeq(7).build());
      refused(
          guest, "a stream_id of 4 bytes after the first message; allowed is none", hello, hello);
      refused(
          guest,
          "a message without a batch; allowed is one with records",
          hello,
          PushRequest.newBuilder().setFirstSeq(1).build());
      refused(
          guest,
          "a batch without records; allowed is one with some",
          hello,
          batch(1, LogRequest.getDefaultInstance()));
      refused(guest, outOfRange("0", 1), hello, batch(0, StreamGuest.numbered(1, 1)));
      refused(
          guest,
          outOfRange("18446744073709551615", 1),
          hello,
          batch(-1, StreamGuest.numbered(1, 1)));
      refused(
          guest,
          outOfRange("9223372036854775807", 2),
          hello,
          batch(Long.MAX_VALUE, StreamGuest.numbered(1, 2)));
      refused(
          guest,
          "first_seq 2 after a batch that ended with 3; allowed is what comes after that",
          hello,
          batch(2, StreamGuest.numbered(2, 2)),
          batch(2, StreamGuest.numbered(2, 2)));
      refused(
          guest,
          "channel 2; allowed are USER (0) and KERNEL (1)",
          hello,
          batch(4, StreamGuest.numbered(4, 1)).toBuilder().setChannelValue(2).build());
      LogRequest.Builder many = LogRequest.newBuilder();
      for (int i = 0; i <= 65_536; i++) {
        many.addRecords(LogRecord.getDefaultInstance());
      }
      refused(
          guest,
          "too many records: a request may hold 65536, this one holds more",
          hello,
          batch(4, many.build()));
      StreamGuest malformed = StreamGuest.push(guest, "boot");
      malformed.send(HexFormat.of().parseHex("10042203" + "0a0541"));
      assertThat(malformed.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(malformed.status().getDescription()).startsWith("malformed request: at byte");

      bystander.send(2, 1).awaitAck(2);
      guest.send(Guest.Method.USER, StreamGuest.numbered(5, 1));
    }
    // Of the stream that all those Pushes were of: one batch before each that was refused.
    assertThat(LogFiles.numbers(log("bad"))).containsExactly(1, 2, 3, 2, 5);
  }

  /** The largest number there is, in the largest batch that there may be. */
  @Test
  void push_largestNumbersAndBatch_areTaken() throws Exception {
    LogRequest.Builder many = LogRequest.newBuilder();
    for (int i = 0; i < 65_536; i++) {
      many.addRecords(LogRecord.getDefaultInstance());
    }
    try (Guest guest = guest("other");
        StreamGuest push = StreamGuest.push(guest, "boot")) {
      push.send(Long.MAX_VALUE - 65_535, many.build()).awaitAck(Long.MAX_VALUE);
    }
    assertThat(LogFiles.lines(log("other"))).hasSize(65_536);
  }

  @Test
  void push_ofKernelRecords_haveTheKernelsFacility() throws Exception {
    try (Guest guest = guest("kernel");
        StreamGuest push = StreamGuest.push(guest, "boot")) {
      PushRequest user = batch(1, StreamGuest.numbered(1, 1));
      push.send(user);
      push.send(user.toBuilder().setFirstSeq(2).setChannel(GuestChannel.KERNEL).build());
      push.awaitAck(2);
    }
    assertThat(LogFiles.lines(log("kernel")))
        .containsExactly(
            "<14>Nov 14 22:13:20 kernel record 1", "<6>Nov 14 22:13:20 kernel kernel: record 1");
  }

  @Test
  void push_besideRequests_neitherKeepsTheOtherWaiting() throws Exception {
    try (Guest guest = guest("mixed");
        StreamGuest push = StreamGuest.push(guest, "boot")) {
      push.watermark();
      for (int i = 0; i < 200; i++) {
        push.send(1 + 20L * i, 20);
        guest.send(Guest.Method.USER, numbered("request", i, 1));
      }
      push.awaitAck(4000);
    }
    assertThat(LogFiles.lines(log("mixed"))).hasSize(4200);
  }

  @Test
  void push_ofAUserOfThisHost_isWrittenOnceToo() throws Exception {
    Path log = host.hostUserLog((Integer) java.nio.file.Files.getAttribute(folder, "unix:uid"));
    try (Guest user = Guest.on(host.forwarderSocket())) {
      try (StreamGuest push = StreamGuest.push(user, "run")) {
        push.send(1, 5).awaitAck(5);
      }
      try (StreamGuest push = StreamGuest.push(user, "run")) {
        push.send(4, 3).awaitAck(6);
      }
    }
    assertThat(LogFiles.numbers(log)).isEqualTo(upTo(6));
  }

  /** The local syslog knows of no watermark. */
  @Test
  void push_ofAPeerWithoutAName_isUnimplemented() {
    try (Guest guest = Guest.on(tcp);
        StreamGuest push = StreamGuest.push(guest, "boot")) {
      assertThat(push.status().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(push.status().getDescription())
          .isEqualTo("this peer's log knows no streams; use LogCollector");
    }
  }

  private static void refused(Guest guest, String reason, PushRequest... messages) {
    try (StreamGuest push = StreamGuest.silent(guest)) {
      for (PushRequest message : messages) {
        push.send(message);
      }
      assertThat(push.status().getCode()).as(reason).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(push.status().getDescription()).isEqualTo(reason);
    }
  }

  private static String outOfRange(String firstSeq, int records) {
    return "first_seq %s with %d or more records; allowed are numbers from 1 to 9223372036854775807"
        .formatted(firstSeq, records);
  }

  private static PushRequest batch(long firstSeq, LogRequest batch) {
    return PushRequest.newBuilder().setFirstSeq(firstSeq).setBatch(batch).build();
  }

  private static LogRequest numbered(String text, long first, int records) {
    LogRequest.Builder batch = LogRequest.newBuilder();
    for (long seq = first; seq < first + records; seq++) {
      batch.addRecords(Guest.record(StreamGuest.EPOCH, text + " " + seq));
    }
    return batch.build();
  }

  private static Guest guest(String vm) {
    Path socket = host.grpcSocket("alice", vm);
    return Guest.on(socket);
  }

  private static Path log(String vm) {
    return host.log("alice", vm);
  }

  private static List<Integer> upTo(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }
}
