package org.vmlog.sink;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.sink.WriteIntent.Span;

/**
 * What is known of one log's streams, on the disk: how far each stood before the last write, and
 * what that was about to append where.
 *
 * <p>The file has two slots, each large enough for whatever may be saved, and a save goes to the
 * one that holds the older: it is one write(2) in place, which needs no space and no other file,
 * and what a kill in its middle tears is not the last that was saved whole. Each save has a number
 * and a checksum. Confined to the pipe's writer.
 */
final class IntentFile implements AutoCloseable {
  /** More than 8 streams and {@link WriteIntent#MAX_SPANS} take. */
  private static final int SLOT_BYTES = 16 << 10;

  private static final int SLOTS = 2;

  /** With the version of the form. */
  private static final int MAGIC = 0x564d5301;

  /** The magic, the checksum, and how many bytes follow. */
  private static final int HEAD_BYTES = 3 * Integer.BYTES;

  private static final byte NO_STREAM = -1;

  private final FileChannel file;
  private final ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
  private final CRC32 crc = new CRC32();
  private long number;

  private IntentFile(FileChannel file) {
    this.file = file;
  }

  /**
   * What was saved.
   *
   * @param streams before the write
   * @param fileId of the log file that was to be written to
   * @param startBytes how large it was
   */
  record Saved(StreamTable streams, long fileId, long startBytes, WriteIntent intent) {}

  /** Opens the file, or makes it as large as it will ever be. */
  static IntentFile open(PrivateFolder folder, String name) throws IOException {
    FileChannel file = folder.openUpdate(name);
    try {
      if (file.size() < SLOTS * SLOT_BYTES) {
        writeFully(file, ByteBuffer.allocate(SLOTS * SLOT_BYTES), 0);
      }
      return new IntentFile(file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** The last that was saved whole; null when nothing was. */
  @Nullable Saved last() throws IOException {
    Saved last = null;
    for (int index = 0; index < SLOTS; index++) {
      ByteBuffer body = read(index);
      if (body != null && body.getLong(0) > number) {
        number = body.getLong();
        last = decode(body);
      }
    }
    return last;
  }

  /** Saves this in place of what was saved the time before the last. */
  void save(Saved saved) throws IOException {
    slot.clear().position(HEAD_BYTES).putLong(number + 1);
    encode(saved, slot);
    int bodyBytes = slot.position() - HEAD_BYTES;
    slot.putInt(0, MAGIC).putInt(4, checksum(bodyBytes)).putInt(8, bodyBytes);
    writeFully(file, slot.flip(), (number + 1) % SLOTS * SLOT_BYTES);
    number++;
  }

  private @Nullable ByteBuffer read(int index) throws IOException {
    slot.clear();
    while (slot.hasRemaining()) {
      if (file.read(slot, (long) index * SLOT_BYTES + slot.position()) < 0) {
        return null;
      }
    }
    int bodyBytes = slot.getInt(8);
    boolean whole =
        slot.getInt(0) == MAGIC
            && bodyBytes >= Long.BYTES
            && bodyBytes <= SLOT_BYTES - HEAD_BYTES
            && slot.getInt(4) == checksum(bodyBytes);
    return whole ? slot.slice(HEAD_BYTES, bodyBytes) : null;
  }

  private int checksum(int bodyBytes) {
    crc.reset();
    crc.update(slot.array(), HEAD_BYTES, bodyBytes);
    return (int) crc.getValue();
  }

  private static void encode(Saved saved, ByteBuffer into) {
    into.putLong(saved.fileId()).putLong(saved.startBytes());
    into.put((byte) saved.streams().rows().size());
    for (StreamTable.Row row : saved.streams().rows()) {
      byte[] id = row.stream.bytes();
      into.put((byte) id.length).put(id).putLong(row.lastSeq);
    }
    into.putShort((short) saved.intent().spans().size());
    for (Span span : saved.intent().spans()) {
      StreamId stream = span.stream();
      into.put(stream == null ? NO_STREAM : (byte) saved.streams().indexOf(stream));
      into.putLong(span.firstSeq()).putInt(span.lines());
    }
  }

  private static Saved decode(ByteBuffer from) throws IOException {
    try {
      long fileId = from.getLong();
      long startBytes = from.getLong();
      StreamTable streams = new StreamTable();
      for (int left = from.get(); left > 0; left--) {
        byte[] id = new byte[from.get()];
        from.get(id);
        streams.put(new StreamId(id), from.getLong());
      }
      List<Span> spans = new ArrayList<>();
      for (int left = from.getShort(); left > 0; left--) {
        byte index = from.get();
        StreamId stream = index == NO_STREAM ? null : streams.rows().get(index).stream;
        spans.add(new Span(stream, from.getLong(), from.getInt()));
      }
      return new Saved(streams, fileId, startBytes, new WriteIntent(spans));
    } catch (BufferUnderflowException
        | IllegalArgumentException
        | IndexOutOfBoundsException
        | NegativeArraySizeException e) {
      throw new IOException("the state of streams has a checksum that fits and does not parse", e);
    }
  }

  private static void writeFully(FileChannel file, ByteBuffer bytes, long offset)
      throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes, offset + bytes.position());
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
