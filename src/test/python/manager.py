"""A service manager in small: holds listening sockets and runs a daemon with them, again and again.

manager.py [--blocking] UNIX_PATH TCP_PORT COMMAND...

The sockets are passed as sd_listen_fds(3) says. SIGUSR1 lets the daemon, once it has ended, be
started again; SIGTERM ends both.
"""
import os
import signal
import socket
import sys

arguments = sys.argv[1:]
blocking = arguments[0] == "--blocking"
if blocking:
    arguments.pop(0)
path, port, command = arguments[0], int(arguments[1]), arguments[2:]

unix = socket.socket(socket.AF_UNIX)
unix.bind(path)
tcp = socket.socket()
tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
tcp.bind(("127.0.0.1", port))
for listener in (unix, tcp):
    listener.listen(128)
    listener.setblocking(blocking)

stopping = False
child = 0
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])


def stop(*_):
    global stopping
    stopping = True
    if child:
        os.kill(child, signal.SIGTERM)


signal.signal(signal.SIGTERM, stop)
while True:
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
        unix_copy, tcp_copy = os.dup(unix.fileno()), os.dup(tcp.fileno())
        os.dup2(unix_copy, 3, inheritable=True)
        os.dup2(tcp_copy, 4, inheritable=True)
        os.environ.update(
            LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="host:network"
        )
        os.execvp(command[0], command)
    status = os.waitpid(child, 0)[1]
    child = 0
    if stopping:
        sys.exit(os.waitstatus_to_exitcode(status))
    print("ended with", os.waitstatus_to_exitcode(status), file=sys.stderr, flush=True)
    while signal.sigtimedwait([signal.SIGUSR1], 0.1) is None:
        if stopping:
            sys.exit(0)
