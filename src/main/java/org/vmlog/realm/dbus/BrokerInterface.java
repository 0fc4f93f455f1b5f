package org.vmlog.realm.dbus;

import org.vmlog.realm.ListenerKind;

/** The broker's interfaces, each with a name on the bus and an object of its own. Immutable. */
enum BrokerInterface {
  /** For launchers and for people. */
  REALMS(
      "org.vmlog.Realms1",
      """
        <method name="CreateRealm">
         <arg name="parent" type="as" direction="in"/><arg name="label" type="s" direction="in"/>
         <arg name="options" type="a{sv}" direction="in"/>
        </method>
        <method name="DestroyRealm"><arg name="realm" type="as" direction="in"/></method>
        <method name="OpenLogSink">
         <arg name="realm" type="as" direction="in"/>
         <arg name="identity" type="a{sv}" direction="in"/>
         <arg name="sink" type="h" direction="out"/>
        </method>
        <method name="ProvideLogSink">
         <arg name="realm" type="as" direction="in"/>
         <arg name="identity" type="a{sv}" direction="in"/>
         <arg name="socket_path" type="s" direction="in"/>
         <arg name="provided_path" type="s" direction="out"/>
        </method>
        <method name="RevokeLogSink"><arg name="socket_path" type="s" direction="in"/></method>
        <method name="ListRealms"><arg name="realms" type="aa{sv}" direction="out"/></method>
        <method name="GetCounters"><arg name="counters" type="a{st}" direction="out"/></method>
      """),

  /** For whoever serves the sinks that launchers ask for. */
  LOG_CONNECTOR(
      "org.vmlog.LogConnector1",
      """
        <method name="TakeLogConnectionListener">
         <arg name="realm" type="as" direction="in"/>
         <arg name="taken" type="b" direction="out"/>
         <arg name="listener" type="ah" direction="out"/>
        </method>
      """),

  /** For whoever serves the sinks that have a path. */
  EVENT_SOURCE(
      "org.vmlog.EventSource1",
      """
        <method name="Subscribe">
         <arg name="path" type="s" direction="in"/>
         <arg name="subscriptions" type="aa{sv}" direction="in"/>
         <arg name="stream" type="h" direction="out"/>
        </method>
        <method name="TakeStaticEventStream">
         <arg name="path" type="s" direction="in"/>
         <arg name="stream" type="h" direction="out"/>
        </method>
      """);

  private final String interfaceName;
  private final String methods;

  BrokerInterface(String interfaceName, String methods) {
    this.interfaceName = interfaceName;
    this.methods = methods;
  }

  /** Also the name on the bus. */
  String interfaceName() {
    return interfaceName;
  }

  String path() {
    return "/" + interfaceName.replace('.', '/');
  }

  String introspection() {
    return " <interface name=\"" + interfaceName + "\">\n" + methods + " </interface>\n";
  }

  /** Which of them has the listeners of this kind. */
  static BrokerInterface of(ListenerKind kind) {
    return switch (kind) {
      case LOG_CONNECTIONS -> LOG_CONNECTOR;
      case EVENTS -> EVENT_SOURCE;
    };
  }
}
