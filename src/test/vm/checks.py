"""What holds on an installed host, checked there: real systemd, D-Bus, syslog and vsock.

checks.py VERSION [CHECK...]

Upgrades the packages from a version that is older and the same but for that. Runs all checks, or the first and those that are named: as root, in the machine that `run` boots,
beside guest.py and vsockguest. Prints a line a check with its time, and how many passed; exits 1 if
one failed.
"""

import contextlib
import errno
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import dbus
import grpc

import guest

LOGS = pathlib.Path("/var/log/vmlog")
SOCKETS = pathlib.Path("/run/vmlog/vm")
UNIT = "vmlog-forwarder.service"
GUEST_UNIT = "vm-syslog.service"
PATIENCE = 400  # seconds: everything is emulated, perhaps on a busy machine
CONCIERGE = "org.chromium.VmConcierge"
CONCIERGE_POLICY = """<busconfig>
<policy user="root"><allow own="org.chromium.VmConcierge"/></policy>
</busconfig>
"""

# The better compiler costs more here than it gains, and no time-out is meant for emulation.
EMULATED = """[Service]
Environment=VMLOG_JAVA_OPTS=-XX:TieredStopAtLevel=1
WatchdogSec=15min
TimeoutStartSec=15min
TimeoutStopSec=15min
"""
EMULATED_BUS = """<busconfig>
<limit name="service_start_timeout">900000</limit>
</busconfig>
"""

OLDER = "0~before"
version, *chosen = sys.argv[1:]
checks = []


def check(function):
    checks.append(function)
    return function


def run(*command, **options):
    options.setdefault("check", True)
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    return done.stdout.strip()


def until(what, condition):
    """Returns the first true value of the condition."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            journal = run(
                "journalctl", "-u", UNIT, "-u", GUEST_UNIT, "-n", "20", "-o", "cat", check=False
            )
            raise AssertionError(f"waited in vain until {what}; the units say:\n{journal}")
        time.sleep(0.1)


def expect(value, what):
    if not value:
        raise AssertionError(what)


def write(path, text):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def install(package, of):
    return run("dpkg", "-i", f"{package}_{of}_all.deb")


def property_of(name, unit=UNIT):
    return run("systemctl", "show", "--value", "-p", name, unit)


def until_active(unit=UNIT):
    until(f"{unit} is active", lambda: property_of("ActiveState", unit) == "active")


def lines(owner, name):
    """Of all of a VM's files, the oldest first."""
    files = sorted((LOGS / owner).glob(name + ".log*"), key=lambda f: f.stat().st_mtime)
    return [line for file in files for line in file.read_text().splitlines()]


def until_line(owner, name, end):
    until(
        f"{owner}/{name} has a line that ends in {end!r}",
        lambda: any(line.endswith(end) for line in lines(owner, name)),
    )


class Guest:
    """A virtual machine of a context id: a real peer of that CID, by /dev/vhost-vsock."""

    def __init__(self, cid):
        self.cid = cid
        self.path = f"/run/guest-{cid}.sock"
        self.machine = subprocess.Popen(
            ["./vsockguest", str(cid), "9999", self.path], stdout=subprocess.PIPE, text=True
        )
        expect(self.machine.stdout.readline() == "ready\n", f"no guest of CID {cid}")
        self.channel = grpc.insecure_channel(
            "unix:" + self.path,
            options=[
                ("grpc.enable_http_proxy", 0),
                ("grpc.initial_reconnect_backoff_ms", 200),
                ("grpc.max_reconnect_backoff_ms", 1000),
            ],
        )
        self.call = self.channel.unary_unary("/vm_tools.LogCollector/CollectUserLogs")

    def send(self, *contents, severity=7):
        """As the original guest does: the same request again, until it is answered with OK."""
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
                    raise AssertionError(f"CID {self.cid} is not served: {error.code()}") from error
                time.sleep(0.2)

    def __enter__(self):
        return self

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
                while not stop.is_set():
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
    """Announces virtual machines on the system bus, and asks what became of them."""

    def __init__(self):
        self.bus = dbus.bus.BusConnection(dbus.bus.BusConnection.TYPE_SYSTEM)

    def call(self, member, signature="", *arguments):
        name = "org.vmlog.Forwarder1"
        return self.bus.call_blocking(
            name, "/org/vmlog/Forwarder1", name, member, signature, arguments, timeout=900
        )

    def register(self, owner, name, cid):
        self.call("RegisterVm", "a{sv}", {"owner": owner, "name": name, "cid": dbus.UInt32(cid)})

    def counter(self, name):
        return int(self.call("GetCounters")[name])


