"""A guest in another language: one Push of vmlog.v1.LogStream, with batches of text.

Usage: stream_guest.py TARGET STREAM [FIRST_SEQ:TEXT,TEXT,...]...

Waits for the watermark, sends the batches, and prints the watermark, the last record that was
acknowledged, and the status. The messages are put together by hand, as guest.py's are.
"""

import queue
import sys

import grpc

from guest import field, record, varint


def last_seq(response):
    """The only field of a PushResponse, a varint with the tag 8."""
    value = shift = 0
    for byte in response[1:]:
        value |= (byte & 0x7F) << shift
        shift += 7
    return value


def batch(text):
    first_seq, words = text.split(":")
    records = b"".join(field(1, record(7, 1700000000, word)) for word in words.split(","))
    return varint(2 << 3) + varint(int(first_seq)) + field(4, records)


def main():
    target, stream, *batches = sys.argv[1:]
    requests = queue.Queue()
    with grpc.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)]) as channel:
        call = channel.stream_stream("/vmlog.v1.LogStream/Push")
        requests.put(field(1, stream.encode()))
        responses = call(iter(requests.get, None), timeout=30)
        watermark = last = last_seq(next(responses))
        for text in batches:
            requests.put(batch(text))
        requests.put(None)
        try:
            for response in responses:
                last = last_seq(response)
            status = "OK"
        except grpc.RpcError as error:
            status = error.code().name
        print(watermark, "…", last, status)


main()
