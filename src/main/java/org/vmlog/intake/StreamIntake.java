package org.vmlog.intake;

import java.util.function.Supplier;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.record.StreamDecoder;
import org.vmlog.wire.Admission;
import org.vmlog.wire.StreamReceiver;
import org.vmlog.wire.StreamService;
import org.vmlog.wire.StreamTransport;

/** Reads streams of bytes that one kind of decoder takes apart. Thread-safe. */
final class StreamIntake implements StreamService {
  private final Spoken spoken;
  private final Supplier<StreamDecoder> decoders;
  private final SourceConnections sources;
  private final Admission admission;
  private final StreamConnection.Context context;

  StreamIntake(
      Spoken spoken,
      Supplier<StreamDecoder> decoders,
      SourceConnections sources,
      StreamConnection.Context context) {
    this.spoken = spoken;
    this.decoders = decoders;
    this.sources = sources;
    this.admission = sources.admission(spoken);
    this.context = context;
  }

  @Override
  public boolean hasRoomFor(SourceIdentity source) {
    return admission.hasRoomFor(source);
  }

  @Override
  public boolean admit(SourceIdentity source) {
    return admission.admit(source);
  }

  @Override
  public void left(SourceIdentity source) {
    admission.left(source);
  }

  @Override
  public StreamReceiver connected(SourceIdentity source, StreamTransport transport) {
    SourceConnections.Opening opening = sources.open(source, spoken, transport);
    if (opening instanceof SourceConnections.Opening.Opened opened) {
      context.counters().streams().of(spoken).increment();
      return new StreamConnection(context, spoken, opened, decoders.get(), transport);
    }
    // Whoever it is gets no answer here by which it could be told why.
    transport.close();
    return DENIED;
  }

  private static final StreamReceiver DENIED =
      new StreamReceiver() {
        @Override
        public void received(byte[] bytes, int length) {
          // Not from there.
        }

        @Override
        public void closing() {
          // Nothing is held of it.
        }

        @Override
        public void closed() {
          // Nothing was opened for it.
        }
      };
}
