package org.vmlog.realm;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.proto.attribution.Capability;
import org.vmlog.proto.attribution.Event;
import org.vmlog.proto.attribution.EventResult;
import org.vmlog.proto.attribution.EventType;
import org.vmlog.proto.attribution.LogConnection;
import org.vmlog.proto.attribution.SourceIdentity;

/** The two paths by which connections reach a listener, and what each says of one. Thread-safe. */
public enum ListenerKind {
  /** Sinks that a launcher asked for, each a {@code LogConnection}. */
  LOG_CONNECTIONS("connections") {
    @Override
    byte[] encode(Component component, Instant connectedAt) {
      SourceIdentity identity =
          SourceIdentity.newBuilder()
              .addAllRealmPath(component.id().realm().labels())
              .setComponentName(component.id().name())
              .setComponentUrl(component.url())
              .setInstanceId(component.instanceId())
              .build();
      return LogConnection.newBuilder().setSourceIdentity(identity).build().toByteArray();
    }

    @Override
    Component parse(byte[] message) throws InvalidProtocolBufferException {
      SourceIdentity identity = LogConnection.parseFrom(message).getSourceIdentity();
      RealmPath realm = new RealmPath(identity.getRealmPathList());
      return new Component(
          new ComponentId(realm, identity.getComponentName()),
          identity.getComponentUrl(),
          identity.getInstanceId());
    }
  },

  /** Connections to a sink that has a path, each an {@code Event}. */
  EVENTS("events") {
    @Override
    byte[] encode(Component component, Instant connectedAt) {
      return Event.newBuilder()
          .setEventType(EventType.CAPABILITY_REQUESTED)
          .setMoniker(component.id().toString())
          .setComponentUrl(component.url())
          .setInstanceId(component.instanceId())
          .setTimestamp(
              Timestamp.newBuilder()
                  .setSeconds(connectedAt.getEpochSecond())
                  .setNanos(connectedAt.getNano()))
          .setName(LOG_SINK)
          .setResult(EventResult.newBuilder().setCapability(Capability.getDefaultInstance()))
          .build()
          .toByteArray();
    }

    @Override
    Component parse(byte[] message)
        throws InvalidProtocolBufferException, MalformedMessageException {
      Event event = Event.parseFrom(message);
      if (event.getEventType() != EventType.CAPABILITY_REQUESTED
          || !event.getName().equals(LOG_SINK)) {
        throw new MalformedMessageException(
            "an event of type %s for \"%s\"; allowed is %s for \"%s\""
                .formatted(
                    event.getEventType(),
                    event.getName(),
                    EventType.CAPABILITY_REQUESTED,
                    LOG_SINK));
      }
      if (!event.getResult().hasCapability()) {
        throw new MalformedMessageException(
            "an event without a capability: " + event.getResult().getError().getDescription());
      }
      return new Component(
          ComponentId.parse(event.getMoniker()), event.getComponentUrl(), event.getInstanceId());
    }
  };

  /** The capability's name in events. */
  public static final String LOG_SINK = "org.vmlog.LogSink";

  private final String word;

  ListenerKind(String word) {
    this.word = word;
  }

  /** What comes by this path, for people and in names. */
  public final String word() {
    return word;
  }

  /** The path that serves when nobody listens on this one. */
  final ListenerKind other() {
    return this == EVENTS ? LOG_CONNECTIONS : EVENTS;
  }

  /**
   * The message that goes with a connection.
   *
   * @param component from the realm whose listener gets it
   */
  abstract byte[] encode(Component component, Instant connectedAt);

  /** Whose connection it is that comes with this message. */
  final Component decode(byte[] message) throws MalformedMessageException {
    try {
      return parse(message);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new MalformedMessageException(String.valueOf(e.getMessage()));
    }
  }

  abstract Component parse(byte[] message)
      throws InvalidProtocolBufferException, MalformedMessageException;
}
