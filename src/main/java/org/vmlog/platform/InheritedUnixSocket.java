package org.vmlog.platform;

import java.io.IOException;
import org.newsclub.net.unix.FileDescriptorCast;

/** Inherited descriptors as junixsocket's channels. Thread-safe. */
final class InheritedUnixSocket {
  private InheritedUnixSocket() {}

  /** Whether this kind of channel can be had over a descriptor. */
  static boolean is(Class<?> kind, int descriptor) throws IOException {
    return FileDescriptorCast.unsafeUsing(descriptor).isAvailable(kind);
  }

  static <T> T as(Class<T> kind, int descriptor) throws IOException {
    try {
      return FileDescriptorCast.unsafeUsing(descriptor).as(kind);
    } catch (ClassCastException e) {
      throw new IOException(
          "descriptor %s is no %s".formatted(descriptor, kind.getSimpleName()), e);
    }
  }
}
