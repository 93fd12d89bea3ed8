/* The mounts' orders, and where other processes work; nothing is mounted here. */
#include "target.h"
#include <sys/mount.h>
static int refuse(const char *path, unsigned long flags);
#define mount(from, path, kind, flags, options) refuse(path, flags)
#define umount2(path, flags) refuse(path, flags)
#define main program_main
#include <mount.c>
#undef main

TARGET_WORDS("ro ", "rw ", "tmpfs ", "size ", "size=1,nr_inodes=2 ", "umount ", "busy ", "/", "/work", "/proc", ".", "a", " ", "\n");

static int refuse(const char *path, unsigned long flags) {
    (void)path, (void)flags;
    errno = EINVAL;
    return -1;
}

static void orders(const uint8_t *data, size_t size) {
    char *text = strndup((const char *)data, size), *rest = text, *line;
    while ((line = strsep(&rest, "\n"))) obey(line, "self");
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int ready;
    if (!ready++) {
        host_proc = open("/proc", O_RDONLY | O_DIRECTORY);
        if (host_proc < 0 || !freopen("/dev/null", "w", stdout)) abort();
    }
    char *one = strndup((const char *)data, size / 2), *other = strndup((const char *)data + size / 2, size - size / 2);
    if (below(one, other) && strncmp(one, other, strlen(other)) != 0) abort();
    free(one), free(other);
    orders(data, size);
    return 0;
}
