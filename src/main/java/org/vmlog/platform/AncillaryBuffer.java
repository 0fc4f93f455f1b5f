package org.vmlog.platform;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * Room for the descriptors that come with one message. junixsocket cuts what it is asked for down
 * to 256 bytes, room for 60, and takes more for a broken connection; so it is told from inside.
 * Thread-safe.
 */
public final class AncillaryBuffer {
  /** CMSG_SPACE of SCM_MAX_FD descriptors: unix(7), cmsg(3). */
  private static final int BYTES = 1040;

  private static final String PLACE = AFUNIXSocketChannel.class.getPackageName() + ".";

  private static final MethodHandle ENLARGE_STREAM =
      enlarger(AFUNIXSocketChannel.class, "AFSocketChannel");
  private static final MethodHandle ENLARGE_PACKETS =
      enlarger(AFUNIXDatagramChannel.class, "AFDatagramChannel");

  private AncillaryBuffer() {}

  /** Has a channel receive as many descriptors as the kernel lets through at once. */
  public static void enlarge(AFUNIXSocketChannel channel) {
    try {
      ENLARGE_STREAM.invokeExact(channel, BYTES);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** The same of a socket of messages. */
  public static void enlarge(AFUNIXDatagramChannel channel) {
    try {
      ENLARGE_PACKETS.invokeExact(channel, BYTES);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  private static RuntimeException unchecked(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }

  /** {@code channel.getAFCore().ancillaryDataSupport.setAncillaryReceiveBufferSize0(bytes)}. */
  private static MethodHandle enlarger(Class<?> channel, String declaredBy) {
    try {
      Class<?> core = named("AFSocketCore");
      Class<?> support = named("AncillaryDataSupport");
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(channel, MethodHandles.lookup());
      MethodHandle supportOf =
          MethodHandles.filterReturnValue(
              lookup.findVirtual(named(declaredBy), "getAFCore", MethodType.methodType(core)),
              lookup
                  .findGetter(core, "ancillaryDataSupport", support)
                  .asType(MethodType.methodType(support, core)));
      MethodHandle resize =
          lookup.findVirtual(
              support,
              "setAncillaryReceiveBufferSize0",
              MethodType.methodType(void.class, int.class));
      return MethodHandles.filterArguments(resize, 0, supportOf)
          .asType(MethodType.methodType(void.class, channel, int.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this junixsocket is another than the one built with", e);
    }
  }

  private static Class<?> named(String simpleName) throws ClassNotFoundException {
    return Class.forName(PLACE + simpleName, false, AFUNIXSocketChannel.class.getClassLoader());
  }
}
