package org.vmlog.platform;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * Room for the descriptors that come with one message. junixsocket cuts what it is asked for down
 * to 256 bytes, room for 60, and takes more for a broken connection; so it is told from inside.
 * Thread-safe.
 */
final class AncillaryBuffer {
  /** CMSG_SPACE of SCM_MAX_FD descriptors: unix(7), cmsg(3). */
  private static final int BYTES = 1040;

  private static final MethodHandle ENLARGE = enlarger();

  private AncillaryBuffer() {}

  /** Has a channel receive as many descriptors as the kernel lets through at once. */
  static void enlarge(AFUNIXSocketChannel channel) {
    try {
      ENLARGE.invokeExact(channel, BYTES);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code channel.getAFCore().ancillaryDataSupport.setAncillaryReceiveBufferSize0(bytes)}. */
  private static MethodHandle enlarger() {
    try {
      ClassLoader loader = AFUNIXSocketChannel.class.getClassLoader();
      String place = AFUNIXSocketChannel.class.getPackageName() + ".";
      Class<?> channel = Class.forName(place + "AFSocketChannel", false, loader);
      Class<?> core = Class.forName(place + "AFSocketCore", false, loader);
      Class<?> support = Class.forName(place + "AncillaryDataSupport", false, loader);
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(AFUNIXSocketChannel.class, MethodHandles.lookup());
      MethodHandle supportOf =
          MethodHandles.filterReturnValue(
              lookup.findVirtual(channel, "getAFCore", MethodType.methodType(core)),
              lookup
                  .findGetter(core, "ancillaryDataSupport", support)
                  .asType(MethodType.methodType(support, core)));
      MethodHandle resize =
          lookup.findVirtual(
              support,
              "setAncillaryReceiveBufferSize0",
              MethodType.methodType(void.class, int.class));
      return MethodHandles.filterArguments(resize, 0, supportOf)
          .asType(MethodType.methodType(void.class, AFUNIXSocketChannel.class, int.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this junixsocket is another than the one built with", e);
    }
  }
}
