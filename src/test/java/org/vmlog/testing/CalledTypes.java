package org.vmlog.testing;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.request.EventRequest;
import com.sun.jdi.request.MethodEntryRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Which of our types a program calls while something happens in it, as its debugger sees it. A type
 * that stands in another counts as that one. Confined to one thread.
 */
public final class CalledTypes implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 200;

  private final VirtualMachine vm;

  /** Connects to a JVM that was started with {@link #option}. */
  public CalledTypes(InetSocketAddress debugger)
      throws IOException, IllegalConnectorArgumentsException {
    AttachingConnector connector =
        Bootstrap.virtualMachineManager().attachingConnectors().stream()
            .filter(one -> one.transport().name().equals("dt_socket"))
            .findFirst()
            .orElseThrow();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    arguments.get("hostname").setValue(debugger.getAddress().getHostAddress());
    arguments.get("port").setValue(Integer.toString(debugger.getPort()));
    vm = connector.attach(arguments);
  }

  /** What makes a JVM listen for us. */
  public static String option(InetSocketAddress debugger) {
    return "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=%s:%d"
        .formatted(debugger.getAddress().getHostAddress(), debugger.getPort());
  }

  /** The types that are called meanwhile, in the order of their first call. */
  public Set<String> during(Callable<?> action) throws Exception {
    MethodEntryRequest entries = vm.eventRequestManager().createMethodEntryRequest();
    entries.addClassFilter("org.vmlog.*");
    entries.setSuspendPolicy(EventRequest.SUSPEND_NONE);
    entries.enable();
    Object unused = action.call();
    Set<String> types = new LinkedHashSet<>();
    EventSet events = vm.eventQueue().remove(PATIENCE_MILLIS);
    while (events != null) {
      for (Event event : events) {
        if (event instanceof MethodEntryEvent entry) {
          types.add(outermost(entry.method().declaringType()));
        }
      }
      events = vm.eventQueue().remove(PATIENCE_MILLIS);
    }
    vm.eventRequestManager().deleteEventRequest(entries);
    return types;
  }

  private static String outermost(ReferenceType type) {
    String name = type.name();
    String simple = name.substring(name.lastIndexOf('.') + 1);
    return simple.replaceFirst("\\$.*", "").replaceFirst("/.*", "");
  }

  @Override
  public void close() {
    vm.dispose();
  }
}
