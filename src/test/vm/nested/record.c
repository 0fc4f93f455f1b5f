/*
 * Logs one record to the host by vm_tools.LogCollector, as a guest does, with nothing but a socket: for
 * a machine in which there is nothing else.
 *
 *   record CONTENT
 *
 * HTTP/2 as of RFC 9113, with headers as of RFC 7541 that are neither indexed nor Huffman-coded. Exits
 * 0 when the host has answered OK, and else says what came.
 */
#include <err.h>
#include <linux/vm_sockets.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 9999, STREAM = 1 };
enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, GOAWAY = 7 };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

struct text {
  unsigned char bytes[4096];
  size_t length;
};

static void add(struct text *text, const void *bytes, size_t length) {
  if (text->length + length > sizeof text->bytes)
    errx(64, "the record is too long");
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
}

static void add_byte(struct text *text, unsigned char byte) { add(text, &byte, 1); }

/* A protobuf's varint, and HPACK's length of a string if it is below 127. */
static void add_varint(struct text *text, uint64_t value) {
  for (; value > 0x7f; value >>= 7)
    add_byte(text, value | 0x80);
  add_byte(text, value);
}

static void add_field(struct text *text, int number, const struct text *value) {
  add_varint(text, number << 3 | 2);
  add_varint(text, value->length);
  add(text, value->bytes, value->length);
}

static void add_string(struct text *text, const char *string) {
  add_varint(text, strlen(string));
  add(text, string, strlen(string));
}

static void send_frame(int host, int type, int flags, uint32_t stream, const struct text *payload) {
  struct text frame = {.length = 0};
  size_t length = payload->length;
  unsigned char head[] = {length >> 16, length >> 8, length, type, flags, 0, 0, 0, stream};
  add(&frame, head, sizeof head);
  add(&frame, payload->bytes, length);
  if (write(host, frame.bytes, frame.length) != (ssize_t)frame.length)
    err(1, "write");
}

static void read_all(int host, unsigned char *bytes, size_t length) {
  for (ssize_t got; length; bytes += got, length -= got)
    if ((got = read(host, bytes, length)) <= 0)
      err(1, "the host closed the connection");
}

static void send_headers(int host) {
  struct text headers = {.length = 0};
  add_byte(&headers, 0x83); /* :method POST, of the static table */
  add_byte(&headers, 0x86); /* :scheme http */
  add_byte(&headers, 0x04); /* :path */
  add_string(&headers, "/vm_tools.LogCollector/CollectKernelLogs");
  add_byte(&headers, 0x01); /* :authority */
  add_string(&headers, "host");
  add_byte(&headers, 0x0f), add_byte(&headers, 31 - 15); /* content-type */
  add_string(&headers, "application/grpc");
  add_byte(&headers, 0x00);
  add_string(&headers, "te");
  add_string(&headers, "trailers");
  send_frame(host, HEADERS, END_HEADERS, STREAM, &headers);
}

static void send_record(int host, const char *content) {
  struct text time_of = {.length = 0}, record = {.length = 0}, request = {.length = 0};
  struct text said = {.length = 0}, message = {.length = 0};
  add_varint(&time_of, 1 << 3), add_varint(&time_of, time(NULL));
  add(&said, content, strlen(content));
  add_varint(&record, 1 << 3), add_varint(&record, 7); /* INFO */
  add_field(&record, 2, &time_of);
  add_field(&record, 5, &said);
  add_field(&request, 1, &record);
  unsigned char head[] = {0, 0, 0, request.length >> 8, request.length}; /* gRPC's, uncompressed */
  add(&message, head, sizeof head);
  add(&message, request.bytes, request.length);
  send_frame(host, DATA, END_STREAM, STREAM, &message);
}

/* Reads frames up to the call's trailers. Answers whether they say OK. */
static int answer(int host) {
  static const char ok[] = "grpc-status\0010"; /* a header's name, the value's length, the value */
  static const struct text empty;
  for (;;) {
    unsigned char head[9], payload[1 << 14];
    read_all(host, head, sizeof head);
    size_t length = head[0] << 16 | head[1] << 8 | head[2];
    if (length > sizeof payload)
      errx(1, "a frame of %zu bytes", length);
    read_all(host, payload, length);
    if (head[3] == SETTINGS && !(head[4] & ACK))
      send_frame(host, SETTINGS, ACK, 0, &empty);
    if (head[3] == RST_STREAM || head[3] == GOAWAY)
      errx(1, "the host ended it with a frame of type %d", head[3]);
    if (head[3] == HEADERS && head[4] & END_STREAM) {
      int is_ok = memmem(payload, length, ok, sizeof ok - 1) != NULL;
      if (!is_ok)
        fprintf(stderr, "answered with %.*s\n", (int)length, (char *)payload);
      return is_ok;
    }
  }
}

int main(int count, char **arguments) {
  if (count != 2)
    errx(64, "usage: record CONTENT");
  int host = socket(AF_VSOCK, SOCK_STREAM, 0);
  struct sockaddr_vm address = {
      .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = PORT};
  if (host < 0 || connect(host, (struct sockaddr *)&address, sizeof address))
    err(1, "vsock:2:%d", PORT);
  static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  static const struct text empty;
  if (write(host, preface, sizeof preface - 1) != sizeof preface - 1)
    err(1, "write");
  send_frame(host, SETTINGS, 0, 0, &empty);
  send_headers(host);
  send_record(host, arguments[1]);
  return answer(host) ? 0 : 1;
}
