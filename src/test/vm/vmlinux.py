"""Takes the ELF out of a bzImage with an lz4 payload: vmlinux.py BZIMAGE VMLINUX.

The Linux/x86 boot protocol: setup_sects at 0x1f1, payload_offset and payload_length at 0x248. The
payload ends in four bytes of its unpacked size, which are not lz4's.
"""
import struct
import subprocess
import sys

image = open(sys.argv[1], "rb").read()
setup_sectors = image[0x1F1] or 4
offset, length = struct.unpack_from("<II", image, 0x248)
start = (setup_sectors + 1) * 512 + offset
payload = image[start : start + length - 4]
with open(sys.argv[2], "wb") as out:
    subprocess.run(["lz4", "-dc"], input=payload, stdout=out, check=True)
