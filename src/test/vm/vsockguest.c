/*
 * Plays a virtual machine towards the kernel's vhost_vsock, without one: takes a context id by
 * /dev/vhost-vsock, keeps the device's two rings in its own memory and speaks virtio-vsock's packets
 * (virtio 1.2, section 5.10). To whoever listens on the host it is a real peer of that CID.
 *
 *   vsockguest CID PORT SOCKET
 *
 * Listens on the Unix socket SOCKET and passes each connection, one after the other, on to PORT of
 * CID 2. Prints "ready" when it listens, and "refused" for a connection that the host refused.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <linux/virtio_ring.h>
#include <linux/virtio_vsock.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HOST = 2, SLOTS = 32, PACKET = 8192, WINDOW = 65536, ALIGN = 4096 };

struct ring {
  struct vring vring;
  char *packets[SLOTS];
  uint16_t seen; /* how much of used has been looked at */
  int kick;      /* we tell the kernel */
  int call;      /* the kernel tells us */
};

static struct ring to_guest, from_guest;
static uint64_t cid;
static uint32_t host_port, own_port;
static uint32_t sent, host_taken, host_window; /* the host's credit for us */
static uint32_t taken;                         /* ours for the host */

static void control(int device, unsigned long request, void *argument, const char *what) {
  if (ioctl(device, request, argument) < 0)
    err(1, "%s", what);
}

/* Gives a packet's memory to the kernel: to be filled, or to be sent. */
static void offer(struct ring *ring, int slot, uint32_t length, uint16_t flags) {
  ring->vring.desc[slot] = (struct vring_desc){(uintptr_t)ring->packets[slot], length, flags, 0};
  ring->vring.avail->ring[ring->vring.avail->idx % SLOTS] = slot;
  __sync_synchronize();
  ring->vring.avail->idx++;
  __sync_synchronize();
  uint64_t one = 1;
  if (write(ring->kick, &one, sizeof one) != sizeof one)
    err(1, "kick");
}

static int used(const struct ring *ring) {
  return (uint16_t)(*(volatile uint16_t *)&ring->vring.used->idx - ring->seen);
}

static void send_packet(uint16_t op, uint32_t flags, const char *data, uint32_t length) {
  struct ring *ring = &from_guest;
  uint16_t next = ring->vring.avail->idx;
  while ((uint16_t)(next - *(volatile uint16_t *)&ring->vring.used->idx) >= SLOTS)
    usleep(1000); /* the kernel has not sent the oldest yet */
  int slot = next % SLOTS;
  struct virtio_vsock_hdr header = {
      .src_cid = cid, .dst_cid = HOST, .src_port = own_port, .dst_port = host_port,
      .len = length, .type = VIRTIO_VSOCK_TYPE_STREAM, .op = op, .flags = flags,
      .buf_alloc = WINDOW, .fwd_cnt = taken};
  memcpy(ring->packets[slot], &header, sizeof header);
  memcpy(ring->packets[slot] + sizeof header, data, length);
  offer(ring, slot, sizeof header + length, 0);
}

/* The next packet for the current connection, or NULL; good until the next call. */
static struct virtio_vsock_hdr *next_packet(void) {
  static int held = -1;
  for (;;) {
    if (held >= 0)
      offer(&to_guest, held, PACKET, VRING_DESC_F_WRITE);
    held = -1;
    if (!used(&to_guest))
      return NULL;
    held = to_guest.vring.used->ring[to_guest.seen++ % SLOTS].id;
    struct virtio_vsock_hdr *header = (void *)to_guest.packets[held];
    if (header->dst_port == own_port) {
      host_taken = header->fwd_cnt;
      host_window = header->buf_alloc;
      return header;
    }
  }
}

static void open_ring(int device, struct ring *ring, unsigned index, char *memory) {
  vring_init(&ring->vring, SLOTS, memory, ALIGN);
  for (int i = 0; i < SLOTS; i++)
    ring->packets[i] = memory + 4 * ALIGN + i * PACKET;
  ring->kick = eventfd(0, 0);
  ring->call = eventfd(0, EFD_NONBLOCK);
  struct vhost_vring_state size = {index, SLOTS}, base = {index, 0};
  struct vhost_vring_file kick = {index, ring->kick}, call = {index, ring->call};
  struct vhost_vring_addr address = {
      .index = index,
      .desc_user_addr = (uintptr_t)ring->vring.desc,
      .avail_user_addr = (uintptr_t)ring->vring.avail,
      .used_user_addr = (uintptr_t)ring->vring.used};
  control(device, VHOST_SET_VRING_NUM, &size, "ring's size");
  control(device, VHOST_SET_VRING_BASE, &base, "ring's base");
  control(device, VHOST_SET_VRING_ADDR, &address, "ring's address");
  control(device, VHOST_SET_VRING_KICK, &kick, "ring's kick");
  control(device, VHOST_SET_VRING_CALL, &call, "ring's call");
}

