"""Takes the root realm's listener by GLib's D-Bus and reads what the broker hands over by Python's own
sockets: python3 taker.py ADDRESS

Says "taken", and for each connection a line: the socket's type, how many descriptors came, the message in
hexadecimal, and what the component said until it was gone.
"""
import socket
import sys

from gi.repository import Gio, GLib

bus = Gio.DBusConnection.new_for_address_sync(
    sys.argv[1],
    Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
    None,
    None,
)
answer, descriptors = bus.call_with_unix_fd_list_sync(
    "org.vmlog.LogConnector1",
    "/org/vmlog/LogConnector1",
    "org.vmlog.LogConnector1",
    "TakeLogConnectionListener",
    GLib.Variant("(as)", ([],)),
    GLib.VariantType("(bah)"),
    Gio.DBusCallFlags.NONE,
    -1,
    None,
    None,
)
taken, handles = answer.unpack()
assert taken and len(handles) == 1
listener = socket.socket(fileno=descriptors.steal_fds()[handles[0]])
print("taken", flush=True)

while True:
    message, received, flags, _ = socket.recv_fds(listener, 65536, 8)
    if not message:
        break
    said = b""
    for fd in received:
        with socket.socket(fileno=fd) as component:
            while part := component.recv(65536):
                said += part
    kind = "SEQPACKET" if listener.type == socket.SOCK_SEQPACKET else str(listener.type)
    print(kind, len(received), message.hex(), said.decode(), flush=True)
