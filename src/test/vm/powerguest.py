"""What a machine does between two losses of power: powercuts says when that is.

powerguest.py SYNC BOOT LAST

The forwarder starts on the disk as the loss left it. Of the records that acknowledged.txt names, each
is there once, whatever file it is in by now, and every file can be read. Then VMs log, and each
request that is answered OK is told: `ack VM FIRST COUNT`. With LAST nothing more is logged.
"""

import collections
import gzip
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import zlib

import grpc

import guest

DISK = pathlib.Path("/srv")
LOGS = DISK / "logs"
RUN = pathlib.Path("/run/cuts")
VMS = ["vm-0", "vm-1", "vm-2"]
RECORDS = 100  # of a request
FILLER = "x" * 900  # three requests are a file
NUMBER = re.compile(rb" (b\d+-\d+) x+$")
PATIENCE = 300  # seconds: everything is emulated
CONFIG = """
listen.vsock = false
listen.unix = "/run/cuts/forwarder.sock"
dbus.address = false
crosvm.socket_directory = "/run/cuts/vm"
metrics.listen = false
[logs]
directory = "/srv/logs"
sync = "{sync}"
rotation.max_size = "256KiB"
rotation.keep = 1000
quota.keep_free = "0%"
[state]
directory = "/srv/state"
"""

sync, boot, last = sys.argv[1], sys.argv[2], sys.argv[3] == "last"
told = threading.Lock()


def tell(line):
    with told:
        print(line, flush=True)


def mount():
    subprocess.run(["mount", "-t", "ext4", "/dev/vdd", DISK], check=True)


def start():
    """A daemon that needs a person to start would fail here."""
    RUN.mkdir()
    config = CONFIG.format(sync=sync)
    config += "".join(f'[[vm]]\nowner = "o"\nname = "{vm}"\n' for vm in VMS)
    (RUN / "forwarder.toml").write_text(config)
    began = time.monotonic()
    run = subprocess.run(
        ["systemd-run", "-q", "--unit=cuts", "-p", "Type=notify", "-p", "NotifyAccess=main"]
        + ["-p", "TimeoutStartSec=infinity", "-p", "Environment=VMLOG_JAVA_OPTS=-Xint"]
        + [DISK / "vmlog/bin/vmlog-forwarder", "--config", RUN / "forwarder.toml"],
        check=False,
    )
    if run.returncode != 0:
        subprocess.run(["journalctl", "-u", "cuts", "--no-pager"], check=False)
        sys.exit("the forwarder does not start")
    return time.monotonic() - began


def lines(file):
    """All that can be read, and what is wrong with the file."""
    data = file.read_bytes()
    try:
        text = gzip.decompress(data) if file.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        return [], f"{file} cannot be read: {error}"
    fault = f"{file} ends within a line" if text and not text.endswith(b"\n") else None
    return text.splitlines(), fault


def files(vm):
    """A plain file beside its compressed one is the one that counts, until that is gone."""
    found = [f for f in sorted((LOGS / "o").glob(vm + ".log*")) if f.suffix != ".new"]
    return [f for f in found if not (f.suffix == ".gz" and f.with_suffix("") in found)]


def check():
    acknowledged = collections.defaultdict(list)
    for line in pathlib.Path("acknowledged.txt").read_text().splitlines():
        _, vm, prefix, first, count = line.split()
        numbers = range(int(first), int(first) + int(count))
        acknowledged[vm] += [f"{prefix}-{n}".encode() for n in numbers]
    faults, compressed, total = [], 0, 0
    for vm in VMS:
        counts = collections.Counter()
        for file in files(vm):
            compressed += file.suffix == ".gz"
            found, fault = lines(file)
            if fault:
                faults.append(fault)
            matches = (NUMBER.search(line) for line in found)
            counts.update(match.group(1) for match in matches if match)
        missing = [n for n in acknowledged[vm] if not counts[n]]
        twice = [n for n, count in counts.items() if count > 1]
        total += len(acknowledged[vm])
        if missing or twice:
            faults.append(
                f"{vm}: {len(missing)} are missing, {missing[:3]}, and {len(twice)} are twice"
            )
    for fault in faults:
        tell(f"BAD {fault}")
    tell(f"checked {total} records, {compressed} compressed files, sound {not faults}")


def send(vm):
    with grpc.insecure_channel(
        f"unix:{RUN}/vm/o/{vm}.grpc", options=[("grpc.enable_http_proxy", 0)]
    ) as channel:
        call = channel.unary_unary("/vm_tools.LogCollector/CollectUserLogs")
        first = 0
        while True:
            contents = [f"b{boot}-{n} {FILLER}" for n in range(first, first + RECORDS)]
            records = (guest.record(6, int(time.time()), one) for one in contents)
            request = b"".join(guest.field(1, one) for one in records)
            try:
                call(request, timeout=PATIENCE, wait_for_ready=True)
                tell(f"ack {vm} b{boot} {first} {RECORDS}")
            except grpc.RpcError as error:
                tell(f"refused {vm}: {error.code().name} {error.details()}")
                time.sleep(0.2)
            first += RECORDS


mount()
seconds = start()
tell(f"started in {seconds:.0f} s")
while True:
    try:
        check()
        break
    except FileNotFoundError:
        pass  # it was compressed meanwhile
if last:
    own = ["env", "VMLOG_JAVA_OPTS=-Xint", DISK / "vmlog/bin/vmlog", "grep", "-c", "."]
    said = subprocess.run([*own, "--directory", LOGS], stdout=subprocess.PIPE, text=True)
    tell(f"vmlog exits {said.returncode}")
else:
    threads = [threading.Thread(target=send, args=(vm,)) for vm in VMS]
    for thread in threads:
        thread.start()
