package org.vmlog.platform;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * An open descriptor that belongs to whoever holds this, such as one that came with a message
 * (SCM_RIGHTS, unix(7)). It has to be closed, or released to something that will close it: nothing
 * else does, not the collector either. Thread-safe.
 */
public final class Descriptor implements Closeable {
  private final FileDescriptor descriptor;

  private Descriptor(FileDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  /** Takes over a descriptor from junixsocket. */
  static Descriptor of(FileDescriptor descriptor) {
    return new Descriptor(descriptor);
  }

  /** Takes over what the service manager passed; see {@link InheritedSockets}. */
  public static Descriptor inherited(int number) throws IOException {
    return of(FileDescriptorCast.unsafeUsing(number).getFileDescriptor());
  }

  /** Closes a descriptor of junixsocket's without what its own sockets do besides, shutdown(2). */
  public static Descriptor takeOver(FileDescriptor descriptor) throws IOException {
    try (Descriptor original = of(descriptor)) {
      return original.duplicate();
    }
  }

  /** Another descriptor of the same open file, which outlives whatever this one came over. */
  public synchronized Descriptor duplicate() throws IOException {
    return of(FileDescriptorCast.duplicating(descriptor).getFileDescriptor());
  }

  /** Has a child process start with this as its stdin, stdout or stderr. */
  public synchronized ProcessBuilder.Redirect redirect() throws IOException {
    return FileDescriptorCast.using(descriptor).as(ProcessBuilder.Redirect.class);
  }

  /** What junixsocket calls it; it stays this object's. */
  FileDescriptor java() {
    return descriptor;
  }

  /**
   * The descriptor's number, good until it is closed.
   *
   * @throws IOException if it is closed
   */
  public synchronized int number() throws IOException {
    return FileDescriptorCast.using(descriptor).as(Integer.class);
  }

  /**
   * Gives it to the caller as a plain number that nothing in Java knows of; this is closed.
   *
   * @return the number of a duplicate: junixsocket closes what it received with the socket that it
   *     came over, by number, whoever has that by then
   */
  public synchronized int release() throws IOException {
    int number = FileDescriptorCast.duplicating(descriptor).as(Integer.class);
    close();
    return number;
  }

  /** Closes it and nothing else: a socket's connection, which others may share, goes on. */
  @Override
  public synchronized void close() throws IOException {
    if (descriptor.valid()) {
      // What is attached to the descriptor, junixsocket's own record of it, goes with the stream.
      new FileInputStream(descriptor).close();
    }
  }

  /** The same, whatever close(2) complains of: the descriptor is gone all the same. */
  public void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      // What was written through it was written with write(2), and it had its say then.
    }
  }

  @Override
  public String toString() {
    return descriptor.valid() ? "descriptor" : "closed descriptor";
  }
}
