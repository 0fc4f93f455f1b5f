"""What holds on an installed host, checked there: real systemd, D-Bus, syslog and vsock.

checks.py VERSION [CHECK...]

Upgrades the packages from a version that is older and the same but for that. Runs all checks, or the
first and those that are named: as root, in the machine that `run` boots, beside rig.py, guest.py and
vsockguest. Prints a line a check with its time, and how many passed; exits 1 if one failed.
"""

import contextlib
import errno
import os
import pathlib
import signal
import socket
import sys
import threading
import time

import grpc

import guest
from rig import (
    CONCIERGE, LOGS, SOCKETS, UNIT, Client, Concierge, Guest, Launcher, SyslogServer, emulate, expect,
    expect_inactive, install, lines, load, property_of, run, sandbox_of, seconds_to_ready,
    starting_up, until, until_active, until_line, write,
)  # fmt: skip

GUEST_UNIT = "vm-syslog.service"
REALMS_UNIT = "vmlog-realmd.service"
SHIP_UNIT = "vmlog-ship.service"
CONCIERGE_POLICY = """<busconfig>
<policy user="root"><allow own="org.chromium.VmConcierge"/></policy>
</busconfig>
"""

OLDER = "0~before"
version, *chosen = sys.argv[1:]
checks = []


def check(function):
    checks.append(function)
    return function


@check
def install_gives_a_running_service():
    emulate()
    run("modprobe", "vhost_vsock")
    config = "".join(
        f'[[vm]]\nowner = "alice"\nname = "{name}"\ncid = {cid}\n'
        for name, cid in (("web-1", 42), ("web-2", 43), ("web-3", 4_000_000_000))
    )
    config += '[[vm]]\nowner = "alice"\nname = "inner"\n[limits]\nhold = "15s"\n'
    write("/etc/vmlog/forwarder.d/vms.toml", config)
    install("vmlog", OLDER)
    until_active()
    print(f"     ready {seconds_to_ready():.1f} s after its start, emulated and interpreted")
    expect(property_of("NRestarts") == "0", "it was restarted")
    status = property_of("StatusText")
    expect("4 VMs are live" in status, f"its status is {status}")
    mapped = pathlib.Path(f"/proc/{property_of('MainPID')}/maps").read_text()
    expect("/var/cache/vmlog/forwarder.jsa" in mapped, "its archive of classes is not used")
    sockets = run("systemctl", "is-active", "vmlog-forwarder.socket", "vmlog-forwarder-vsock.socket")
    expect(sockets.split() == ["active", "active"], sockets)
    with socket.socket() as tcp:
        expect(tcp.connect_ex(("127.0.0.1", 9999)) == errno.ECONNREFUSED, "TCP is not off")


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
def a_launchers_call_starts_a_stopped_service_and_loses_nothing():
    run("systemctl", "stop", UNIT)
    expect_inactive()
    Launcher().register("carol", "mail-1", 51)
    expect(property_of("ActiveState") == "active", property_of("ActiveState"))
    expect((SOCKETS / "carol" / "mail-1.lsock").exists(), "no socket when it was answered")
    with Guest(51) as machine:
        machine.send("by the launcher")
    until_line("carol", "mail-1", "by the launcher")


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
def a_full_disk_is_answered_and_goes_on_when_there_is_room():
    """Leaves it stopped: whatever comes next starts it, by a socket or the bus."""
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
                machine.call(request, timeout=300, wait_for_ready=True)
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


@check
def a_vms_lines_are_in_fields_of_the_journal_when_that_is_asked_for():
    """Leaves it stopped, too."""
    run("systemctl", "stop", UNIT)
    drop_in = pathlib.Path("/etc/vmlog/forwarder.d/journal.toml")
    drop_in.write_text("logs.journald = true\n")
    large = "x" * 300_000  # more than fits a datagram
    with Guest(42) as machine:
        machine.send("large: " + large)
    fields = ("VM_OWNER=alice", "VM_NAME=web-1", "VM_CID=42", "_SYSTEMD_UNIT=" + UNIT)
    query = ("journalctl", "-a", "-o", "cat", "SYSLOG_IDENTIFIER=large", *fields)
    until("the journal has it", lambda: large in run(*query, check=False))
    run("systemctl", "stop", UNIT)
    drop_in.unlink()


