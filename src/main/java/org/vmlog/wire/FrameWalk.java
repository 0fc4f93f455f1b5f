package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;

/**
 * Where the payload of DATA frames lies in what a client sends: a preface, then frames, each with a
 * header of nine bytes (RFC 9113 sections 3.4 and 4.1). What is no HTTP/2 is walked all the same;
 * gRPC will object to it. Confined to the connection's event loop.
 */
final class FrameWalk {
  private static final int PREFACE_BYTES = 24;
  private static final int LENGTH_BYTES = 3;
  private static final int HEADER_BYTES = 9;
  private static final int DATA = 0;

  private int left = PREFACE_BYTES; // of the preface, or of a frame's payload
  private boolean data;
  private int headerBytes;
  private int length;
  private int type;

  /** Takes another walk's place. */
  void set(FrameWalk other) {
    left = other.left;
    data = other.data;
    headerBytes = other.headerBytes;
    length = other.length;
    type = other.type;
  }

  /** Whether the next byte is one of a DATA frame's payload. */
  boolean inData() {
    return data && left > 0;
  }

  /** How much of it there is to come. */
  int payloadLeft() {
    return left;
  }

  /** Goes on within a payload. */
  void payload(int bytes) {
    left -= bytes;
  }

  /**
   * Goes on to the next payload of a DATA frame, or to the end of what was read; the way's length.
   */
  int others(ByteBuf read) {
    int at = read.readerIndex();
    while (at < read.writerIndex() && !inData()) {
      if (left > 0) {
        int step = Math.min(left, read.writerIndex() - at);
        at += step;
        left -= step;
      } else {
        header(read.getUnsignedByte(at++));
      }
    }
    return at - read.readerIndex();
  }

  /** Goes on to the end of what was read. */
  void advance(ByteBuf read) {
    ByteBuf rest = read.duplicate();
    while (rest.isReadable()) {
      if (inData()) {
        int step = Math.min(left, rest.readableBytes());
        payload(step);
        rest.skipBytes(step);
      } else {
        rest.skipBytes(others(rest));
      }
    }
  }

  private void header(int next) {
    headerBytes++;
    if (headerBytes <= LENGTH_BYTES) {
      length = length << Byte.SIZE | next;
    } else if (headerBytes == LENGTH_BYTES + 1) {
      type = next;
    } else if (headerBytes == HEADER_BYTES) {
      left = length;
      data = type == DATA;
      length = 0;
      headerBytes = 0;
    }
  }
}
