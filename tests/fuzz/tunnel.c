/* The model tunnel: frames from outside, and bytes from connections inside. */
#include "target.h"
#include <fcntl.h>
#include <sys/mman.h>
#define main program_main
#include <tunnel.c>
#undef main

TARGET_WORDS("d", "c", "o", "x", "GET / HTTP/1.1\r\n\r\n");

static void feed(const uint8_t *data, size_t size) {
    int input = memfd_create("input", 0);
    if (input < 0 || write(input, data, size) != (ssize_t)size || lseek(input, 0, SEEK_SET) || dup2(input, 0)) abort();
    close(input);
}

/* Some connections, of which a program inside has written; one has closed its end. */
static void connect_some(const uint8_t *data, size_t size, int many) {
    for (int i = 0; i < many; i++) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends)) abort();
        if (size > 4096) size = 4096;
        if (write(ends[1], data, size) != (ssize_t)size) abort();
        open_ones[count++] = (struct connection){(uint32_t)i, ends[0]};
        close(ends[1]);
    }
}

/* Frames whose heads are right now and then: kind, connection and size out of three bytes. */
static size_t frame(const uint8_t *data, size_t size, uint8_t *to) {
    size_t used = 0;
    for (size_t at = 0; at + 3 < size && used + 300 < (1 << 16);) {
        uint32_t id = htonl(data[at + 1] % 8), length = htonl(data[at + 2]);
        to[used] = data[at] % 2 ? 'd' : 'c';
        memcpy(to + used + 1, &id, 4);
        memcpy(to + used + 5, &length, 4);
        used += HEAD;
        size_t part = data[at + 2] < size - at - 3 ? data[at + 2] : size - at - 3;
        memcpy(to + used, data + at + 3, part);
        used += part;
        at += 3 + part;
    }
    return used;
}

static void hear(const uint8_t *data, size_t size, int many) {
    connect_some(data, size, many);
    feed(data, size);
    while (from_outside()) continue;
    while (count) if (!from_inside(count - 1)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t framed[1 << 16];
    static int ready;
    if (!ready++ && (signal(SIGPIPE, SIG_IGN) == SIG_ERR || !freopen("/dev/null", "w", stdout))) abort();
    hear(data, size, 1);
    hear(framed, frame(data, size, framed), 8);
    return 0;
}
