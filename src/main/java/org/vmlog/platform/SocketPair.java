package org.vmlog.platform;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.newsclub.net.unix.AFUNIXSocket;

/**
 * Makes two connected Unix sockets, socketpair(2). junixsocket's own AFUNIXSocketPair makes two
 * sockets besides, whose descriptors it forgets; this calls what that calls. Stateless.
 */
final class SocketPair {
  private static final int AF_UNIX = 1;

  /** bits/socket_type.h. */
  static final int STREAM = 1;

  static final int SEQPACKET = 5;

  private static final MethodHandle SOCKET_PAIR = socketPair();

  private SocketPair() {}

  private static MethodHandle socketPair() {
    if (!AFUNIXSocket.isSupported()) { // loads the library
      throw new IllegalStateException("junixsocket has no library for this processor");
    }
    MethodType type =
        MethodType.methodType(
            void.class, int.class, int.class, FileDescriptor.class, FileDescriptor.class);
    try {
      MethodHandles.Lookup inside =
          MethodHandles.privateLookupIn(AFUNIXSocket.class, MethodHandles.lookup());
      return inside.findStatic(
          inside.findClass("org.newsclub.net.unix.NativeUnixSocket"), "socketPair", type);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this junixsocket is another than the one built with", e);
    }
  }

  /** Both ends, each to be closed by whoever has it. */
  static StreamSocket.Pair make(int type) throws IOException {
    FileDescriptor left = new FileDescriptor();
    FileDescriptor right = new FileDescriptor();
    try {
      SOCKET_PAIR.invokeExact(AF_UNIX, type, left, right);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw e instanceof IOException io ? io : new IOException(e);
    }
    return new StreamSocket.Pair(Descriptor.of(left), Descriptor.of(right));
  }
}
