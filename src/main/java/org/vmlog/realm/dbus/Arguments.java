package org.vmlog.realm.dbus;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.bus.NamedValues;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.realm.ListenerKind;
import org.vmlog.realm.SinkRequest;

/** Reads what callers say, every error naming the value and what was allowed. Thread-safe. */
final class Arguments {
  private static final int MAX_SUBSCRIPTIONS = 64;

  private Arguments() {}

  /**
   * A realm, from an argument of type {@code as}: the labels from the root, itself not among them.
   */
  static RealmPath realm(Object labels) throws BusException {
    List<String> read = new ArrayList<>();
    for (Object label : (List<?>) labels) {
      read.add((String) label);
    }
    try {
      return new RealmPath(read);
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    }
  }

  /** The realm with this label below that one. */
  static RealmPath child(RealmPath parent, String label) throws BusException {
    try {
      return parent.child(label);
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    }
  }

  /** A realm, from a path: {@code /} is the root, {@code /a/b} is two below it. */
  static RealmPath realmOf(String path) throws BusException {
    if (!path.startsWith("/")) {
      throw new BusException(
          BusErrors.INVALID_ARGUMENT,
          "path %s: allowed is / or /LABEL/LABEL…".formatted(NamedValues.shown(path)));
    }
    try {
      return RealmPath.parse(path.substring(1));
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    }
  }

  /** A component, from its realm and an argument of type {@code a{sv}}. */
  static SinkRequest sink(RealmPath realm, NamedValues identity) throws BusException {
    String name = identity.take("name", "s", String.class).orElse("");
    String url = identity.take("url", "s", String.class).orElse("");
    String instanceId = identity.take("instance_id", "s", String.class).orElse("");
    boolean used = identity.take("use_log_sink", "b", Boolean.class).orElse(false);
    boolean anyRealm = identity.take("any_realm", "b", Boolean.class).orElse(false);
    identity.requireAllTaken();
    try {
      Component component = new Component(new ComponentId(realm, name), url, instanceId);
      return new SinkRequest(component, used, anyRealm);
    } catch (IllegalArgumentException e) {
      throw invalid(e);
    }
  }

  /**
   * Which components a stream of events is about, from an argument of type {@code aa{sv}}: those of
   * any of the subscriptions.
   */
  static Predicate<ComponentId> subscriptions(List<?> subscriptions) throws BusException {
    if (subscriptions.isEmpty() || subscriptions.size() > MAX_SUBSCRIPTIONS) {
      throw new BusException(
          BusErrors.INVALID_ARGUMENT,
          "%s subscriptions; allowed are 1 to %s"
              .formatted(subscriptions.size(), MAX_SUBSCRIPTIONS));
    }
    Predicate<ComponentId> wanted = component -> false;
    for (Object each : subscriptions) {
      NamedValues subscription = NamedValues.of(each);
      require(subscription, "event", "capability_requested");
      require(subscription, "name", ListenerKind.LOG_SINK);
      require(subscription, "mode", "async");
      Optional<String> moniker = subscription.take("component", "s", String.class);
      subscription.requireAllTaken();
      wanted = wanted.or(id -> moniker.isEmpty() || moniker.get().equals(id.toString()));
    }
    return wanted;
  }

  /** What is not said is the one thing that can be. */
  private static void require(NamedValues subscription, String key, String allowed)
      throws BusException {
    String said = subscription.take(key, "s", String.class).orElse(allowed);
    if (!said.equals(allowed)) {
      throw new BusException(
          BusErrors.INVALID_ARGUMENT,
          "%s %s: allowed is \"%s\"".formatted(key, NamedValues.shown(said), allowed));
    }
  }

  /** A socket's path; empty for an empty text. */
  static Optional<Path> path(String what, String text) throws BusException {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      Path path = Path.of(text);
      if (path.isAbsolute() && path.equals(path.normalize()) && path.getNameCount() > 0) {
        return Optional.of(path);
      }
    } catch (InvalidPathException e) {
      // Told below.
    }
    throw new BusException(
        BusErrors.INVALID_ARGUMENT,
        "%s %s: allowed is an absolute path without . and .."
            .formatted(what, NamedValues.shown(text)));
  }

  private static BusException invalid(IllegalArgumentException e) {
    return new BusException(BusErrors.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
  }
}
