package org.vmlog.sink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineAppendTest {
  @TempDir Path temp;

  /** As copytruncate does, between the write that failed and the look at the file's size. */
  @Test
  void to_fileMadeShorterThanWhatIsTorn_takesBackWhatIsThere() throws Exception {
    Path path = temp.resolve("web.log");
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ByteBuffer whole = ByteBuffer.wrap("a\nbcdef".getBytes(US_ASCII));

      LineAppend append =
          LineAppend.to(new Shortened(file), new ByteBuffer[] {whole}, whole.remaining() + 1);

      assertThat(append.bytes()).isEqualTo(2);
      assertThat(append.failure()).hasMessage("this test's disk is full");
      assertThat(append.cutFailure()).isNull();
      assertThat(path).isEmptyFile();
    }
  }

  /** Takes five bytes, and then no more; and somebody makes the file as short as two. */
  private static final class Shortened extends FileChannel {
    private final FileChannel file;
    private boolean full;

    Shortened(FileChannel file) {
      this.file = file;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
      if (full) {
        FileChannel unused = file.truncate(2);
        throw new IOException("this test's disk is full");
      }
      full = true;
      ByteBuffer some = sources[offset].slice(sources[offset].position(), 5);
      sources[offset].position(sources[offset].position() + 5);
      return file.write(some);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      return file.truncate(size);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }

    @Override
    public int read(ByteBuffer target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void force(boolean metaData) {}

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }
  }
}
