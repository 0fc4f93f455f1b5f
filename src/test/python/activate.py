"""Starts a program as systemd does with sockets that it has opened, see sd_listen_fds(3).

Usage: activate.py TYPE:PATH... -- COMMAND...

TYPE is dgram or stream.
"""

import os
import socket
import sys

split = sys.argv.index("--")
descriptors = []
for kind, path in (words.split(":", 1) for words in sys.argv[1:split]):
    opened = socket.socket(
        socket.AF_UNIX, socket.SOCK_DGRAM if kind == "dgram" else socket.SOCK_STREAM
    )
    opened.bind(path)
    if kind == "stream":
        opened.listen(16)
    opened.setblocking(False)
    descriptors.append(os.dup(opened.detach()))

# Out of the way first: what is to go to 3 must not overwrite what is still to go to 4.
moved = [os.dup2(fd, 100 + i) for i, fd in enumerate(descriptors)]
for i, fd in enumerate(moved):
    os.dup2(fd, 3 + i, inheritable=True)
os.environ.update(
    LISTEN_PID=str(os.getpid()),
    LISTEN_FDS=str(len(moved)),
    LISTEN_FDNAMES=":".join("s%d" % i for i in range(len(moved))),
)
os.closerange(3 + len(moved), 256)
os.execvp(sys.argv[split + 1], sys.argv[split + 1 :])