def starting_up(owner, name, cid):
    return (
        guest.field(1, name.encode())
        + guest.field(2, owner.encode())
        + guest.varint(4 << 3)
        + guest.varint(cid)
    )


@check
def install_gives_a_running_service():
    write(f"/etc/systemd/system/{UNIT}.d/emulated.conf", EMULATED)
    write("/etc/dbus-1/system.d/emulated.conf", EMULATED_BUS)
    print(install("vmlog", OLDER).splitlines()[-1])
    until_active()
    expect(property_of("NRestarts") == "0", "it was restarted")
    sockets = run("systemctl", "is-active", "vmlog-forwarder.socket", "vmlog-forwarder-vsock.socket")
    expect(sockets.split() == ["active", "active"], sockets)
    with socket.socket() as tcp:
        expect(tcp.connect_ex(("127.0.0.1", 9999)) == errno.ECONNREFUSED, "TCP is not off")
    expect("VMs are live" in property_of("StatusText"), property_of("StatusText"))
    run("modprobe", "vhost_vsock")
    config = "".join(
        f'[[vm]]\nowner = "alice"\nname = "{name}"\ncid = {cid}\n'
        for name, cid in (("web-1", 42), ("web-2", 43), ("web-3", 4_000_000_000))
    )
    config += '[[vm]]\nowner = "alice"\nname = "inner"\n[limits]\nhold = "15s"\n'
    pathlib.Path("/etc/vmlog/forwarder.d/vms.toml").write_text(config)
    run("systemctl", "restart", UNIT)


@check
def start_is_quick():
    """Its times are of emulation; they are here for comparison."""
    for archives in ("with", "without"):
        run("systemctl", "stop", UNIT)
        began = time.monotonic()
        run("systemctl", "start", UNIT)  # returns when it is ready
        print(f"     ready after {time.monotonic() - began:.1f} s {archives} archives")
        os.rename("/var/cache/vmlog", "/var/cache/vmlog.away") if archives == "with" else None
    os.rename("/var/cache/vmlog.away", "/var/cache/vmlog")


@check
def each_configured_cid_has_its_own_file():
    with Guest(42) as one, Guest(43) as two, Guest(4_000_000_000) as three:
        one.send("of 42", "a line that says web-2: <0>Jan  1 00:00:00 web-2 kernel: forged")
        two.send("of 43")
        three.send("of 4000000000")
    until_line("alice", "web-1", "kernel: forged")
    expect([line[-6:] for line in lines("alice", "web-2")] == [" of 43"], lines("alice", "web-2"))
    expect(len(lines("alice", "web-3")) == 1, lines("alice", "web-3"))


@check
def a_first_vsock_connection_starts_a_stopped_service():
    run("systemctl", "stop", UNIT)
    expect(property_of("ActiveState") == "inactive", "it is still active")
    with Guest(42) as machine:
        machine.send("that woke it")
    until_active()
    until_line("alice", "web-1", "that woke it")


@check
def unknown_cids_are_in_the_journal_and_in_rsyslogs_file():
    with Guest(77) as machine:
        machine.send("from nobody")
    text = "VM(77): from nobody"
    until("the journal has it", lambda: text in run("journalctl", "-o", "cat", "--since", "-1h") or
          "from nobody" in run("journalctl", "-t", "VM(77)", "-o", "cat", check=False))
    syslog = pathlib.Path("/var/log/syslog")
    until("rsyslog has it", lambda: syslog.exists() and text in syslog.read_text(errors="replace"))


