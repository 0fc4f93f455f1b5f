"""A receiver of OTLP by gRPC's C core or by HTTP, which does what a file says and keeps what it takes.

Usage: otlp_receiver.py grpc|http PORT FOLDER [CERTIFICATE KEY AUTHORITY]

Each request that it takes goes to FOLDER/NUMBER as it came, but for empty ones, and its headers to
FOLDER/headers, where the last are. FOLDER/answer says what it answers:

OK
PARTIAL COUNT [LENGTH]   a partial success with so many records, and a message so long
STATUS [SECONDS]         a status's name, and after it maybe for how long it wants to be left alone
STATUS if TEXT           that to requests with this text in them, OK to others
LARGER BYTES             what Go's gRPC says of requests that are longer, OK to others
LONG BYTES               an answer of so many bytes

It does as the OpenTelemetry Collector was seen to do: an empty request never gets to its pipeline, so
it is answered OK, unless the status is about who may send at all. By HTTP a status is the code that
the Collector makes of it, and a pause is the header Retry-After. With a CERTIFICATE it speaks TLS and
wants one of the client's that AUTHORITY has signed.
"""

import gzip
import http.server
import pathlib
import ssl
import sys
import threading
from concurrent import futures

import grpc

NOT_OF_THE_PIPELINE = ("UNAUTHENTICATED", "PERMISSION_DENIED", "UNIMPLEMENTED")
CODES = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "UNIMPLEMENTED": 404,
    "LARGER": 413,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


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


protocol, port, name, *tls = sys.argv[1:]
folder = pathlib.Path(name)
one_at_a_time = threading.Lock()  # what it takes is numbered


def decide(request, headers):
    """A status's name, its text, for how long to wait if that is said, and the answer if it is OK."""
    (folder / "headers").write_text("\n".join(sorted(headers)))
    kind, *words = (folder / "answer").read_text().split()
    if request or kind in NOT_OF_THE_PIPELINE:
        with open(folder / "calls", "a") as calls:
            calls.write(kind + "\n")
    if kind == "LARGER" and len(request) > int(words[0]):
        text = "grpc: received message larger than max (%d vs. %s)" % (len(request), words[0])
        return kind, text, None, b""
    if words[:1] == ["if"] and words[1].encode() not in request:
        kind = "OK"
    if not request and kind not in NOT_OF_THE_PIPELINE:
        return "OK", "", None, b""
    if kind not in ("OK", "PARTIAL", "LARGER", "LONG"):
        seconds = int(words[0]) if words and words[0] != "if" else None
        return kind, "as it was told", seconds, b""
    if request:
        taken = len(list(folder.glob("[0-9]*")))
        (folder / "new").write_bytes(request)
        (folder / "new").rename(folder / ("%06d" % taken))
    if kind == "PARTIAL":
        message = b"not these" + b"." * int(words[1] if words[1:] else 0)
        return "OK", "", None, field(1, field(1, int(words[0])) + field(2, message))
    if kind == "LONG":
        return "OK", "", None, field(15, b"." * int(words[0]))
    return "OK", "", None, b""


def export(request, context):
    headers = ["%s: %s" % (key, value) for key, value in context.invocation_metadata()]
    kind, text, seconds, answer = decide(request, headers)
    if seconds is not None:
        context.set_trailing_metadata((("grpc-status-details-bin", retry_info(seconds)),))
    if kind != "OK":
        context.abort(grpc.StatusCode["RESOURCE_EXHAUSTED" if kind == "LARGER" else kind], text)
    return answer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            request = gzip.decompress(request)
        headers = ["%s: %s" % (key.lower(), value) for key, value in self.headers.items()]
        headers.append("path: " + self.path)
        with one_at_a_time:
            kind, text, seconds, answer = decide(request, headers)
        if kind != "OK":
            answer = field(1, 2) + field(2, text.encode())
        self.send_response(200 if kind == "OK" else CODES.get(kind, 500))
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        if seconds is not None:
            self.send_header("Retry-After", str(seconds))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words):
        pass


address = "127.0.0.1:" + port
if protocol == "http":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler, bind_and_activate=False)
    server.allow_reuse_address = True
    server.server_bind()
    server.server_activate()
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls[0], tls[1])
        context.load_verify_locations(tls[2])
        context.verify_mode = ssl.CERT_REQUIRED
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", file=sys.stderr, flush=True)
    server.serve_forever()

server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
service = grpc.method_handlers_generic_handler(
    "opentelemetry.proto.collector.logs.v1.LogsService",
    {"Export": grpc.unary_unary_rpc_method_handler(export)},
)
server.add_generic_rpc_handlers((service,))
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
