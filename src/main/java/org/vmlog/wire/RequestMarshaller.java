package org.vmlog.wire;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Messages as the bytes they are, for those who call: no generated class is on the way of a record.
 * Thread-safe.
 */
final class RequestMarshaller implements MethodDescriptor.Marshaller<byte[]> {
  static final RequestMarshaller INSTANCE = new RequestMarshaller();

  @Override
  public InputStream stream(byte[] message) {
    return new Bytes(message);
  }

  @Override
  public byte[] parse(InputStream stream) {
    try {
      // gRPC knows an uncompressed message's length; of a compressed one it limits what comes out.
      return stream instanceof KnownLength ? readKnown(stream) : stream.readAllBytes();
    } catch (IOException e) {
      throw Status.INTERNAL.withDescription("an answer cannot be read").asRuntimeException();
    }
  }

  /** In one piece: what InputStream does by itself goes through pieces of 8 KiB. */
  private static byte[] readKnown(InputStream stream) throws IOException {
    byte[] message = new byte[stream.available()];
    int read = stream.readNBytes(message, 0, message.length);
    if (read < message.length) {
      throw new EOFException("a message ends after " + read + " of " + message.length + " bytes");
    }
    return message;
  }

  /**
   * Tells gRPC its length and hands its bytes over itself. Without that each response costs two
   * copies and a buffer of 8 KiB, most of the garbage that a call makes.
   */
  private static final class Bytes extends ByteArrayInputStream implements Drainable, KnownLength {
    Bytes(byte[] message) {
      super(message);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      return (int) transferTo(target);
    }
  }
}