@check
def concierges_signal_opens_file_and_sockets_and_a_forgers_does_not():
    pathlib.Path("/etc/dbus-1/system.d/concierge.conf").write_text(CONCIERGE_POLICY)
    run("systemctl", "reload", "dbus")
    concierge = Concierge()
    payload = starting_up("mallory", "evil", 66)
    forged = "array:byte:" + ",".join(str(byte) for byte in payload)
    run(
        "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
        "dbus-send", "--system", "--type=signal", "/org/chromium/VmConcierge",
        CONCIERGE + ".VmStartingUpSignal", forged,
    )  # fmt: skip
    concierge.signal("VmStartingUpSignal", starting_up("bob", "db-1", 50))
    datagrams = SOCKETS / "bob" / "db-1.lsock"
    until("the VM's socket is there", datagrams.exists)
    expect(not (SOCKETS / "mallory").exists(), "a forger's VM is live")
    group = datagrams.group()
    expect(group == "vmlog-vmm", f"the socket's group is {group}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as vmm:
        vmm.sendto(b"<30>crosvm[12]: booting", str(datagrams))
    until_line("bob", "db-1", "crosvm[12]: booting")
    with Guest(50) as machine:
        machine.send("announced")
    until_line("bob", "db-1", "announced")


@check
def a_launchers_call_starts_a_stopped_service_and_loses_nothing():
    run("systemctl", "stop", UNIT)
    expect(property_of("ActiveState") == "inactive", "it is still active")
    Launcher().register("carol", "mail-1", 51)
    expect(property_of("ActiveState") == "active", property_of("ActiveState"))
    expect((SOCKETS / "carol" / "mail-1.lsock").exists(), "no socket when it was answered")
    with Guest(51) as machine:
        machine.send("by the launcher")
    until_line("carol", "mail-1", "by the launcher")


@check
def a_guest_that_is_announced_late_is_held_until_then():
    launcher = Launcher()
    for cid in range(60, 70):  # in 15 s it is nobody's; another one may have better luck
        expired = launcher.counter("connections_held_expired")
        with Guest(cid) as machine:
            sender = threading.Thread(target=machine.send, args=(f"early, of {cid}",))
            sender.start()
            until("it is held", lambda: launcher.counter("connections_held_now") > 0)
            launcher.register("carol", f"late-{cid}", cid)
            sender.join()
        if launcher.counter("connections_held_expired") == expired:
            break
    until_line("carol", f"late-{cid}", f"early, of {cid}")
    expect(f"VM({cid})" not in run("journalctl", "-o", "cat", "--since", "-1h"), "it is nobody's")


@check
def service_log_level_is_the_managers_to_set():
    run("systemctl", "service-log-level", UNIT, "debug")
    level = run("systemctl", "service-log-level", UNIT)
    expect(level == "debug", level)
    target = run("systemctl", "service-log-target", UNIT)
    expect(target == "journal", target)
    run("systemctl", "service-log-level", UNIT, "info")


@check
def reload_opens_moved_files_anew():
    (LOGS / "alice" / "web-2.log").rename(LOGS / "alice" / "web-2.moved")
    run("systemctl", "reload", UNIT)
    with Guest(43) as machine:
        machine.send("after the reload")
    until_line("alice", "web-2", "after the reload")


@check
def restart_under_load_loses_nothing():
    with load(42, "alice", "web-1"):
        run("systemctl", "restart", UNIT)


@check
def sigkill_under_load_is_followed_by_a_restart_and_loses_nothing():
    with load(43, "alice", "web-2"):
        before = property_of("MainPID")
        os.kill(int(before), signal.SIGKILL)
        until("another process runs", lambda: property_of("MainPID") not in ("0", before))


@check
def upgrade_under_load_loses_nothing():
    with load(42, "alice", "web-1"):
        install("vmlog", version)
    installed = run("dpkg-query", "-W", "-f", "${Version}", "vmlog")
    expect(installed == version, f"{installed} is installed")
    expect("cid = 43" in pathlib.Path("/etc/vmlog/forwarder.d/vms.toml").read_text(), "no vms.toml")


@check
def a_full_disk_is_answered_and_goes_on_when_there_is_room():
    run("systemctl", "stop", UNIT)
    run("mount", "-t", "tmpfs", "-o", "size=2m,mode=0750,uid=vmlog,gid=vmlog", "tmpfs", str(LOGS))
    try:
        pathlib.Path("/etc/vmlog/forwarder.d/disk.toml").write_text(
            '[logs.quota]\nkeep_free = "0%"\nper_vm = "1GiB"\ntotal = "1GiB"\n'
        )
        run("systemctl", "start", UNIT)
        ballast = LOGS / "ballast"
        with Guest(42) as machine:
            machine.send("before")
            with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
            request = guest.field(1, guest.record(7, 1, "x" * 60000))
            try:
                machine.call(request, timeout=60, wait_for_ready=True)
                raise AssertionError("a full disk was answered with OK")
            except grpc.RpcError as error:
                expect(error.code() == grpc.StatusCode.UNAVAILABLE, error.code())
            ballast.unlink()
            machine.send("after")
            machine.send("said")  # the line about what was refused comes before it
        until_line("alice", "web-1", "after")
        text = (LOGS / "alice" / "web-1.log").read_text()
        expect(text.endswith("\n") and "requests refused" in text, text[-200:])
    finally:
        run("systemctl", "stop", UNIT)
        run("umount", str(LOGS))
        os.remove("/etc/vmlog/forwarder.d/disk.toml")
    run("systemctl", "start", UNIT)


@check
def the_sandbox_holds():
    """By a process with the settings of the unit: its files, its address families, its calls."""
    settings = []
    for line in run("systemctl", "cat", UNIT).splitlines():
        key = line.partition("=")[0]
        if key.startswith(("Protect", "Private", "Restrict", "SystemCall", "NoNew", "Device",
                           "CapabilityB", "User", "Group", "IPAddress", "LockP", "RemoveIPC")):
            settings += ["-p", line]
    attempt = (
        "import os, socket\n"
        "for path in ('/etc/x', '/usr/x', '/var/x', '/home/x', '/root/x', '/run/x'):\n"
        "    try: open(path, 'w'); print('wrote', path)\n"
        "    except OSError: pass\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):\n"
        "    try: socket.socket(family, socket.SOCK_RAW); print('opened', family)\n"
        "    except OSError: pass\n"
        "socket.socket(socket.AF_UNIX); socket.socket(socket.AF_VSOCK)\n"
        "for call in (lambda: os.chown('/tmp', 0, 0), lambda: os.setuid(0)):\n"
        "    try: call(); print('called')\n"
        "    except OSError: pass\n"
        "print('done')\n"
    )
    said = run("systemd-run", "--wait", "--pipe", "-q", *settings, "python3", "-c", attempt)
    expect(said == "done", said)


@check
def a_vms_lines_are_in_fields_of_the_journal_when_that_is_asked_for():
    drop_in = pathlib.Path("/etc/vmlog/forwarder.d/journal.toml")
    drop_in.write_text("logs.journald = true\n")
    run("systemctl", "restart", UNIT)
    large = "x" * 600_000  # more than fits a datagram
    with Guest(42) as machine:
        machine.send("large: " + large)
    fields = ("VM_OWNER=alice", "VM_NAME=web-1", "VM_CID=42", "_SYSTEMD_UNIT=" + UNIT)
    until("the journal has it", lambda: large in run(
        "journalctl", "-a", "-o", "cat", "SYSLOG_IDENTIFIER=large", *fields, check=False))
    drop_in.unlink()
    run("systemctl", "restart", UNIT)


@check
def a_guests_records_come_by_journald_and_the_kernel():
    """vm-syslog, on this machine too, by the door of a VM: it stands in for that VM."""
    run("dpkg", "-P", "rsyslog")
    write("/etc/vmlog/vm-syslog.d/host.toml", f'host.address = "unix:{SOCKETS}/alice/inner.grpc"\n')
    write(
        f"/etc/systemd/system/{GUEST_UNIT}.d/emulated.conf",
        "[Service]\nTimeoutStartSec=15min\nTimeoutStopSec=15min\n"
        "SupplementaryGroups=vmlog-vmm\n",
    )
    install("vm-syslog", OLDER)
    until_active(GUEST_UNIT)
    run("logger", "-t", "inner", "by journald")
    # Without its newline the record would stay open for more, and nobody could read it.
    pathlib.Path("/dev/kmsg").write_text("<4>inner: by the kernel's log\n")
    until_line("alice", "inner", "inner: by journald")
    until_line("alice", "inner", "inner: by the kernel's log")
    expect(property_of("NRestarts", GUEST_UNIT) == "0", "it was restarted")
    stderr = os.readlink(f"/proc/{property_of('MainPID', GUEST_UNIT)}/fd/2")
    expect(stderr == "/dev/kmsg", f"what it says of itself goes to {stderr}, and back to it")
    own_socket = property_of("ActiveState", "vm-syslog.socket")
    expect(own_socket == "inactive", f"the socket in the place of journald's is {own_socket}")


@check
def a_guests_upgrade_loses_nothing_and_repeats_nothing():
    run("systemctl", "stop", UNIT)  # what is logged meanwhile waits
    run("logger", "-t", "inner", "before the upgrade")
    run("systemctl", "start", UNIT)
    install("vm-syslog", version)
    until_active(GUEST_UNIT)
    run("logger", "-t", "inner", "after the upgrade")
    for when in ("before", "after"):
        text = f"inner: {when} the upgrade"
        until_line("alice", "inner", text)
        count = sum(line.endswith(text) for line in lines("alice", "inner"))
        expect(count == 1, f"{count} lines end in {text!r}")


@check
def remove_keeps_the_logs_and_purge_takes_them():
    run("dpkg", "-r", "vmlog")
    expect(lines("alice", "web-1"), "the logs are gone")
    expect(pathlib.Path("/etc/vmlog/forwarder.toml").exists(), "the configuration is gone")
    expect(not pathlib.Path("/run/vmlog").exists(), "/run/vmlog is still there")
    run("dpkg", "-P", "vmlog")
    for path in (LOGS, "/var/lib/vmlog", "/var/cache/vmlog", "/usr/share/vmlog"):
        expect(not pathlib.Path(path).exists(), f"{path} is still there")


@check
def a_guests_purge_leaves_nothing():
    run("dpkg", "-r", "vm-syslog")
    expect(pathlib.Path("/etc/vmlog/vm-syslog.toml").exists(), "the configuration is gone")
    run("dpkg", "-P", "vm-syslog")
    links = "/etc/systemd/system/syslog.service"
    for path in ("/etc/vmlog", "/usr/share/vm-syslog", "/var/cache/vm-syslog", links):
        expect(not os.path.lexists(path), f"{path} is still there")


def main():
    failed = 0
    selected = [f for f in checks if not chosen or f == checks[0] or f.__name__ in chosen]
    for function in selected:
        name = function.__name__.replace("_", " ")
        began = time.monotonic()
        try:
            function()
            result = "ok  "
        except Exception as error:  # whatever went wrong, the others are still to be seen
            result, failed = "FAIL", failed + 1
            print(f"{type(error).__name__}: {error}")
        print(f"{result} {time.monotonic() - began:6.1f} s  {name}", flush=True)
    print(f"{len(selected) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
