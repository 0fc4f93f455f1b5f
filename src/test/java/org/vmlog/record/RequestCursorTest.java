package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.Timestamp;

class RequestCursorTest {
  private static final int MAX_RECORDS = 3;

  private final RequestCursor cursor = new RequestCursor(MAX_RECORDS);
  private final LogEntry entry = new LogEntry();

  @Test
  void next_wholeRecord_isGiven() throws RequestException {
    cursor.start(
        LogRequest.newBuilder()
            .addRecords(
                LogRecord.newBuilder()
                    .setSeverityValue(4)
                    .setTimestamp(Timestamp.newBuilder().setSeconds(-7).setNanos(1234))
                    .setContent(ByteString.copyFromUtf8("ab c")))
            .build()
            .toByteArray());

    assertThat(all()).containsExactly("3 -7 1234 ab c");
  }

  @Test
  void next_emptyRequest_givesNothing() throws RequestException {
    cursor.start(new byte[0]);
    assertThat(cursor.checkRest()).isZero();
    assertThat(cursor.next(entry)).isFalse();
    assertThat(cursor.next(entry)).isFalse();
  }

  @Test
  void next_emptyRecord_isANoticeAtTheEpochWithoutContent() throws RequestException {
    startHex("0A00");
    assertThat(all()).containsExactly("5 0 0 ");
  }

  @ParameterizedTest
  @CsvSource({
    "00, 5", "01, 0", "02, 1", "03, 2", "04, 3", "05, 4", "06, 5", "07, 6", "08, 7", "09, 5",
    "7F, 5"
  })
  void next_wireSeverity_isSyslogsPlusOne(String wire, int severity) throws RequestException {
    startHex("0A0208" + wire);
    assertThat(all()).containsExactly(severity + " 0 0 ");
  }

  @Test
  void next_negativeSeverity_isANotice() throws RequestException {
    startHex("0A0B 08 FFFFFFFFFFFFFFFFFF01");
    assertThat(all()).containsExactly("5 0 0 ");
  }

  @Test
  void next_repeatedFields_lastScalarWinsAndTimestampsMerge() throws RequestException {
    startHex("0A17 0801 0804 1202 0805 1202 1009 2A0161 2A026263 12020807");
    assertThat(all()).containsExactly("3 7 9 bc");
  }

  @Test
  void next_unknownFieldsGroupsAndWireTypes_areSkipped() throws RequestException {
    startHex(
        // Field 9 as varint, fixed 64, bytes, group and fixed 32, around and within a record.
        "4801 490102030405060708 4A0161 4B 4801 4C 4D01020304"
            + "0A11 4801 4B 0801 2A0178 4C 2A0179 0D01020304"
            // Field 1 as a varint is not a record, content as a varint is not content.
            + "0805 0A02 2805");
    assertThat(all()).containsExactly("5 0 0 y", "5 0 0 ");
  }

  @Test
  void next_recordsOfOneRequest_keepNothingOfEachOther() throws RequestException {
    startHex("0A08 0801 12020805 2A00 0A00");
    assertThat(all()).containsExactly("0 5 0 ", "5 0 0 ");
  }

  @Test
  void start_lengthBelowTheArrays_readsNoFurther() throws RequestException {
    byte[] request = HexFormat.of().parseHex("0a032a01610a00ff");
    cursor.start(request, 0, 7);
    assertThat(all()).containsExactly("5 0 0 a", "5 0 0 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0A", // ends within a field
        "0A05 2A0161", // record longer than the request
        "0A02 2A01", // content longer than its record
        "0A04 1203 0801", // timestamp longer than its record
        "0A0B 2AFFFFFFFFFFFFFFFFFF01", // negative length
        "0AFFFFFFFF0F", // negative length
        "00", // field number 0
        "0A01 00",
        "0C", // end of a group that never began
        "0A01 0C",
        "0B", // group without end
        "0B 14", // end of another group
        "0E", // wire type 6
        "08FFFFFFFFFFFFFFFFFFFF01", // varint of eleven bytes
      })
  void next_malformed_isRefusedWithoutStackTrace(String hex) {
    startHex(hex);
    assertThatThrownBy(this::all)
        .isInstanceOf(MalformedRequestException.class)
        .hasMessageStartingWith("malformed request: at byte ")
        .hasMessageContaining(" of " + hex.replace(" ", "").length() / 2 + ", where")
        .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    startHex(hex);
    assertThatThrownBy(cursor::checkRest).isInstanceOf(MalformedRequestException.class);
  }

