package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unpacks gzip (RFC 1952) as it comes in, one member or several; java.util.zip's own stream would
 * have to wait for its input. Confined to one thread; to be ended, for it holds native memory.
 */
final class Gunzip {
  /** What zlib takes for one: a window of 32 KiB and some tables. */
  static final int NATIVE_BYTES = 48 << 10;

  private static final int FIXED_BYTES = 10;
  private static final int TRAILER_BYTES = 8;
  private static final int MAGIC_1 = 0x1f;
  private static final int MAGIC_2 = 0x8b;
  private static final int DEFLATE = 8;
  private static final int CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  /** Where in a member the next byte belongs; in the order in which they come. */
  private enum Part {
    FIXED,
    EXTRA_LENGTH,
    EXTRA_BYTES,
    NAME,
    COMMENT,
    HEADER_CRC,
    BODY,
    TRAILER
  }

  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private Part part = Part.FIXED;
  private int at; // in the part
  private int flags;
  private int extraBytes;
  private long trailer;
  private long unpacked;

  /**
   * Unpacks as much as goes into the array. Takes bytes of the input only as it needs them.
   *
   * @return how many bytes were put there; fewer than {@code length} when all input is taken
   * @throws DataFormatException if it is no gzip; says at what
   */
  int unpack(ByteBuf in, byte[] into, int offset, int length) throws DataFormatException {
    int put = 0;
    while (put < length) {
      if (part != Part.BODY) {
        if (!in.isReadable()) {
          return put;
        }
        frame(in.readUnsignedByte());
        continue;
      }
      int more = inflate(in, into, offset + put, length - put);
      put += more;
      if (more == 0 && part == Part.BODY) {
        return put;
      }
    }
    return put;
  }

  private int inflate(ByteBuf in, byte[] into, int offset, int length) throws DataFormatException {
    int readable = in.readableBytes();
    inflater.setInput(in.nioBuffer());
    int more = inflater.inflate(into, offset, length);
    in.skipBytes(readable - inflater.getRemaining());
    crc.update(into, offset, more);
    unpacked += more;
    if (inflater.finished()) {
      next(Part.TRAILER);
    } else if (inflater.needsDictionary()) {
      throw new DataFormatException("a preset dictionary");
    }
    return more;
  }

  private void next(Part following) {
    part = following;
    at = 0;
  }

  private void frame(int next) throws DataFormatException {
    switch (part) {
      case FIXED -> fixed(next);
      case EXTRA_LENGTH -> {
        extraBytes |= next << (Byte.SIZE * at);
        if (++at == 2) {
          next(extraBytes > 0 ? Part.EXTRA_BYTES : optional(EXTRA));
        }
      }
      case EXTRA_BYTES -> {
        if (++at == extraBytes) {
          next(optional(EXTRA));
        }
      }
      case NAME, COMMENT -> {
        if (next == 0) {
          next(optional(part == Part.NAME ? NAME : COMMENT));
        }
      }
      case HEADER_CRC -> {
        if (++at == 2) {
          next(Part.BODY);
        }
      }
      default -> trailer(next);
    }
  }

  private void fixed(int next) throws DataFormatException {
    boolean good =
        switch (at) {
          case 0 -> next == MAGIC_1;
          case 1 -> next == MAGIC_2;
          case 2 -> next == DEFLATE;
          case 3 -> (next & RESERVED) == 0;
          default -> true;
        };
    if (!good) {
      throw new DataFormatException("no gzip header");
    }
    flags = at == 3 ? next : flags;
    if (++at == FIXED_BYTES) {
      extraBytes = 0;
      next(optional(0));
    }
  }

  /** What comes after the optional part that has this flag. */
  private Part optional(int after) {
    if (after < EXTRA && (flags & EXTRA) != 0) {
      return Part.EXTRA_LENGTH;
    }
    if (after < NAME && (flags & NAME) != 0) {
      return Part.NAME;
    }
    if (after < COMMENT && (flags & COMMENT) != 0) {
      return Part.COMMENT;
    }
    return (flags & CRC) != 0 ? Part.HEADER_CRC : Part.BODY;
  }

  private void trailer(int next) throws DataFormatException {
    trailer = (trailer >>> Byte.SIZE) | ((long) next << (Long.SIZE - Byte.SIZE));
    if (++at == TRAILER_BYTES) {
      if (trailer != (crc.getValue() | (unpacked << Integer.SIZE))) {
        throw new DataFormatException("its checksum or its length is another");
      }
      inflater.reset();
      crc.reset();
      unpacked = 0;
      next(Part.FIXED);
    }
  }

  /** Whether the input may end here. */
  boolean isWhole() {
    return part == Part.FIXED && at == 0;
  }

  void end() {
    inflater.end();
  }
}
