package org.vmlog.bus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.freedesktop.dbus.types.Variant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.JournalStream;
import org.vmlog.platform.StderrLog;

/**
 * {@code org.freedesktop.LogControl1}, org.freedesktop.LogControl1(5): by it the service manager
 * shows and sets how much the program says of itself ({@code systemctl service-log-level}), until
 * it is started anew.
 *
 * <p>Called on the service's calls' thread.
 */
public final class LogControl implements BusObject {
  /** Where everybody's is. */
  public static final String PATH = "/org/freedesktop/LogControl1";

  private static final Logger LOG = LoggerFactory.getLogger(LogControl.class);

  private static final String INTERFACE = "org.freedesktop.LogControl1";
  private static final String PROPERTIES = "org.freedesktop.DBus.Properties";
  private static final String LEVEL = "LogLevel";
  private static final String TARGET = "LogTarget";
  private static final String IDENTIFIER = "SyslogIdentifier";

  private static final String INTROSPECTION =
      """
       <interface name="org.freedesktop.LogControl1">
        <property name="LogLevel" type="s" access="readwrite"/>
        <property name="LogTarget" type="s" access="readwrite"/>
        <property name="SyslogIdentifier" type="s" access="read"/>
       </interface>
       <interface name="org.freedesktop.DBus.Properties">
        <method name="Get">
         <arg name="interface" type="s" direction="in"/><arg name="property" type="s" direction="in"/>
         <arg name="value" type="v" direction="out"/>
        </method>
        <method name="GetAll">
         <arg name="interface" type="s" direction="in"/>
         <arg name="values" type="a{sv}" direction="out"/>
        </method>
        <method name="Set">
         <arg name="interface" type="s" direction="in"/><arg name="property" type="s" direction="in"/>
         <arg name="value" type="v" direction="in"/>
        </method>
       </interface>
      """;

  /** Syslog's names of levels. Of several that are one here, the last is what it is called. */
  private static final Map<String, Level> LEVELS = new LinkedHashMap<>();

  static {
    List.of("emerg", "alert", "crit", "err").forEach(name -> LEVELS.put(name, Level.SEVERE));
    LEVELS.put("warning", Level.WARNING);
    List.of("notice", "info").forEach(name -> LEVELS.put(name, Level.INFO));
    LEVELS.put("debug", Level.FINE);
  }

  /** Decides who may set something. */
  @FunctionalInterface
  public interface Guard {
    /**
     * Returns if the caller may.
     *
     * @throws BusException if not
     */
    void check(BusRequest request) throws BusException;
  }

  private final String identifier;
  private final Guard guard;

  /**
   * The control of this process's {@link StderrLog}.
   *
   * @param identifier what the journal has for its name
   */
  public LogControl(String identifier, Guard guard) {
    this.identifier = identifier;
    this.guard = guard;
  }

  @Override
  public String introspection() {
    return INTROSPECTION;
  }

  @Override
  public void call(BusRequest request) throws BusException {
    boolean properties = request.interfaceName().map(PROPERTIES::equals).orElse(true);
    switch (properties ? request.member() : "") {
      case "Get" -> get(request, request.arguments("ss"));
      case "GetAll" -> getAll(request, request.arguments("s"));
      case "Set" -> set(request, request.arguments("ssv"));
      default ->
          throw new BusException(
              BusException.UNKNOWN_METHOD,
              "no method %s; allowed are Get, GetAll and Set of %s"
                  .formatted(request.member(), PROPERTIES));
    }
  }

  private void get(BusRequest request, Object[] arguments) throws BusException {
    requireInterface(arguments[0]);
    request.reply("v", new Variant<>(valueOf(arguments[1])));
  }

  private void getAll(BusRequest request, Object[] arguments) throws BusException {
    requireInterface(arguments[0]);
    Map<String, Variant<String>> values = new LinkedHashMap<>();
    for (String property : List.of(LEVEL, TARGET, IDENTIFIER)) {
      values.put(property, new Variant<>(valueOf(property)));
    }
    request.reply("a{sv}", values);
  }

  private void set(BusRequest request, Object[] arguments) throws BusException {
    guard.check(request);
    requireInterface(arguments[0]);
    Object value = ((Variant<?>) arguments[2]).getValue();
    if (arguments[1].equals(LEVEL)) {
      Level level = LEVELS.get(String.valueOf(value));
      if (level == null) {
        throw invalid(LEVEL, value, "one of " + String.join(", ", LEVELS.keySet()));
      }
      StderrLog.install(level);
      LOG.info("the log's level is {} now", value);
    } else if (arguments[1].equals(TARGET)) {
      if (!value.equals(target())) {
        throw invalid(TARGET, value, target() + ", which is where stderr leads");
      }
    } else {
      String unused = valueOf(arguments[1]); // or there is none of that name
      throw new BusException(BusException.READ_ONLY, arguments[1] + " cannot be set");
    }
    request.reply();
  }

  private static void requireInterface(Object name) throws BusException {
    // An empty name stands for any interface.
    if (!name.equals(INTERFACE) && !name.equals("")) {
      throw invalid("interface", name, INTERFACE);
    }
  }

  private String valueOf(Object property) throws BusException {
    return switch (String.valueOf(property)) {
      case LEVEL -> level();
      case TARGET -> target();
      case IDENTIFIER -> identifier;
      default ->
          throw new BusException(
              BusException.UNKNOWN_PROPERTY,
              "no property %s; there are %s, %s and %s"
                  .formatted(property, LEVEL, TARGET, IDENTIFIER));
    };
  }

  private static String level() {
    String called = "";
    for (Map.Entry<String, Level> level : LEVELS.entrySet()) {
      called = level.getValue().equals(StderrLog.level()) ? level.getKey() : called;
    }
    return called;
  }

  private static String target() {
    return JournalStream.isStderr(System.getenv()) ? "journal" : "console";
  }

  private static BusException invalid(String what, Object value, String allowed) {
    return new BusException(
        BusException.INVALID_ARGUMENTS, what + " = " + value + ": allowed is " + allowed);
  }
}
