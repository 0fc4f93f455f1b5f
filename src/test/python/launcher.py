"""A launcher of VMs on D-Bus by GLib's implementation: python3 launcher.py ADDRESS

Reads one JSON object a line and answers each with a line, "ok" and JSON, or an error's name and message:
  {"make": KIND, "name": N, "path": P}   makes a socket and keeps it as N
  {"call": MEMBER, "vm": {KEY: [TYPE, VALUE], ...}, "extra": [N, ...]}
  {"call": MEMBER, "args": [STRING, ...]}
  {"listen": SIGNAL}                     hears of a signal from now on
  {"next": SIGNAL}                       waits for the next of them
A value of type "h" is the name of a socket; "extra" are sent along and named nowhere.
"""
import json
import socket
import sys

from gi.repository import Gio, GLib

NAME = "org.vmlog.Forwarder1"
PATH = "/org/vmlog/Forwarder1"

bus = Gio.DBusConnection.new_for_address_sync(
    sys.argv[1],
    Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
    None,
    None,
)
made = {}
heard = []


def make(kind, name, path):
    if kind == "file":
        made[name] = open(path, "w")
        return
    if kind == "pair":
        made[name], made[name + "'"] = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        return
    if kind == "tcp":
        made[name] = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made[name].bind(("127.0.0.1", 0))
        made[name].listen()
        return
    types = {"dgram": socket.SOCK_DGRAM, "packets": socket.SOCK_SEQPACKET}
    made[name] = socket.socket(socket.AF_UNIX, types.get(kind, socket.SOCK_STREAM))
    if path:
        made[name].bind(path.replace("@", "\0", 1) if path.startswith("@") else path)
    if kind in ("listen", "packets"):
        made[name].listen()


def value(type_, value_, descriptors):
    if type_ == "h":
        value_ = descriptors.append(made[value_].fileno())
    return GLib.Variant(type_, value_)


def call(request):
    descriptors = Gio.UnixFDList.new()
    if "vm" in request:
        vm = {key: value(*typed, descriptors) for key, typed in request["vm"].items()}
        arguments = GLib.Variant("(a{sv})", (vm,))
    elif request.get("args"):
        strings = request["args"]
        arguments = GLib.Variant("(" + "s" * len(strings) + ")", tuple(strings))
    else:
        arguments = None
    for name in request.get("extra", []):
        descriptors.append(made[name].fileno())
    answer, _ = bus.call_with_unix_fd_list_sync(
        NAME,
        PATH,
        NAME,
        request["call"],
        arguments,
        None,
        Gio.DBusCallFlags.NONE,
        60000,
        descriptors if descriptors.get_length() else None,
        None,
    )
    return list(answer.unpack())


def listen(signal):
    bus.signal_subscribe(
        NAME, NAME, signal, PATH, None, Gio.DBusSignalFlags.NONE,
        lambda bus, sender, path, interface, member, values: heard.append(list(values.unpack())),
    )


def following():
    while not heard:
        GLib.MainContext.default().iteration(True)
    return heard.pop(0)


print("ok", bus.get_unique_name(), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    try:
        if "make" in request:
            make(request["make"], request["name"], request.get("path"))
            print("ok", flush=True)
        elif "listen" in request:
            listen(request["listen"])
            bus.flush_sync(None)
            print("ok", flush=True)
        elif "next" in request:
            print("ok", json.dumps(following()), flush=True)
        else:
            print("ok", json.dumps(call(request)), flush=True)
    except GLib.Error as error:
        name = Gio.DBusError.get_remote_error(error) or "error"
        print(name + ": " + error.message.removeprefix("GDBus.Error:" + name + ": "), flush=True)
