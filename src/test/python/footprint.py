"""What the programs cost when they start and when they have nothing to do.

Usage: footprint.py [VMS]

Run by `make footprint`, in the project's folder, on what `make target/built` laid out. It makes the
archives of loaded classes anew, starts each program again and again, with its archive and without,
and reads what stays resident after a minute without work: of the guest's side, connected to the
forwarder; of the forwarder with no VM, with VMS (500) that are not connected, and with one and with
as many that are.
"""

import contextlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import grpc

import guest

BIN = pathlib.Path("target/vmlog/bin")
STARTS = 15
QUIET_SECONDS = 60  # the JVM gives memory back every 10 s
CONFIG = """
[listen]
vsock = false
unix = "{folder}/run/forwarder.sock"
unix_group = false
[logs]
directory = "{folder}/logs"
[crosvm]
socket_directory = "{folder}/run/vm"
group = false
[syslog]
socket = "{folder}/syslog"
[state]
directory = "{folder}/state"
[metrics]
listen = false
[dbus]
address = false
"""


@contextlib.contextmanager
def running(folder, program, *arguments, **environment):
    """Yields the process, and how many seconds it took to be ready."""
    began = time.monotonic()
    with open(f"{folder}/said", "w") as stderr, subprocess.Popen(
        [BIN / program, *arguments], stderr=stderr, env={**os.environ, **environment}
    ) as process:
        while "ready\n" not in pathlib.Path(stderr.name).read_text():
            if process.poll() is not None:
                sys.exit(f"{program} ended:\n" + pathlib.Path(stderr.name).read_text())
            time.sleep(0.002)
        try:
            yield process, time.monotonic() - began
        finally:
            process.terminate()


def megabytes_when_quiet(process):
    time.sleep(QUIET_SECONDS)
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    kilobytes = int(status.split("VmRSS:")[1].split()[0])
    return kilobytes / 1024


def starts(folder, name, *command):
    for archive, environment in (("with", {}), ("without", {"VMLOG_ARCHIVES": "/nonexistent"})):
        seconds = []
        for _ in range(STARTS):
            with running(folder, *command, **environment) as (_process, ready):
                seconds.append(ready)
        quickest, middle = min(seconds), statistics.median(seconds)
        print(f"{name} ready, {archive} archive: {middle:.2f} s, at best {quickest:.2f}", flush=True)


def say(path):
    """One record by a connection that is then kept."""
    channel = grpc.insecure_channel(f"unix:{path}", options=[("grpc.enable_http_proxy", 0)])
    call = channel.unary_unary("/vm_tools.LogCollector/CollectUserLogs")
    call(guest.field(1, guest.record(7, int(time.time()), " x: y")), timeout=60, wait_for_ready=True)
    return channel


def write_config(folder, vms):
    config = pathlib.Path(folder, f"{vms}.toml")
    names = "".join(f'[[vm]]\nowner = "alice"\nname = "vm-{n}"\n' for n in range(vms))
    config.write_text(CONFIG.format(folder=folder) + names)
    return str(config)


@contextlib.contextmanager
def forwarder_with_guests(folder, vms):
    """Yields it once each of its VMs has said something, on a connection that stays."""
    with running(folder, "vmlog-forwarder", "--config", write_config(folder, vms)) as (process, _):
        channels = [say(f"{folder}/run/vm/alice/vm-{n}.grpc") for n in range(vms)]
        yield process
        for channel in channels:
            channel.close()


def said(what, megabytes, before, vms):
    each = (megabytes - before) * 1024 / vms
    print(f"{what}: {megabytes:.1f} MiB, {each:.0f} KiB more a VM", flush=True)


def measure_forwarder(folder, vms):
    starts(folder, "vmlog-forwarder", "vmlog-forwarder", "--config", write_config(folder, 0))
    with running(folder, "vmlog-forwarder", "--config", write_config(folder, 0)) as (process, _):
        none = megabytes_when_quiet(process)
        print(f"vmlog-forwarder idle: {none:.1f} MiB", flush=True)
    with running(folder, "vmlog-forwarder", "--config", write_config(folder, vms)) as (process, _):
        said(f"with {vms} VMs that are not connected", megabytes_when_quiet(process), none, vms)
    with forwarder_with_guests(folder, 1) as process:
        one = megabytes_when_quiet(process)
        print(f"with 1 VM that is connected: {one:.1f} MiB", flush=True)
    with forwarder_with_guests(folder, vms) as process:
        said(f"with {vms}", megabytes_when_quiet(process), one, vms - 1)


def measure_guest(folder):
    door = f"{folder}/run/vm/alice/vm-0.grpc"
    dev_log = f"{folder}/devlog"
    command = ("vm-syslog", "--dev-log", dev_log, "--kmsg", "none", "--host", f"unix:{door}")
    starts(folder, "vm-syslog", *command)
    with running(folder, "vmlog-forwarder", "--config", write_config(folder, 1)):
        inside = pathlib.Path(folder, "inside")
        inside.mkdir()
        with running(inside, *command) as (process, _):
            for n in range(100):
                subprocess.run(["logger", "-u", dev_log, "-t", "tag", f"number {n}"], check=True)
            quiet = megabytes_when_quiet(process)
            print(f"vm-syslog idle, after 100 records: {quiet:.1f} MiB", flush=True)


def main():
    vms = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    subprocess.run([BIN / "make-archives"], check=True)
    with tempfile.TemporaryDirectory(prefix="vmlog-footprint-") as folder:
        measure_guest(folder)
        measure_forwarder(folder, vms)


if __name__ == "__main__":
    main()
