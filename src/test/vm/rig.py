"""What the checks are made of: an installed host's units and files, and those who use it."""

import contextlib
import os
import pathlib
import socket
import ssl
import subprocess
import threading
import time

import dbus
import grpc

import guest

LOGS = pathlib.Path("/var/log/vmlog")
SOCKETS = pathlib.Path("/run/vmlog/vm")
UNIT = "vmlog-forwarder.service"
UNITS = (UNIT, "vmlog-realmd.service", "vmlog-ship.service", "vm-syslog.service")
PATIENCE = 600  # seconds: everything is emulated, perhaps on a busy machine
CONCIERGE = "org.chromium.VmConcierge"

# Emulated, a compiler costs more than it gains in the little that is done here, and a time-out is
# never meant.
INTERPRETED = "-Xint"
EMULATED = """[Service]
Environment=VMLOG_JAVA_OPTS=-Xint VMLOG_SHIP_JAVA_OPTS=-Xint VM_SYSLOG_JAVA_OPTS=-Xint
WatchdogSec=15min
TimeoutStartSec=15min
TimeoutStopSec=15min
"""
EMULATED_BUS = """<busconfig>
<limit name="service_start_timeout">900000</limit>
</busconfig>
"""


def emulate():
    for unit in UNITS:
        write(f"/etc/systemd/system/{unit}.d/emulated.conf", EMULATED)
    write("/etc/dbus-1/system.d/emulated.conf", EMULATED_BUS)


def run(*command, check=True, **options):
    """What the command says; fails with that if the command does."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    said = done.stdout.strip()
    failed = check and done.returncode != 0
    expect(not failed, f"{' '.join(command)} exited {done.returncode}:\n{said}")
    return said


def until(what, condition, seen=lambda: ""):
    """Returns the first true value of the condition; else fails with what was seen instead."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            units = [word for unit in UNITS for word in ("-u", unit)]
            journal = run("journalctl", *units, "-n", "30", "-o", "short-monotonic")
            raise AssertionError(
                f"waited in vain until {what}; {seen()}\nthe units say:\n{journal}"
            )
        time.sleep(0.3)


def expect(value, what):
    if not value:
        raise AssertionError(what)


def write(path, text):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def install(package, of):
    """The JVMs that make the archives of classes are emulated as well."""
    environment = {**os.environ, "JAVA_TOOL_OPTIONS": INTERPRETED}
    return run("dpkg", "-i", f"{package}_{of}_all.deb", env=environment)


def property_of(name, unit=UNIT):
    return run("systemctl", "show", "--value", "-p", name, unit)


def until_active(unit=UNIT):
    until(f"{unit} is active", lambda: property_of("ActiveState", unit) == "active")


def expect_inactive(unit=UNIT):
    state = property_of("ActiveState", unit)
    expect(state == "inactive", f"{unit} is {state}")


def seconds_to_ready(unit=UNIT):
    began = int(property_of("InactiveExitTimestampMonotonic", unit))
    return (int(property_of("ActiveEnterTimestampMonotonic", unit)) - began) / 1e6


def lines(owner, name):
    """Of all of a VM's files, the oldest first."""
    files = sorted((LOGS / owner).glob(name + ".log*"), key=lambda f: f.stat().st_mtime)
    return [line for file in files for line in file.read_text().splitlines()]


def until_line(owner, name, end):
    until(
        f"{owner}/{name} has a line that ends in {end!r}",
        lambda: any(line.endswith(end) for line in lines(owner, name)),
        lambda: f"it ends in {lines(owner, name)[-5:]}",
    )


