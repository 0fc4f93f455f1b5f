package org.vmlog.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;

/**
 * Serialized requests, well-formed and not: fields in any order, number and wire type, groups, odd
 * varints; then often a flipped bit, a cut, or a piece moved.
 */
final class RandomRequest {
  private final Random random;

  RandomRequest(Random random) {
    this.random = random;
  }

  byte[] next() {
    byte[] request = message(0);
    for (int i = random.nextInt(3); i > 0 && request.length > 0; i--) {
      request = mutate(request);
    }
    return request;
  }

  /**
   * @param depth 0 a request, 1 a record, 2 a timestamp; what is deeper is a message of chance
   */
  private byte[] message(int depth) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (int fields = random.nextInt(5); fields > 0; fields--) {
        if (random.nextInt(6) == 0) {
          writeUnknown(out, depth, 0);
        } else {
          writeKnown(out, depth);
        }
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void writeKnown(CodedOutputStream out, int depth) throws IOException {
    switch (depth) {
      case 0 -> out.writeByteArray(1, message(1));
      case 1 -> {
        switch (random.nextInt(3)) {
          case 0 -> writeVarintField(out, 1);
          case 1 -> out.writeByteArray(2, message(2));
          default -> out.writeBytes(5, content());
        }
      }
      default -> writeVarintField(out, 1 + random.nextInt(2));
    }
  }

  private void writeUnknown(CodedOutputStream out, int depth, int groups) throws IOException {
    int field = random.nextInt(4) == 0 ? random.nextInt(1 << 29) : random.nextInt(7);
    switch (random.nextInt(6)) {
      case 0 -> writeVarintField(out, field);
      case 1 -> out.writeFixed64(field, random.nextLong());
      case 2 -> out.writeByteArray(field, random.nextBoolean() ? message(depth + 1) : new byte[3]);
      case 3 -> out.writeFixed32(field, random.nextInt());
      default -> {
        out.writeTag(field, WireFormat.WIRETYPE_START_GROUP);
        if (groups < 4 || (groups < 120 && random.nextInt(8) > 0)) {
          writeUnknown(out, depth, groups + 1);
        }
        int end = random.nextInt(20) == 0 ? field + 1 : field;
        out.writeTag(end, WireFormat.WIRETYPE_END_GROUP);
      }
    }
  }

  private void writeVarintField(CodedOutputStream out, int field) throws IOException {
    out.writeTag(field, WireFormat.WIRETYPE_VARINT);
    switch (random.nextInt(5)) {
      case 0 -> out.writeUInt64NoTag(random.nextLong());
      case 1 -> out.writeUInt64NoTag(random.nextLong() >> random.nextInt(64));
      case 2 -> {
        // Longer than it need be, up to one byte more than is allowed.
        for (int i = random.nextInt(11); i > 0; i--) {
          out.writeRawByte(0x80 | random.nextInt(128));
        }
        out.writeRawByte(random.nextInt(128));
      }
      default -> out.writeUInt32NoTag(random.nextInt(10));
    }
  }

  private ByteString content() {
    byte[] content = new byte[random.nextInt(200) == 0 ? 300 : random.nextInt(6)];
    random.nextBytes(content);
    return ByteString.copyFrom(content);
  }

  private byte[] mutate(byte[] request) {
    int at = random.nextInt(request.length);
    byte[] mutated = request.clone();
    switch (random.nextInt(5)) {
      case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> mutated[at] = (byte) random.nextInt(256);
      case 2 -> {
        return Arrays.copyOf(request, at);
      }
      case 3 -> {
        return splice(request, at, Arrays.copyOf(message(random.nextInt(3)), random.nextInt(12)));
      }
      default -> {
        int from = random.nextInt(request.length);
        int to = from + random.nextInt(request.length - from);
        return splice(request, at, Arrays.copyOfRange(request, from, to));
      }
    }
    return mutated;
  }

  private static byte[] splice(byte[] request, int at, byte[] piece) {
    byte[] spliced = new byte[request.length + piece.length];
    System.arraycopy(request, 0, spliced, 0, at);
    System.arraycopy(piece, 0, spliced, at, piece.length);
    System.arraycopy(request, at, spliced, at + piece.length, request.length - at);
    return spliced;
  }
}
