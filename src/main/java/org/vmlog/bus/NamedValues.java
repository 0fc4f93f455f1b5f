package org.vmlog.bus;

import static org.vmlog.bus.BusErrors.INVALID_ARGUMENT;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import org.vmlog.platform.OneLine;

/**
 * An argument of type {@code a{sv}}, from which every known key is taken once; what is left is
 * unknown. Confined to one thread.
 */
public final class NamedValues {
  private static final int SHOWN_CHARS = 100;

  private final Map<String, Variant<?>> values;
  private final TreeSet<String> known = new TreeSet<>();

  private NamedValues(Map<String, Variant<?>> values) {
    this.values = values;
  }

  /**
   * Reads what dbus-java makes of such an argument.
   *
   * @throws BusException if a key is there twice, which the wire allows
   */
  public static NamedValues of(Object argument) throws BusException {
    Map<String, Variant<?>> values = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : ((Map<?, ?>) argument).entrySet()) {
      String key = (String) entry.getKey();
      if (values.put(key, (Variant<?>) entry.getValue()) != null) {
        throw new BusException(INVALID_ARGUMENT, shown(key) + " is there twice; allowed is once");
      }
    }
    return new NamedValues(values);
  }

  /**
   * Takes a value out.
   *
   * @param signature the one type it may have
   * @param type what dbus-java makes of that
   */
  public <T> Optional<T> take(String key, String signature, Class<T> type) throws BusException {
    known.add(key);
    Variant<?> value = values.remove(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!signature.equals(value.getSig()) || !type.isInstance(value.getValue())) {
      throw new BusException(
          INVALID_ARGUMENT,
          "%s = %s has the type %s; allowed is %s"
              .formatted(key, shown(value.getValue()), shown(value.getSig()), signature));
    }
    return Optional.of(type.cast(value.getValue()));
  }

  /** An error if anything was not taken. */
  public void requireAllTaken() throws BusException {
    if (!values.isEmpty()) {
      throw new BusException(
          INVALID_ARGUMENT,
          "no such key: %s; allowed are %s"
              .formatted(shown(values.keySet().iterator().next()), String.join(", ", known)));
    }
  }

  /** A value as it can stand in a message. */
  public static String shown(Object value) {
    if (value instanceof FileDescriptor) {
      return "a descriptor";
    }
    if (!(value instanceof String text)) {
      return value instanceof Number || value instanceof Boolean ? value.toString() : "…";
    }
    return '"'
        + OneLine.of(text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "…")
        + '"';
  }
}