static void open_device(void) {
  int device = open("/dev/vhost-vsock", O_RDWR);
  if (device < 0)
    err(1, "/dev/vhost-vsock");
  size_t size = 2 * (4 * ALIGN + SLOTS * PACKET);
  char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  uint64_t features = 1ULL << 32; /* VIRTIO_F_VERSION_1 */
  struct {
    struct vhost_memory header;
    struct vhost_memory_region region;
  } table = {{1, 0}, {(uintptr_t)memory, size, (uintptr_t)memory, 0}}; /* guest addresses are ours */
  control(device, VHOST_SET_OWNER, NULL, "owner");
  control(device, VHOST_SET_FEATURES, &features, "features");
  control(device, VHOST_SET_MEM_TABLE, &table, "memory");
  open_ring(device, &to_guest, 0, memory);
  open_ring(device, &from_guest, 1, memory + size / 2);
  int running = 1;
  control(device, VHOST_VSOCK_SET_GUEST_CID, &cid, "CID");
  control(device, VHOST_VSOCK_SET_RUNNING, &running, "running");
  for (int i = 0; i < SLOTS; i++)
    offer(&to_guest, i, PACKET, VRING_DESC_F_WRITE);
}

/* Passes what the client sends on, as far as the host has room. Answers whether it goes on. */
static int pass_on(int client) {
  uint32_t room = host_window - (sent - host_taken);
  char data[4096];
  ssize_t got = read(client, data, room < sizeof data ? room : sizeof data);
  if (got <= 0) {
    send_packet(VIRTIO_VSOCK_OP_SHUTDOWN, 3, "", 0);
    return 0;
  }
  send_packet(VIRTIO_VSOCK_OP_RW, 0, data, got);
  sent += got;
  return 1;
}

static void write_all(int client, const char *data, size_t length) {
  for (ssize_t done; length; data += done, length -= done)
    if ((done = write(client, data, length)) <= 0)
      return; /* the client has gone; reading from it will say so */
}

static void serve(int client) {
  int connected = 0;
  own_port++;
  sent = taken = host_taken = host_window = 0;
  send_packet(VIRTIO_VSOCK_OP_REQUEST, 0, "", 0);
  for (;;) {
    int has_room = connected && host_window - (sent - host_taken) > 0;
    struct pollfd ready[] = {{to_guest.call, POLLIN, 0}, {client, has_room ? POLLIN : 0, 0}};
    if (!used(&to_guest) && poll(ready, 2, -1) < 0)
      err(1, "poll");
    uint64_t calls;
    if (read(to_guest.call, &calls, sizeof calls) < 0)
      calls = 0;
    for (struct virtio_vsock_hdr *packet; (packet = next_packet());) {
      switch (packet->op) {
      case VIRTIO_VSOCK_OP_RESPONSE:
        connected = 1;
        break;
      case VIRTIO_VSOCK_OP_RW:
        write_all(client, (char *)(packet + 1), packet->len);
        taken += packet->len;
        /* fall through */
      case VIRTIO_VSOCK_OP_CREDIT_REQUEST:
        send_packet(VIRTIO_VSOCK_OP_CREDIT_UPDATE, 0, "", 0);
        break;
      case VIRTIO_VSOCK_OP_RST:
        if (!connected)
          puts("refused");
        return;
      case VIRTIO_VSOCK_OP_SHUTDOWN:
        send_packet(VIRTIO_VSOCK_OP_RST, 0, "", 0);
        return;
      }
    }
    if ((ready[1].revents & (POLLIN | POLLHUP)) && connected && !pass_on(client))
      return;
  }
}

int main(int count, char **arguments) {
  if (count != 4)
    errx(64, "usage: vsockguest CID PORT SOCKET");
  cid = strtoull(arguments[1], NULL, 0);
  host_port = strtoul(arguments[2], NULL, 0);
  own_port = 1024 + getpid();
  setvbuf(stdout, NULL, _IOLBF, 0);
  open_device();

  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", arguments[3]);
  unlink(address.sun_path);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 8))
    err(1, "%s", arguments[3]);
  puts("ready");
  for (int client; (client = accept(listener, NULL, NULL)) >= 0; close(client))
    serve(client);
  err(1, "accept");
}
