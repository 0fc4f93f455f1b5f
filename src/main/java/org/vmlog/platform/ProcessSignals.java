package org.vmlog.platform;

import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * What the process does on SIGTERM, SIGINT and SIGHUP. A JVM left to itself exits with 143 on
 * SIGTERM, even after its shutdown hooks; a daemon that was asked to stop and did has succeeded.
 *
 * <p>{@code sun.misc.Signal} is the only way to a signal in Java. Every use of it is a warning that
 * no option turns off, so it is looked up by name.
 *
 * <p>Thread-safe. Actions run on a thread that the JVM starts for each signal: two signals run two
 * actions at once, and an action may take its time.
 */
public final class ProcessSignals {

  /**
   * Sets what is done when the process is asked to end, by SIGTERM or, at a terminal, SIGINT.
   * Replaces the JVM's own exit.
   */
  public static void onTerminate(Runnable action) {
    on("TERM", action);
    on("INT", action);
  }

  /** Sets what is done on SIGINT alone, which a terminal sends to all of its foreground. */
  public static void onInterrupt(Runnable action) {
    on("INT", action);
  }

  /** Sets what is done on SIGHUP; it no longer ends the process. Not called under nohup(1). */
  public static void onHangup(Runnable action) {
    on("HUP", action);
  }

  /**
   * Sets what is done on a signal, in the place of whatever it did.
   *
   * @param name without SIG; not one of those that the JVM keeps for itself, such as QUIT
   */
  public static void on(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object adapter =
          Proxy.newProxyInstance(
              ProcessSignals.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> run(action));
      Object instance = signal.getConstructor(String.class).newInstance(name);
      Object unused = signal.getMethod("handle", signal, handler).invoke(null, instance, adapter);
    } catch (ReflectiveOperationException e) {
      if (e.getCause() instanceof RuntimeException refused) {
        throw refused; // IllegalArgumentException: the JVM was started with -Xrs.
      }
      throw new IllegalStateException("this JVM has no sun.misc.Signal to handle SIG" + name, e);
    }
  }

  /** The handler has one method, which answers nothing. */
  private static @Nullable Object run(Runnable action) {
    action.run();
    return null;
  }

  private ProcessSignals() {}
}
