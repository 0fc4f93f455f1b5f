package org.vmlog.ship.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * What a receiver says to an export that it took: {@code ExportLogsServiceResponse}
 * (opentelemetry/proto/collector/logs/v1/logs_service.proto). Immutable.
 *
 * @param rejected records that it did not take, and never will
 * @param message why, in its words; may be there without any
 */
record ExportAnswer(long rejected, String message) {
  private static final int PARTIAL_SUCCESS = tag(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int REJECTED = tag(1, WireFormat.WIRETYPE_VARINT);
  private static final int MESSAGE = tag(2, WireFormat.WIRETYPE_LENGTH_DELIMITED);

  /** What cannot be read says nothing; the records were taken all the same, says the status. */
  static ExportAnswer of(byte[] response) {
    try {
      return parse(response);
    } catch (IOException e) {
      return new ExportAnswer(0, "");
    }
  }

  private static ExportAnswer parse(byte[] response) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(response);
    ExportAnswer answer = new ExportAnswer(0, "");
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == PARTIAL_SUCCESS) {
        answer = partialSuccess(in.readByteArray());
      } else {
        in.skipField(tag);
      }
    }
    return answer;
  }

  private static ExportAnswer partialSuccess(byte[] message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    long rejected = 0;
    String text = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == REJECTED) {
        rejected = in.readInt64();
      } else if (tag == MESSAGE) {
        text = in.readString();
      } else {
        in.skipField(tag);
      }
    }
    return new ExportAnswer(Math.max(0, rejected), text);
  }

  static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }
}