class Client:
    """Speaks gRPC as the original guest does."""

    def __init__(self, target, who):
        self.who = who
        self.channel = grpc.insecure_channel(
            target,
            options=[
                ("grpc.enable_http_proxy", 0),
                ("grpc.initial_reconnect_backoff_ms", 200),
                ("grpc.max_reconnect_backoff_ms", 1000),
            ],
        )
        self.call = self.channel.unary_unary("/vm_tools.LogCollector/CollectUserLogs")

    def send(self, *contents, severity=7):
        """The same request again, until it is answered with OK."""
        request = b"".join(
            guest.field(1, guest.record(severity, int(time.time()), content))
            for content in contents
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.call(request, timeout=30, wait_for_ready=True)
                return
            except grpc.RpcError as error:
                if time.monotonic() > deadline:
                    raise AssertionError(f"{self.who} is not served: {error}") from error
                time.sleep(0.2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()


class Guest(Client):
    """A virtual machine of a context id: a real peer of that CID, by /dev/vhost-vsock."""

    def __init__(self, cid):
        path = f"/run/guest-{cid}.sock"
        self.machine = subprocess.Popen(
            ["./vsockguest", str(cid), "9999", path], stdout=subprocess.PIPE, text=True
        )
        expect(self.machine.stdout.readline() == "ready\n", f"no guest of CID {cid}")
        super().__init__("unix:" + path, f"CID {cid}")

    def __exit__(self, *_):
        self.channel.close()
        self.machine.kill()
        self.machine.wait()


@contextlib.contextmanager
def load(cid, owner, name):
    """Sends numbered records all the while, and then finds each of them in the VM's files."""
    sent = []
    stop = threading.Event()
    failure = []

    def send():
        try:
            with Guest(cid) as machine:
                # Not as quickly as it can: what is emulated here has to get on as well.
                while not stop.wait(0.1):
                    numbers = range(len(sent), len(sent) + 10)
                    machine.send(*(f"{cid} number {n}" for n in numbers))
                    sent.extend(numbers)
        except AssertionError as error:
            failure.append(error)

    sender = threading.Thread(target=send)
    sender.start()
    until("the load runs", lambda: len(sent) > 20 or failure)
    try:
        yield
        before = len(sent)
        until("the load goes on", lambda: len(sent) > before + 20 or failure)
    finally:
        stop.set()
        sender.join()
    if failure:
        raise failure[0]
    text = f" {cid} number "
    found = {line.rsplit(" ", 1)[1] for line in lines(owner, name) if text in line}
    missing = [n for n in sent if str(n) not in found]
    expect(not missing, f"of {len(sent)} acknowledged records are missing: {missing[:5]}")
    print(f"     {len(sent)} records")


class Concierge:
    """A process that owns concierge's name on the system bus and signals starts and stops."""

    def __init__(self):
        self.bus = dbus.bus.BusConnection(dbus.bus.BusConnection.TYPE_SYSTEM)
        self.bus.request_name(CONCIERGE)

    def signal(self, member, payload):
        message = dbus.lowlevel.SignalMessage("/org/chromium/VmConcierge", CONCIERGE, member)
        message.append(dbus.ByteArray(payload), signature="ay")
        self.bus.send_message(message)
        self.bus.flush()


class Launcher:
    """Announces virtual machines and components on the system bus, as root."""

    def __init__(self):
        self.bus = dbus.bus.BusConnection(dbus.bus.BusConnection.TYPE_SYSTEM)

    def call(self, name, member, signature="", *arguments):
        path = "/" + name.replace(".", "/")
        return self.bus.call_blocking(name, path, name, member, signature, arguments, timeout=900)

    def register(self, owner, name, cid):
        vm = {"owner": owner, "name": name, "cid": dbus.UInt32(cid)}
        self.call("org.vmlog.Forwarder1", "RegisterVm", "a{sv}", vm)

    def counter(self, name):
        return int(self.call("org.vmlog.Forwarder1", "GetCounters")[name])

    def sink(self, realm, name):
        """Makes a realm below the root, and returns the path of a sink for a component in it."""
        realms = "org.vmlog.Realms1"
        # It waits two seconds for the bus, and is ready without; what is emulated may take longer.
        until("the broker is on the bus", lambda: self.bus.name_has_owner(realms))
        self.call(realms, "CreateRealm", "assa{sv}", [], realm, {})
        identity = {"name": name, "use_log_sink": True}
        return self.call(realms, "ProvideLogSink", "asa{sv}s", [realm], identity, "")


class SyslogServer:
    """Takes lines by TLS, as a syslog server does, and keeps all that came."""

    def __init__(self, certificate, key):
        self.received = bytearray()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 6514))
        self.tls = context.wrap_socket(self.listener, server_side=True)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            with contextlib.suppress(OSError):
                connection = self.tls.accept()[0]
                while data := connection.recv(65536):
                    self.received += data


def starting_up(owner, name, cid):
    return (
        guest.field(1, name.encode())
        + guest.field(2, owner.encode())
        + guest.varint(4 << 3)
        + guest.varint(cid)
    )


def sandbox_of(unit, refused, allowed):
    """What a process with the settings of the unit could do and is not to; nothing, if it holds.

    Address families are named as the module socket has them.
    """
    settings = []
    for line in run("systemctl", "cat", unit).splitlines():
        key = line.partition("=")[0]
        if key.startswith(("Protect", "Private", "Restrict", "SystemCall", "NoNew", "Device",
                           "CapabilityB", "User", "Group", "IPAddress", "LockP", "RemoveIPC")):
            settings += ["-p", line]
    anybodys = pathlib.Path("/var/anybodys")  # so that it is not permissions that keep it out
    anybodys.mkdir(exist_ok=True)
    anybodys.chmod(0o777)
    attempt = (
        "import os, socket\n"
        f"for path in ('/etc', '/usr', '/var', '/home', '/root', '/run', '{anybodys}'):\n"
        "    try: open(path + '/x', 'w'); print('wrote', path)\n"
        "    except OSError: pass\n"
        f"for family in {refused}:\n"
        "    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):\n"
        "        try: socket.socket(getattr(socket, family), kind); print('opened', family, kind)\n"
        "        except OSError: pass\n"
        f"for family in {allowed}: socket.socket(getattr(socket, family))\n"
        "for call in (lambda: os.chown('/tmp', 0, 0), lambda: os.setuid(0)):\n"
        "    try: call(); print('called')\n"
        "    except OSError: pass\n"
        "print('done')\n"
    )
    said = run("systemd-run", "--wait", "--pipe", "-q", *settings, "python3", "-c", attempt)
    return said.removesuffix("done") if said.endswith("done") else f"it ended: {said}"
