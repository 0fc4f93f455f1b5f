package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;
import org.vmlog.wire.Reply.Refusal;

/**
 * Takes gRPC's messages out of a call's bytes: each has a flag, its length in four bytes, and that
 * many bytes, which are gzip if the flag says so ("Length-Prefixed-Message" in gRPC's
 * PROTOCOL-HTTP2). A message's array is no larger than what has come of it twice over, and charged
 * as it grows. Confined to one thread.
 */
final class MessageReader {
  private static final int PREFIX_BYTES = 5;

  /** What a message gets at once if it says that it is so long. */
  private static final int FIRST_BYTES = 64 << 10;

  private static final byte[] NONE = {};

  /** A message cannot be taken. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    RefusedException(Refusal refusal, String reason) {
      super(reason, null, false, false); // a peer can cause as many as it likes
      this.refusal = refusal;
    }

    Refusal refusal() {
      return refusal;
    }

    /** For the peer. */
    String reason() {
      return String.valueOf(getMessage());
    }
  }

  private final RequestMemory.Charge charge;
  private final int maxBytes;
  private final boolean gzip;
  private final Refusal whenFull;
  private final byte[] prefix = new byte[PREFIX_BYTES];

  private int prefixBytes;
  private int left; // of the message, as it is sent
  private int limit; // of what it is unpacked
  private byte[] message = NONE;
  private int size;
  private @Nullable Gunzip gunzip;

  /**
   * Begins before a message.
   *
   * @param charge what is held; a message's bytes stay charged when it is handed over
   * @param maxBytes of a message, unpacked
   * @param gzip whether messages may be compressed
   * @param whenFull what a message is refused with for which there is no memory
   */
  MessageReader(RequestMemory.Charge charge, int maxBytes, boolean gzip, Refusal whenFull) {
    this.charge = charge;
    this.maxBytes = maxBytes;
    this.gzip = gzip;
    this.whenFull = whenFull;
  }

  /** Whether some of a message has come, and not all. */
  boolean isWithin() {
    return prefixBytes > 0;
  }

  /**
   * Takes bytes, up to the end of a message.
   *
   * @return a message that is whole now, the caller's to keep; null when all bytes are taken
   */
  byte @Nullable [] read(ByteBuf in) throws RefusedException {
    while (prefixBytes < PREFIX_BYTES) {
      if (!in.isReadable()) {
        return null;
      }
      prefix[prefixBytes++] = in.readByte();
      if (prefixBytes == PREFIX_BYTES) {
        begin();
      }
    }
    int part = Math.min(left, in.readableBytes());
    if (part > 0) {
      left -= part;
      if (gunzip == null) {
        makeRoom(part);
        in.readBytes(message, size, part);
        size += part;
      } else {
        unpack(gunzip, in.readSlice(part));
      }
    }
    return left > 0 ? null : whole();
  }

  private void begin() throws RefusedException {
    int flag = prefix[0];
    long length =
        ((prefix[1] & 0xffL) << 24)
            | ((prefix[2] & 0xff) << 16)
            | ((prefix[3] & 0xff) << 8)
            | (prefix[4] & 0xff);
    if (flag != 0 && !(flag == 1 && gzip)) {
      throw new RefusedException(
          Refusal.MALFORMED,
          "a message's flags are " + (flag & 0xff) + "; allowed is " + (gzip ? "0 or 1" : "0"));
    }
    if (length > maxBytes) {
      throw new RefusedException(
          Refusal.TOO_LARGE, "a message of " + length + " bytes; allowed are " + maxBytes);
    }
    left = (int) length;
    limit = flag == 0 ? left : maxBytes;
    if (flag == 1) {
      take(Gunzip.NATIVE_BYTES);
      gunzip = new Gunzip();
    }
  }

  private void take(int bytes) throws RefusedException {
    if (!charge.take(bytes)) {
      throw new RefusedException(whenFull, charge.refusal(bytes));
    }
  }

  private void makeRoom(int bytes) throws RefusedException {
    if (size + bytes > message.length) {
      int wanted = Math.max(size + bytes, Math.max(FIRST_BYTES, 2 * message.length));
      resize(Math.min(limit, wanted));
    }
  }

  private void resize(int bytes) throws RefusedException {
    if (bytes > message.length) {
      take(bytes - message.length);
    } else {
      charge.give(message.length - bytes);
    }
    message = Arrays.copyOf(message, bytes);
  }

  private void unpack(Gunzip from, ByteBuf packed) throws RefusedException {
    try {
      while (true) {
        if (size == message.length && size < limit) {
          makeRoom(1);
        }
        int more = from.unpack(packed, message, size, message.length - size);
        size += more;
        if (size < message.length) {
          return;
        }
        if (size == limit) {
          byte[] probe = new byte[1];
          if (from.unpack(packed, probe, 0, 1) > 0) {
            throw new RefusedException(
                Refusal.TOO_LARGE, "a message unpacks to more than " + limit + " bytes");
          }
          return;
        }
      }
    } catch (DataFormatException e) {
      throw new RefusedException(
          Refusal.MALFORMED, "a message cannot be unpacked: " + e.getMessage());
    }
  }

  private byte[] whole() throws RefusedException {
    if (gunzip != null) {
      if (!gunzip.isWhole()) {
        throw new RefusedException(
            Refusal.MALFORMED, "a message cannot be unpacked: its gzip is cut off");
      }
      endGunzip();
    }
    if (size < message.length) {
      resize(size);
    }
    byte[] whole = message;
    message = NONE;
    size = 0;
    prefixBytes = 0;
    return whole;
  }

  private void endGunzip() {
    if (gunzip != null) {
      gunzip.end();
      gunzip = null;
      charge.give(Gunzip.NATIVE_BYTES);
    }
  }

  /** Nothing more is read, and what was not handed over is let go. */
  void end() {
    endGunzip();
    charge.give(message.length);
    message = NONE;
    size = 0;
  }
}
