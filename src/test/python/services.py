"""systemd-machined and libvirt-dbus as far as they tell of VMs, by GLib's D-Bus.

python3 services.py ADDRESS. Names, paths, signatures and values are those of
org.freedesktop.machine1(5) and of /usr/share/dbus-1/interfaces/org.libvirt.*.xml. Reads one JSON
object a line and answers each with a line "ok":
  {"own": NAME}, {"disown": NAME}
  {"machine": NAME, "properties": {NAME: [TYPE, VALUE]}, "signal": BOOL}
  {"removed": NAME, "signal": BOOL}
  {"domain": UUID, "xml": XML, "event": NUMBER or null}   the XML null for one that is no more
  {"emit": [PATH, INTERFACE, MEMBER, SIGNATURE, [VALUES]]}
  {"calls": METHOD}    answers how often that was called
"""
import collections
import json
import sys

from gi.repository import Gio, GLib

MACHINED = "/org/freedesktop/machine1"
MACHINED_XML = """
<node><interface name="org.freedesktop.machine1.Manager">
<method name="ListMachines"><arg type="a(ssso)" direction="out"/></method>
<signal name="MachineNew"><arg type="s"/><arg type="o"/></signal>
<signal name="MachineRemoved"><arg type="s"/><arg type="o"/></signal>
</interface></node>"""

LIBVIRT = "/org/libvirt/QEMU"
LIBVIRT_XML = """
<node><interface name="org.libvirt.Connect">
<method name="ListDomains">
<arg name="flags" type="u" direction="in"/><arg name="domains" type="ao" direction="out"/></method>
<signal name="DomainEvent">
<arg name="domain" type="o"/><arg name="event" type="i"/><arg name="detail" type="i"/></signal>
</interface></node>"""
DOMAIN_XML = """
<node><interface name="org.libvirt.Domain">
<method name="GetXMLDesc">
<arg name="flags" type="u" direction="in"/><arg name="xml" type="s" direction="out"/></method>
</interface></node>"""

bus = Gio.DBusConnection.new_for_address_sync(
    sys.argv[1],
    Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
    None,
    None,
)
registered = {}  # by path
machines = {}  # properties by name
domains = {}  # XML by path
calls = collections.Counter()


def call_bus(method, signature, *arguments):
    return bus.call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
        GLib.Variant(signature, arguments), None, Gio.DBusCallFlags.NONE, -1, None,
    )


def called(bus, sender, path, interface, method, arguments, invocation):
    calls[method] += 1
    if method == "ListMachines":
        listed = [
            (name, one["Class"].unpack(), one["Service"].unpack(), machine_path(name))
            for name, one in machines.items()
        ]
        invocation.return_value(GLib.Variant("(a(ssso))", (listed,)))
    elif method == "ListDomains":
        active = [one for one, xml in domains.items() if arguments.unpack() == (1,) and " id=" in xml]
        invocation.return_value(GLib.Variant("(ao)", (active,)))
    elif " fails=" in domains.get(path, ""):
        invocation.return_dbus_error("org.libvirt.Error", "cannot acquire state change lock")
    elif path in domains:
        invocation.return_value(GLib.Variant("(s)", (domains[path],)))
    else:
        invocation.return_dbus_error("org.libvirt.Error", "Domain not found")


def machine_path(name):
    return MACHINED + "/machine/" + name.replace("-", "_2d")


def register(path, xml, get=None):
    info = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
    registered[path] = bus.register_object(path, info, called, get, None)


def own(name):
    if name == "org.libvirt":
        register(LIBVIRT, LIBVIRT_XML)
    else:
        register(MACHINED, MACHINED_XML)
    call_bus("RequestName", "(su)", name, 0)


def disown(name):
    call_bus("ReleaseName", "(s)", name)
    bus.unregister_object(registered.pop(LIBVIRT if name == "org.libvirt" else MACHINED))


def machine(name, properties, signal):
    values = {key: GLib.Variant(*typed) for key, typed in properties.items()}
    machines[name] = values
    listed = "".join(
        '<property name="%s" type="%s" access="read"/>' % (key, value.get_type_string())
        for key, value in values.items()
    )
    xml = '<node><interface name="org.freedesktop.machine1.Machine">%s</interface></node>' % listed
    path = machine_path(name)
    if path not in registered:  # with the same properties for good: there is no moment without it
        register(path, xml, lambda bus, sender, path, interface, key: machines[name][key])
    if signal:
        emit(MACHINED, "org.freedesktop.machine1.Manager", "MachineNew", "(so)", [name, path])


def removed(name, signal):
    path = machine_path(name)
    del machines[name]
    bus.unregister_object(registered.pop(path))
    if signal:
        emit(MACHINED, "org.freedesktop.machine1.Manager", "MachineRemoved", "(so)", [name, path])


def domain(uuid, xml, event):
    path = LIBVIRT + "/domain/_" + uuid.replace("-", "_")
    if path not in registered:
        register(path, DOMAIN_XML)
    if xml is None:
        domains.pop(path, None)
    else:
        domains[path] = xml
    if event is not None:
        emit(LIBVIRT, "org.libvirt.Connect", "DomainEvent", "(oii)", [path, event, 0])


def emit(path, interface, member, signature, values):
    bus.emit_signal(None, path, interface, member, GLib.Variant(signature, tuple(values)))


def answer(stdin, condition):
    line = stdin.readline()
    if not line:
        loop.quit()
        return False
    request = json.loads(line)
    result = ""
    if "own" in request:
        own(request["own"])
    elif "disown" in request:
        disown(request["disown"])
    elif "machine" in request:
        machine(request["machine"], request["properties"], request["signal"])
    elif "removed" in request:
        removed(request["removed"], request["signal"])
    elif "domain" in request:
        domain(request["domain"], request["xml"], request["event"])
    elif "calls" in request:
        result = str(calls[request["calls"]])
    else:
        emit(*request["emit"])
    bus.flush_sync(None)
    print("ok", result, flush=True)
    return True


loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, answer)
loop.run()
