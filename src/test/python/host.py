"""A host in another language: prints to stderr each record that comes by vm_tools.LogCollector.

Usage: host.py TARGET [CHANNEL:FAILURES]...

TARGET is gRPC's (unix:/path). A line is CHANNEL SEVERITY SECONDS CONTENT, the content in Python's
escapes. The messages are taken apart by hand, so that nothing of the guest's is shared. A channel
with FAILURES answers so many requests with UNAVAILABLE first.
"""

import collections
import sys
from concurrent import futures

import grpc


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
            assert len(value) == length
        else:
            raise ValueError("wire type %d" % (tag & 7))
        yield tag >> 3, value


failures = collections.Counter()


def collector(channel):
    def collect(request, context):
        if failures[channel] > 0:
            failures[channel] -= 1
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        for number, record in fields(request):
            assert number == 1
            values = dict(fields(record))
            seconds = dict(fields(values.get(2, b""))).get(1, 0)
            line = (channel, values[1], seconds, repr(values[5]))
            print(*line, file=sys.stderr, flush=True)
        return b""

    return grpc.unary_unary_rpc_method_handler(collect)


def main():
    target, *failing = sys.argv[1:]
    for channel, count in (words.split(":") for words in failing):
        failures[channel] = int(count)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    handlers = {"CollectKernelLogs": collector("kernel"), "CollectUserLogs": collector("user")}
    service = grpc.method_handlers_generic_handler("vm_tools.LogCollector", handlers)
    server.add_generic_rpc_handlers((service,))
    server.add_insecure_port(target)
    server.start()
    print("ready", file=sys.stderr, flush=True)
    server.wait_for_termination()


main()
