"""A receiver of OTLP by gRPC's C core, which does what a file says and keeps what it takes.

Usage: otlp_receiver.py PORT FOLDER [CERTIFICATE KEY AUTHORITY]

Each request that it takes goes to FOLDER/NUMBER as it came, but for empty ones, and its headers to
FOLDER/headers, where the last are. FOLDER/answer says what it answers: OK; PARTIAL COUNT; or a
status's name, and after it maybe for how many seconds it wants to be left alone. With a CERTIFICATE
it speaks TLS and wants one of the client's that AUTHORITY has signed.
"""

import pathlib
import sys
from concurrent import futures

import grpc


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def retry_info(seconds):
    """A google.rpc.Status with a google.rpc.RetryInfo in its details, and something else first."""
    other = field(1, b"type.googleapis.com/google.rpc.DebugInfo") + field(2, b"")
    info = field(1, field(1, seconds))
    wanted = field(1, b"type.googleapis.com/google.rpc.RetryInfo") + field(2, info)
    return field(1, 8) + field(2, b"later") + field(3, other) + field(3, wanted)


port, name, *tls = sys.argv[1:]
folder = pathlib.Path(name)


def export(request, context):
    headers = ["%s: %s" % (key, value) for key, value in context.invocation_metadata()]
    (folder / "headers").write_text("\n".join(sorted(headers)))
    kind, *numbers = (folder / "answer").read_text().split()
    if kind not in ("OK", "PARTIAL"):
        if numbers:
            details = retry_info(int(numbers[0]))
            context.set_trailing_metadata((("grpc-status-details-bin", details),))
        context.abort(grpc.StatusCode[kind], "as it was told")
    if request:
        taken = len(list(folder.glob("[0-9]*")))
        (folder / "new").write_bytes(request)
        (folder / "new").rename(folder / ("%06d" % taken))
    if kind == "PARTIAL" and request:
        return field(1, field(1, int(numbers[0])) + field(2, b"not these"))
    return b""


# One at a time: what it takes is numbered.
server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
service = grpc.method_handlers_generic_handler(
    "opentelemetry.proto.collector.logs.v1.LogsService",
    {"Export": grpc.unary_unary_rpc_method_handler(export)},
)
server.add_generic_rpc_handlers((service,))
address = "127.0.0.1:" + port
if tls:
    certificate, key, authority = (pathlib.Path(file).read_bytes() for file in tls)
    credentials = grpc.ssl_server_credentials([(key, certificate)], authority, True)
    bound = server.add_secure_port(address, credentials)
else:
    bound = server.add_insecure_port(address)
assert bound, address
server.start()
print("ready", file=sys.stderr, flush=True)
server.wait_for_termination()