@check
def a_first_vsock_connection_starts_a_stopped_service():
    run("systemctl", "stop", UNIT)
    expect_inactive()
    with Guest(42) as machine:
        machine.send("that woke it")
    until_active()
    until_line("alice", "web-1", "that woke it")


@check
def upgrade_under_load_loses_nothing():
    with load(42, "alice", "web-1"):
        install("vmlog", version)
    installed = run("dpkg-query", "-W", "-f", "${Version}", "vmlog")
    expect(installed == version, f"{installed} is installed")
    expect("cid = 43" in pathlib.Path("/etc/vmlog/forwarder.d/vms.toml").read_text(), "no vms.toml")


@check
def a_components_log_arrives_by_the_broker():
    """Under the name that its launcher gave it: nothing that it sends says who it is."""
    expect_inactive(REALMS_UNIT)  # off as installed
    run("systemctl", "enable", "--now", REALMS_UNIT)
    sink = Launcher().sink("shop", "cart")
    with Client("unix:" + sink, "the component") as component:
        component.send("three apples")
    until_line("@realms/shop", "cart", "cart three apples")
    group = pathlib.Path(sink).group()
    expect(group == "vmlog-admin", f"the sink's group is {group}")


@check
def what_is_logged_is_shipped():
    """To a syslog server by TLS, whose certificate was made outside."""
    install("vmlog-ship", version)
    expect_inactive(SHIP_UNIT)  # off as installed
    server = SyslogServer("server.pem", "server.key")
    write(
        "/etc/vmlog/vmlog-ship.toml",
        f'[syslog]\nserver = "localhost:6514"\nca = "{os.getcwd()}/server.pem"\n',
    )
    run("systemctl", "enable", "--now", SHIP_UNIT)
    with Guest(43) as machine:
        machine.send("to be shipped")
    until(
        "the server has it",
        lambda: b"to be shipped" in server.received,
        lambda: f"it has {bytes(server.received[-1000:])}",
    )
    state = pathlib.Path("/var/lib/vmlog-ship/status")
    expect(state.owner() == "vmlog-ship", f"the state is {state.owner()}'s")
    expect(state.group() == "vmlog", f"the group that may read the state is {state.group()}")


@check
def the_sandbox_holds():
    """By processes with the settings of the units: files, address families, calls."""
    said = sandbox_of(
        UNIT, ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET"], ["AF_UNIX", "AF_VSOCK"]
    )
    expect(not said, f"{UNIT}: {said}")
    said = sandbox_of(
        REALMS_UNIT, ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK"], ["AF_UNIX"]
    )
    expect(not said, f"{REALMS_UNIT}: {said}")
    said = sandbox_of(
        SHIP_UNIT, ["AF_NETLINK", "AF_PACKET", "AF_VSOCK"], ["AF_UNIX", "AF_INET", "AF_INET6"]
    )
    expect(not said, f"{SHIP_UNIT}: {said}")


@check
def a_package_that_comes_back_is_enabled_as_it_was():
    run("dpkg", "-r", "vmlog-ship")
    expect_inactive(SHIP_UNIT)
    install("vmlog-ship", version)
    until_active(SHIP_UNIT)
    run("dpkg", "-P", "vmlog-ship")
    links = "/etc/systemd/system/multi-user.target.wants/vmlog-ship.service"
    for path in ("/etc/vmlog/vmlog-ship.toml", "/var/lib/vmlog-ship", links):
        expect(not os.path.lexists(path), f"{path} is still there")


@check
def a_guests_records_come_by_journald_and_the_kernel():
    """vm-syslog, on this machine too, by the door of a VM: it stands in for that VM."""
    run("dpkg", "-P", "rsyslog")
    write("/etc/vmlog/vm-syslog.d/host.toml", f'host.address = "unix:{SOCKETS}/alice/inner.grpc"\n')
    write(
        f"/etc/systemd/system/{GUEST_UNIT}.d/group.conf",
        "[Service]\nSupplementaryGroups=vmlog-vmm\n",
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
def the_bus_has_refused_nothing():
    """Neither the name, when the package was installed, nor a call since."""
    said = run("journalctl", "-o", "cat", "-t", "dbus-daemon", "-t", "vmlog-forwarder")
    for refusal in ("Rejected send message", "does not let this user"):
        lines_of = [line for line in said.splitlines() if refusal in line]
        expect(not lines_of, lines_of)


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
    write("/mnt/out/journal", run("journalctl", "-o", "short-monotonic"))
    sys.exit(1 if failed else 0)


main()
