"""A guest in another language: sends one LogRequest and prints the status it gets.

Usage: guest.py TARGET METHOD [SEVERITY SECONDS CONTENT]...

TARGET is gRPC's (127.0.0.1:9999, unix:/path). The request is put together by hand, so that it
shares nothing with the classes that the forwarder's own tests use.
"""

import sys

import grpc


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def record(severity, seconds, content):
    timestamp = varint(1 << 3) + varint(seconds)
    return (
        varint(1 << 3)
        + varint(severity)
        + field(2, timestamp)
        + field(5, content.encode("utf-8", "surrogateescape"))
    )


def main():
    target, method, *words = sys.argv[1:]
    records = zip(*[iter(words)] * 3)
    request = b"".join(field(1, record(int(s), int(t), c)) for s, t, c in records)
    # No proxy of this machine's environment has a say in where a guest connects.
    with grpc.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)]) as channel:
        call = channel.unary_unary("/vm_tools.LogCollector/" + method)
        try:
            call(request, timeout=30)
            print("OK")
        except grpc.RpcError as error:
            print(error.code().name)


if __name__ == "__main__":
    main()
