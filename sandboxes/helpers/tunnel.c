/* The model tunnel's inner end: connections to a loopback port become frames on one stream.
 *
 *   tunnel PORT       listens on 127.0.0.1:PORT of the network namespace that it is started in
 *
 *   A frame, in both directions: kind (1 byte: o open, d data, c close), connection (4 bytes, big
 *   endian), length (4 bytes, big endian), that many bytes.  Only this end opens.  It needs no
 *   name service, no route and no other network, so that no injected fault can cut it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 256, CHUNK = 1 << 16, HEAD = 9 };

struct connection { uint32_t id; int fd; };
static struct connection open_ones[MOST];
static int count;
static uint32_t last;

/* Returns 0 when the other end is gone. */
static int put(int fd, const void *data, size_t size) {
    const char *at = data;
    while (size) {
        ssize_t n = write(fd, at, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return 0;
        at += n;
        size -= (size_t)n;
    }
    return 1;
}

static int get(int fd, void *data, size_t size) {
    char *at = data;
    while (size) {
        ssize_t n = read(fd, at, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return 0;
        at += n;
        size -= (size_t)n;
    }
    return 1;
}

static int tell(char kind, uint32_t id, const void *data, uint32_t size) {
    unsigned char head[HEAD];
    uint32_t number = htonl(id), length = htonl(size);
    head[0] = (unsigned char)kind;
    memcpy(head + 1, &number, 4);
    memcpy(head + 5, &length, 4);
    return put(1, head, HEAD) && put(1, data, size);
}

static void drop(int i) {
    close(open_ones[i].fd);
    open_ones[i] = open_ones[--count];
}

static int find(uint32_t id) {
    for (int i = 0; i < count; i++) if (open_ones[i].id == id) return i;
    return -1;
}

static int from_outside(void) {
    static char data[CHUNK];
    unsigned char head[HEAD];
    uint32_t id, size;
    if (!get(0, head, HEAD)) return 0;
    memcpy(&id, head + 1, 4);
    memcpy(&size, head + 5, 4);
    id = ntohl(id);
    size = ntohl(size);
    if (size > CHUNK || !get(0, data, size)) return 0;
    int i = find(id);
    if (i >= 0 && (head[0] == 'c' || !put(open_ones[i].fd, data, size))) drop(i);
    return 1;
}

static int from_inside(int i) {
    static char data[CHUNK];
    ssize_t n = read(open_ones[i].fd, data, CHUNK);
    if (n > 0) return tell('d', open_ones[i].id, data, (uint32_t)n);
    uint32_t id = open_ones[i].id;
    drop(i);
    return tell('c', id, "", 0);
}

static int serve(int listener) {
    for (;;) {
        struct pollfd on[MOST + 2] = {{.fd = 0, .events = POLLIN}, {.fd = listener, .events = count < MOST ? POLLIN : 0}};
        int here = count;
        for (int i = 0; i < here; i++) on[i + 2] = (struct pollfd){.fd = open_ones[i].fd, .events = POLLIN};
        if (poll(on, (nfds_t)here + 2, -1) < 0) continue;
        for (int i = here - 1; i >= 0; i--)
            if (on[i + 2].revents && !from_inside(i)) return 0;
        if (on[1].revents & POLLIN) {
            int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), yes = 1;
            if (fd >= 0) {
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                open_ones[count++] = (struct connection){++last, fd};
                if (!tell('o', last, "", 0)) return 0;
            }
        }
        if (on[0].revents && !from_outside()) return 0;
    }
}

int main(int argc, char **words) {
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(argc > 1 ? atoi(words[1]) : 0)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 64)) {
        fprintf(stderr, "tunnel: %s\n", strerror(errno));
        return 1;
    }
    return tell('o', 0, "", 0) ? serve(listener) : 1;
}
