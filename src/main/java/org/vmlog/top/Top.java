package org.vmlog.top;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import org.vmlog.platform.Threads;
import org.vmlog.scrape.MetricsClient;

/**
 * Shows what sources do: once, or on the terminal until a key or a signal ends it. The thread that
 * runs it draws; {@link #resized} and {@link #stop} may be called by any.
 */
public final class Top {
  private static final int MAX_EVENTS = 256;

  private final MetricsClient forwarder;
  private final Duration interval;
  private final InstantSource clock;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>(MAX_EVENTS);

  /** What may happen meanwhile. */
  private sealed interface Event {
    record Pressed(Key key) implements Event {}

    record Counted(Snapshot snapshot) implements Event {}

    record Failed(String why) implements Event {}

    record Resized() implements Event {}

    record Stopped() implements Event {}
  }

  public Top(MetricsClient forwarder, Duration interval, InstantSource clock) {
    this.forwarder = forwarder;
    this.interval = interval;
    this.clock = clock;
  }

  /**
   * Looks twice, so that there are rates.
   *
   * @return a line for the header and one for each source
   * @throws IOException if the forwarder does not answer
   */
  public List<String> once(TopView view) throws IOException, InterruptedException {
    Snapshot before = look();
    Thread.sleep(interval.toMillis());
    Snapshot now = look();
    List<Row> rows = view.rows(Row.between(Optional.of(before), now));
    TopTable table = new TopTable(clock.instant(), now.perLog());
    List<String> lines = new ArrayList<>(List.of(table.header(rows)));
    lines.addAll(table.lines(rows));
    return lines;
  }

  /**
   * Takes the terminal until it is told to end.
   *
   * @return the commands that it was asked to print
   */
  public List<String> run(TopView view, boolean coloured) throws IOException, InterruptedException {
    TopModel model = new TopModel(view, clock);
    ThreadFactory threads = Threads.named("vmlog-top");
    try (TopScreen screen = TopScreen.open(coloured)) {
      Thread keys = threads.newThread(() -> readKeys(screen));
      keys.start();
      threads.newThread(this::count).start();
      boolean going = true;
      while (going && !model.isOver()) {
        screen.draw(model.screen(screen.width(), screen.height()));
        Event event = events.take();
        going = !(event instanceof Event.Stopped);
        if (event instanceof Event.Resized) {
          screen.measure();
        }
        tell(event, model);
      }
      screen.noMoreKeys();
      while (keys.isAlive()) {
        events.clear(); // it may wait for room
        keys.join(10);
      }
    }
    return model.commands();
  }

  private static void tell(Event event, TopModel model) {
    if (event instanceof Event.Pressed pressed) {
      model.press(pressed.key());
    } else if (event instanceof Event.Counted counted) {
      model.update(counted.snapshot());
    } else if (event instanceof Event.Failed failed) {
      model.fail(failed.why());
    }
  }

  /** The terminal has another size now. */
  public void resized() {
    var unused = events.offer(new Event.Resized());
  }

  /** Ends {@link #run}, with the terminal as it was before. */
  public void stop() {
    while (!events.offer(new Event.Stopped())) {
      events.clear(); // nothing else matters any more
    }
  }

  private void readKeys(TopScreen screen) {
    try {
      Optional<Key> key = screen.key();
      while (key.isPresent()) {
        events.put(new Event.Pressed(key.get()));
        key = screen.key();
      }
      stop();
    } catch (IOException e) {
      stop(); // the terminal is gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void count() {
    try {
      while (true) {
        events.put(lookOrSayWhyNot());
        Thread.sleep(interval.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Event lookOrSayWhyNot() {
    try {
      return new Event.Counted(look());
    } catch (IOException e) {
      return new Event.Failed("the forwarder does not answer: " + e.getMessage());
    }
  }

  private Snapshot look() throws IOException {
    return Snapshot.of(forwarder.fetch(), System.nanoTime());
  }
}
