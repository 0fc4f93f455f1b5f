package org.vmlog.realm;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.SelectorLoop;
import org.vmlog.platform.StreamSocket;

/**
 * Connections that have not said anything yet, or whose component has as many as can be served. A
 * component may be silent for as long as it likes, and cannot connect again: gRPC, which closes a
 * client that does not begin to speak, has no part in this before the first byte.
 *
 * <p>Confined to the listener's thread.
 */
final class QuietSinks {
  static final int MAX_PER_COMPONENT = 64;

  private static final Logger LOG = LoggerFactory.getLogger(QuietSinks.class);
  private static final LimitedLog EXCESS = LimitedLog.on(LOG);
  private static final LimitedLog FAILED = LimitedLog.on(LOG);

  /** How often one that waits for room is looked at. */
  private static final Duration LOOK = Duration.ofMillis(100);

  private final class Sink implements SelectorLoop.Watched {
    private final Component component;
    private final Descriptor descriptor;
    private boolean spoke;

    Sink(Component component, Descriptor descriptor) {
      this.component = component;
      this.descriptor = descriptor;
    }

    @Override
    public void ready(SelectionKey key) {
      if (!sinks.contains(this)) {
        return;
      }
      spoke = true;
      if (server.hasRoomFor(component)) {
        key.cancel();
        serve(this);
        return;
      }
      if (key.isValid()) {
        key.interestOps(0);
      }
      loop.executeAfter(LOOK, () -> ready(key));
    }
  }

  private final SelectorLoop loop;
  private final ConnectionServer server;
  private final ListenerCounters counters;
  private final int max;
  private final Set<Sink> sinks = new LinkedHashSet<>();
  private final Map<Component, Integer> counts = new HashMap<>();

  /**
   * Makes a place without any.
   *
   * @param max how many there may be
   */
  QuietSinks(SelectorLoop loop, ConnectionServer server, ListenerCounters counters, int max) {
    this.loop = loop;
    this.server = server;
    this.counters = counters;
    this.max = max;
  }

  /** Has a connection served once it says something. */
  void add(Component component, Descriptor descriptor) {
    if (sinks.size() >= max || counts.getOrDefault(component, 0) >= MAX_PER_COMPONENT) {
      counters.excess().increment();
      EXCESS.warn(
          "closed a connection of {}: {} of it wait, or {} in all",
          component.id(),
          MAX_PER_COMPONENT,
          max);
      descriptor.closeQuietly();
      return;
    }
    Sink sink = new Sink(component, descriptor);
    try {
      StreamSocket.watch(descriptor, loop.selector(), sink);
    } catch (IOException e) {
      counters.malformed().increment();
      FAILED.warn("closed a connection of {}: {}", component.id(), String.valueOf(e.getMessage()));
      descriptor.closeQuietly();
      return;
    }
    sinks.add(sink);
    counts.merge(component, 1, Integer::sum);
    counters.connections().increment();
  }

  private void serve(Sink sink) {
    remove(sink);
    try {
      server.serve(sink.descriptor, sink.component);
    } catch (IOException e) {
      FAILED.warn(
          "closed a connection of {}: {}", sink.component.id(), String.valueOf(e.getMessage()));
    }
  }

  private void remove(Sink sink) {
    sinks.remove(sink);
    counts.computeIfPresent(sink.component, (key, count) -> count > 1 ? count - 1 : null);
  }

  /** Has those served that have said something, and closes the others. */
  void close() {
    try {
      loop.selector().selectNow();
      for (SelectionKey key : loop.selector().selectedKeys()) {
        if (key.attachment() instanceof Sink sink) {
          sink.spoke = true;
        }
      }
    } catch (IOException e) {
      LOG.warn("what components have said last is not looked at: {}", e.toString());
    }
    for (Sink sink : List.copyOf(sinks)) {
      if (sink.spoke) {
        serve(sink);
      } else {
        remove(sink);
        sink.descriptor.closeQuietly();
      }
    }
  }
}
