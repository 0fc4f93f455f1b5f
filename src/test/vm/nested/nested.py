"""A real virtual machine's record on an installed host: nested.py VERSION

The guest is QEMU's, with vhost-vsock-pci, and is emulated where everything else is emulated already.
Run as root in the machine that `run` boots, beside rig.py and what nested/run has put there.
"""

import contextlib
import pathlib
import subprocess
import sys
import time

from rig import emulate, install, lines, run, until, until_active, write

CID = 4242
CONSOLE = pathlib.Path("/run/inner-console")
QEMU = ["lib/ld-linux-x86-64.so.2", "--library-path", "lib", "./qemu-system-x86_64", "-L", "bios"]


@contextlib.contextmanager
def machine():
    qemu = subprocess.Popen(
        [
            *QEMU, "-M", "q35", "-accel", "tcg,tb-size=128", "-cpu", "Nehalem", "-m", "160",
            "-nodefaults", "-no-user-config", "-nographic", "-no-reboot",
            "-serial", f"file:{CONSOLE}", "-kernel", "vmlinux", "-initrd", "initrd",
            "-append", "console=ttyS0 panic=-1 mitigations=off tsc=reliable no_timer_check nokaslr",
            "-device", f"vhost-vsock-pci,guest-cid={CID}",
        ],
        env={"QEMU_MODULE_DIR": "modules"},
    )  # fmt: skip
    try:
        yield qemu
    finally:
        qemu.kill()
        qemu.wait()


def console():
    return CONSOLE.read_text(errors="replace") if CONSOLE.exists() else "nothing"


def main():
    emulate()
    run("modprobe", "vhost_vsock")
    config = f'[[vm]]\nowner = "alice"\nname = "inner"\ncid = {CID}\n'
    write("/etc/vmlog/forwarder.d/vms.toml", config)
    install("vmlog", sys.argv[1])
    until_active()
    print("installed; starting a machine in the machine", flush=True)
    began = time.monotonic()
    with machine() as qemu:
        until(
            "the inner machine has ended",
            lambda: qemu.poll() is not None or "answered OK" in console(),
            lambda: f"its console's end:\n{console()[-2000:]}",
        )
    said = [line.split("inner ", 1)[1] for line in lines("alice", "inner")]
    if said != ["kernel: the inner machine's kernel"] or "answered OK" not in console():
        sys.exit(f"FAIL: its log has {said}, and its console ends in:\n{console()[-2000:]}")
    print(f"ok   {time.monotonic() - began:6.1f} s  a nested guest's record is in its VM's file")


main()