  @ParameterizedTest
  @CsvSource({"0, 100", "1, 99", "2, 98"})
  void next_nestedGroups_areAllowedAsDeepAsProtobufsOwn(int messages, int groups)
      throws RequestException, InvalidProtocolBufferException {
    byte[] allowed = nested(messages, groups);
    assertThat(LogRequest.parseFrom(allowed).toByteArray()).isEqualTo(allowed);
    cursor.start(allowed);
    cursor.checkRest();

    byte[] tooDeep = nested(messages, groups + 1);
    assertThatThrownBy(() -> LogRequest.parseFrom(tooDeep))
        .isInstanceOf(InvalidProtocolBufferException.class);
    cursor.start(tooDeep);
    assertThatThrownBy(cursor::checkRest)
        .isInstanceOf(MalformedRequestException.class)
        .hasMessageEndingWith("nested deeper than 100");
  }

  @Test
  void next_moreThanMaxRecords_stopsThereWhateverFollows() throws RequestException {
    startHex("0A00 0A00 0A00 0A00 FF");
    for (int i = 0; i < MAX_RECORDS; i++) {
      assertThat(cursor.next(entry)).isTrue();
    }
    assertThatThrownBy(() -> cursor.next(entry))
        .isInstanceOf(TooManyRecordsException.class)
        .hasMessage("too many records: a request may hold 3, this one holds more")
        .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
  }

  @Test
  void checkRest_inTheMiddle_countsTheRestAndStaysWhereItIs() throws RequestException {
    startHex("0A032A0161 0A032A0162 0A032A0163");
    cursor.next(entry);
    assertThat(cursor.checkRest()).isEqualTo(2);
    assertThat(cursor.recordsSeen()).isEqualTo(1);
    assertThat(all()).containsExactly("5 0 0 b", "5 0 0 c");
    assertThat(cursor.checkRest()).isZero();
  }

  @Test
  void checkRest_inTheMiddle_countsWhatWasSeenTowardsTheMaximum() throws RequestException {
    startHex("0A00 0A00 0A00 0A00");
    cursor.next(entry);
    assertThatThrownBy(cursor::checkRest).isInstanceOf(TooManyRecordsException.class);
  }

  private void startHex(String hex) {
    cursor.start(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  private List<String> all() throws RequestException {
    List<String> records = new ArrayList<>();
    while (cursor.next(entry)) {
      String content =
          new String(entry.bytes(), entry.contentOffset(), entry.contentLength(), UTF_8);
      records.add(
          "%d %d %d %s".formatted(entry.severity(), entry.seconds(), entry.nanos(), content));
    }
    return records;
  }

  /** Groups of field 9 in each other, within the request, a record, or its timestamp. */
  private static byte[] nested(int messages, int groups) {
    byte[] inner = HexFormat.of().parseHex("4b".repeat(groups) + "4c".repeat(groups));
    for (int i = 0; i < messages; i++) {
      ByteString tag = ByteString.copyFrom(new byte[] {(byte) (i == messages - 1 ? 0x0A : 0x12)});
      byte[] length = {(byte) (0x80 | (inner.length & 0x7F)), (byte) (inner.length >> 7)};
      inner =
          tag.concat(ByteString.copyFrom(length)).concat(ByteString.copyFrom(inner)).toByteArray();
    }
    return inner;
  }
}
