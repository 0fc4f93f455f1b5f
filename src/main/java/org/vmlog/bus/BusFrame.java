package org.vmlog.bus;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.MessageTypeException;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MessageFactory;

/**
 * One message as it lies on the wire (D-Bus specification, "Message Format"). Confined to one
 * thread.
 *
 * @param fixed its first twelve bytes: byte order, type, flags, version, body's length, serial
 * @param header as dbus-java wants it: the fields' length, four bytes that it skips, the fields
 * @param body its arguments; empty if it is too large
 * @param bodyBytes the length of the body on the wire
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares frames
record BusFrame(byte[] fixed, byte[] header, byte[] body, long bodyBytes) {
  /** Of the header or of the body. Any user of the system bus may send us 32 MiB. */
  static final int MAX_BYTES = 1 << 20;

  private static final int FIXED_BYTES = 12;
  private static final int START_BYTES = FIXED_BYTES + Integer.BYTES;
  private static final int SKIPPED_AT_ONCE = 1 << 16;

  /** Reads the next message, and passes over a body that is too large. */
  static BusFrame read(SocketChannel socket) throws IOException {
    byte[] start = read(socket, START_BYTES);
    ByteBuffer fixed =
        ByteBuffer.wrap(start)
            .order(start[0] == 'B' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    long bodyBytes = Integer.toUnsignedLong(fixed.getInt(Integer.BYTES));
    // Padded to eight, so that the body is aligned.
    long fieldsBytes = (Integer.toUnsignedLong(fixed.getInt(FIXED_BYTES)) + 7) & ~7L;
    if (fieldsBytes > MAX_BYTES) {
      throw new IOException(
          "a message has a header of %s bytes; allowed are %s".formatted(fieldsBytes, MAX_BYTES));
    }
    byte[] header = new byte[2 * Integer.BYTES + (int) fieldsBytes];
    System.arraycopy(start, FIXED_BYTES, header, 0, Integer.BYTES);
    readInto(socket, ByteBuffer.wrap(header, 2 * Integer.BYTES, (int) fieldsBytes));
    byte[] body = new byte[0];
    if (bodyBytes <= MAX_BYTES) {
      body = read(socket, (int) bodyBytes);
    } else {
      skip(socket, bodyBytes);
    }
    return new BusFrame(Arrays.copyOf(start, FIXED_BYTES), header, body, bodyBytes);
  }

  boolean isTooLarge() {
    return bodyBytes > MAX_BYTES;
  }

  /**
   * What the frame says; of one that is too large, no argument.
   *
   * @throws MessageTypeException if it is of a type yet to be invented, which is to be ignored
   * @throws DBusException if it does not parse
   */
  Message parse(List<FileDescriptor> descriptors) throws DBusException, MessageTypeException {
    return MessageFactory.createMessage(fixed[1], fixed, header, body, descriptors);
  }

  private static byte[] read(SocketChannel socket, int length) throws IOException {
    byte[] bytes = new byte[length];
    readInto(socket, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static void readInto(SocketChannel socket, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (socket.read(buffer) < 0) {
        throw new EOFException("the bus has closed the connection");
      }
    }
  }

  private static void skip(SocketChannel socket, long bytes) throws IOException {
    ByteBuffer scratch = ByteBuffer.allocate(SKIPPED_AT_ONCE);
    for (long left = bytes; left > 0; left -= scratch.position()) {
      scratch.clear().limit((int) Math.min(left, SKIPPED_AT_ONCE));
      readInto(socket, scratch);
    }
  }
}
