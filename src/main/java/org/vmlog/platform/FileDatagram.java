package org.vmlog.platform;

import java.io.FileDescriptor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.DatagramPacket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.platform.DatagramSender.Outcome;

/**
 * What a datagram has no room for, as systemd-journald takes it: a file in memory that nobody else
 * can name any more, with a datagram that is empty. journald reads such files from this folder
 * alone, and the folders for temporary files. Stateless.
 */
final class FileDatagram {
  private static final Path MEMORY = Path.of("/dev/shm");

  /**
   * junixsocket does not tell an empty datagram that was sent from one that was not. But the kernel
   * gives up only when this time is over, give or take a tick (a hundredth of a second at most): a
   * call that is back before half of it has sent its datagram. One that is not is taken for unsent.
   */
  private static final Duration WAIT = Duration.ofMillis(20);

  private FileDatagram() {}

  /**
   * Sends it, and waits for the receiver for {@link #WAIT} at most.
   *
   * @return {@link Outcome#TOO_LARGE} if no file can be made
   * @throws IOException if the receiver is not there
   */
  static Outcome send(Path socket, ByteBuffer content) throws IOException {
    try (RandomAccessFile file = file(content)) {
      return file == null ? Outcome.TOO_LARGE : send(socket, file.getFD());
    }
  }

  private static @Nullable RandomAccessFile file(ByteBuffer content) {
    try {
      Path path = Files.createTempFile(MEMORY, "vmlog-", ".journal");
      RandomAccessFile file;
      try {
        file = new RandomAccessFile(path.toFile(), "rw");
      } finally {
        Files.delete(path);
      }
      return filled(file, content);
    } catch (IOException e) {
      return null; // no such folder in this sandbox, or it is full
    }
  }

  private static RandomAccessFile filled(RandomAccessFile file, ByteBuffer content)
      throws IOException {
    try {
      ByteBuffer rest = content.duplicate();
      while (rest.hasRemaining()) {
        file.getChannel().write(rest);
      }
      return file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static Outcome send(Path socket, FileDescriptor file) throws IOException {
    try (ShortPath address = ShortPath.of(socket);
        AFUNIXDatagramChannel channel = AFUNIXSelectorProvider.provider().openDatagramChannel()) {
      channel.connect(AFUNIXSocketAddress.of(address.path()));
      channel.socket().setSoTimeout((int) WAIT.toMillis());
      channel.setOutboundFileDescriptors(file);
      long before = System.nanoTime();
      channel.socket().send(new DatagramPacket(new byte[0], 0));
      long nanos = System.nanoTime() - before;
      return nanos < WAIT.toNanos() / 2 ? Outcome.SENT : Outcome.WOULD_BLOCK;
    }
  }
}
