package org.vmlog.realm.dbus;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.bus.NamedValues;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.realm.SinkRequest;

/** Reads what callers say, every error naming the value and what was allowed. Thread-safe. */
final class Arguments {
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
