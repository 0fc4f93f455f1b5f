"""A disk with a cache that a loss of power takes: an NBD server for one machine.

What the machine writes is in memory until it flushes, and in the file from then on. When the power
is cut, each block of 4096 bytes that was not flushed is on the disk or is not, as the random numbers
have it: a disk writes in whatever order it likes. The protocol is the NBD project's doc/proto.md.
"""

import os
import socket
import struct
import threading

BLOCK = 4096
IHAVEOPT = 0x49484156454F5054
REPLY = 0x3E889045565A9
READ, WRITE, DISCONNECT, FLUSH = range(4)
FLAG_FUA = 1
HAS_FLAGS, SEND_FLUSH, SEND_FUA = 1, 4, 8
OPT_GO = 7
REP_ACK, REP_INFO, REP_ERR_UNSUP = 1, 3, 0x80000001


class PowerDisk:
    """Serves a file at a socket until the power is cut."""

    def __init__(self, path, at):
        self.file = os.open(path, os.O_RDWR)
        self.size = os.fstat(self.file).st_size
        self.cached = {}  # blocks that were not flushed, by number
        self.lock = threading.Lock()
        self.is_cut = threading.Event()
        self.left = None  # commands until the power is cut
        self.lost = ""
        self.flushes = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(at))
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def cut_after(self, commands, chance):
        """Cuts the power in the place of that command to come: a write, or a flush of some."""
        with self.lock:
            self.left = commands
            self.chance = chance

    def cut(self, chance):
        """Cuts the power now."""
        with self.lock:
            self.drop(chance)

    def drop(self, chance):
        kept = {n: block for n, block in self.cached.items() if chance.random() < 0.5}
        self.lost = f"{len(self.cached) - len(kept)} of {len(self.cached)} blocks lost"
        self.cached = kept
        self.flush()
        os.close(self.file)
        self.listener.close()
        self.is_cut.set()

    def flush(self):
        for number, block in self.cached.items():
            os.pwrite(self.file, block, number * BLOCK)
        self.cached = {}
        self.flushes += 1

    def read(self, offset, length):
        first, last = offset // BLOCK, (offset + length - 1) // BLOCK
        blocks = bytearray(os.pread(self.file, (last - first + 1) * BLOCK, first * BLOCK))
        for number in range(first, last + 1):
            block = self.cached.get(number)
            if block is not None:
                blocks[(number - first) * BLOCK : (number - first + 1) * BLOCK] = block
        start = offset - first * BLOCK
        return bytes(blocks[start : start + length])

    def write(self, offset, data, through):
        first, last = offset // BLOCK, (offset + len(data) - 1) // BLOCK
        start = offset - first * BLOCK
        blocks = bytearray(self.read(first * BLOCK, (last - first + 1) * BLOCK))
        blocks[start : start + len(data)] = data
        for number in range(first, last + 1):
            block = bytes(blocks[(number - first) * BLOCK : (number - first + 1) * BLOCK])
            if through:
                self.cached.pop(number, None)
                os.pwrite(self.file, block, number * BLOCK)
            else:
                self.cached[number] = block

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with connection, connection.makefile("rb") as stream:
                if self.greet(connection, stream):
                    while self.answer(connection, stream):
                        pass
        except (OSError, EOFError):
            pass  # the machine is gone

    def greet(self, connection, stream):
        connection.sendall(b"NBDMAGIC" + struct.pack(">QH", IHAVEOPT, 3))  # fixed, no zeroes
        take(stream, 4)
        while True:
            option, length = struct.unpack(">8xII", take(stream, 16))
            take(stream, length)
            if option != OPT_GO:
                connection.sendall(struct.pack(">QIII", REPLY, option, REP_ERR_UNSUP, 0))
                continue
            flags = HAS_FLAGS | SEND_FLUSH | SEND_FUA
            export = struct.pack(">HQH", 0, self.size, flags)
            connection.sendall(struct.pack(">QIII", REPLY, option, REP_INFO, len(export)) + export)
            connection.sendall(struct.pack(">QIII", REPLY, option, REP_ACK, 0))
            return True

    def answer(self, connection, stream):
        flags, kind, handle, offset, length = struct.unpack(">4xHHQQI", take(stream, 28))
        data = take(stream, length) if kind == WRITE else b""
        with self.lock:
            if self.is_cut.is_set() or kind == DISCONNECT:
                return False
            if self.left is not None and kind in (WRITE, FLUSH):
                self.left -= 1
                if self.left < 0:
                    self.drop(self.chance)
                    return False
            if kind == READ:
                data = self.read(offset, length)
            elif kind == WRITE:
                self.write(offset, data, flags & FLAG_FUA)
            elif kind == FLUSH:
                self.flush()
            reply = struct.pack(">IIQ", 0x67446698, 0, handle)
            connection.sendall(reply + (data if kind == READ else b""))
        return True


def take(stream, length):
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
