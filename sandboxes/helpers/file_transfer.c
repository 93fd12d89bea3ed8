/* Files in and out of other containers, ordered line by line on standard input.
 *
 *   file_transfer             needs the host's process ids and SYS_ADMIN, SYS_PTRACE, SYS_CHROOT,
 *                             DAC_OVERRIDE, CHOWN, FOWNER, FSETID, MKNOD
 *
 *   get PID LIMIT PATH        answers with records: what is at PATH, folders before what they hold
 *   put PID COUNT             takes that many records, and makes what they say
 *
 *   PID: a process of the container, as the host counts.  The work is done by a child that sees
 *   the container's own file system and nothing mounted over it; names that lead elsewhere end there.
 *
 *   A record: `KIND MODE UID GID MTIME SIZE MAJOR MINOR NAME LINK` and a newline, then NAME, LINK and
 *   SIZE bytes: name, target and content.  KIND is one of f d l c b p; MODE is octal, all else
 *   decimal, MTIME in seconds, NAME and LINK lengths.
 *   The end of each answer: `= ok`, `= none`, `= large` (more than LIMIT bytes), `= error: why`.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif

enum { DEEPEST = 400, CHUNK = 1 << 16 };

struct record {
    char kind;
    unsigned mode, uid, gid, major, minor;
    long long mtime, size;
    size_t name, link;
};

static char chunk[CHUNK];

/* --- the end of an answer ------------------------------------------------------------------ */

static void end(const char *how) {
    printf("= %s\n", how);
    fflush(stdout);
    _exit(0);
}

static void fail(const char *what) {
    printf("= error: %s: %s\n", what, strerror(errno));
    fflush(stdout);
    _exit(0);
}

/* --- into the container -------------------------------------------------------------------- */

static void keep_only(uint32_t wanted) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{wanted, wanted, 0}, {0, 0, 0}};
    if (syscall(SYS_capset, &head, data) != 0) fail("capset");
}

static void enter(const char *pid) {
    char name[64];
    snprintf(name, sizeof name, "/proc/%s/ns/mnt", pid);
    int space = open(name, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNS) != 0) fail(name);
    /* A copy of the root alone: what is mounted in the container covers nothing here. */
    int root = syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | O_CLOEXEC);
    if (root < 0 || fchdir(root) != 0 || chroot(".") != 0) fail("the container's root");
    close(root);
    close(space);
    umask(0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    keep_only(1u << CAP_DAC_OVERRIDE | 1u << CAP_CHOWN | 1u << CAP_FOWNER | 1u << CAP_FSETID |
              1u << CAP_MKNOD);
}

/* --- out ----------------------------------------------------------------------------------- */

static long long left;

static char kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG: return 'f';
    case S_IFDIR: return 'd';
    case S_IFLNK: return 'l';
    case S_IFCHR: return 'c';
    case S_IFBLK: return 'b';
    case S_IFIFO: return 'p';
    default: return 0; /* a socket is nothing that could be carried */
    }
}

static void tell(const struct stat *it, const char *name, const char *link, long long size) {
    int device = S_ISCHR(it->st_mode) || S_ISBLK(it->st_mode);
    printf("%c %o %u %u %lld %lld %u %u %zu %zu\n%s%s", kind_of(it->st_mode), it->st_mode & 07777,
           it->st_uid, it->st_gid, (long long)it->st_mtime, size,
           device ? major(it->st_rdev) : 0, device ? minor(it->st_rdev) : 0, strlen(name),
           strlen(link), name, link);
}

/* Sends just as many bytes as were promised, whatever becomes of the file meanwhile. */
static void content(int file, long long size) {
    while (size > 0) {
        ssize_t got = read(file, chunk, size < CHUNK ? size : CHUNK);
        if (got < 0) got = 0;
        if (got == 0) {
            got = size < CHUNK ? size : CHUNK;
            memset(chunk, 0, got);
        }
        fwrite(chunk, 1, got, stdout);
        size -= got;
    }
}

static void walk(int folder, const char *base, const char *name, int depth);

static void inside(int folder, const char *base, const char *name, int depth) {
    int here = openat(folder, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *list = here < 0 ? NULL : fdopendir(here);
    if (list == NULL) fail(name);
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char *inner;
        if (asprintf(&inner, "%s/%s", name, entry->d_name) < 0) fail(name);
        walk(dirfd(list), entry->d_name, inner, depth + 1);
        free(inner);
    }
    closedir(list);
}

static void walk(int folder, const char *base, const char *name, int depth) {
    struct stat it;
    char link[PATH_MAX] = "";
    if (fstatat(folder, base, &it, AT_SYMLINK_NOFOLLOW) != 0) return; /* gone meanwhile */
    left -= 512 + (S_ISREG(it.st_mode) ? (long long)it.st_size : 0);
    if (left < 0 || depth > DEEPEST) end("large");
    if (S_ISREG(it.st_mode)) {
        int file = openat(folder, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file < 0) fail(name);
        tell(&it, name, "", it.st_size);
        content(file, it.st_size);
        close(file);
        return;
    }
    if (S_ISLNK(it.st_mode)) {
        ssize_t length = readlinkat(folder, base, link, sizeof link - 1);
        if (length < 0) return;
        link[length] = '\0';
    }
    if (kind_of(it.st_mode)) tell(&it, name, link, 0);
    if (S_ISDIR(it.st_mode)) inside(folder, base, name, depth);
}

static void get(char *path, long long limit) {
    struct stat it;
    char *copy = strdup(path), *base = basename(copy);
    left = limit;
    if (chdir("/") != 0 || chdir(dirname(path)) != 0 ||
        fstatat(AT_FDCWD, base, &it, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) end("none");
        fail(base);
    }
    walk(AT_FDCWD, base, base, 0);
    end("ok");
}

/* --- in ------------------------------------------------------------------------------------ */

static char trouble[PATH_MAX + 128]; /* the first thing that went wrong; the rest is only read */

static int wrong(const char *name) {
    if (!*trouble) snprintf(trouble, sizeof trouble, "error: %s: %s", name, strerror(errno));
    return 0;
}

static void take(void *into, size_t size) {
    for (char *at = into; size > 0;) {
        ssize_t got = read(0, at, size);
        if (got <= 0) _exit(1);
        at += got;
        size -= got;
    }
}

static int line(char *into, size_t room) {
    for (size_t n = 0; n + 1 < room; n++) {
        if (read(0, into + n, 1) != 1) return 0;
        if (into[n] == '\n') {
            into[n] = '\0';
            return 1;
        }
    }
    return 0;
}

static int folder(const char *name) {
    struct stat it;
    if (mkdir(name, 0755) == 0) return 1;
    return errno == EEXIST && stat(name, &it) == 0 && S_ISDIR(it.st_mode);
}

static void parents(char *name) {
    for (char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        folder(name);
        *slash = '/';
    }
}

static int written(int file, long long size) {
    int sound = file >= 0;
    while (size > 0) {
        size_t part = size < CHUNK ? size : CHUNK;
        take(chunk, part);
        for (size_t done = 0; sound && done < part;) {
            ssize_t wrote = write(file, chunk + done, part - done);
            sound = wrote > 0;
            done += sound ? wrote : 0;
        }
        size -= part;
    }
    return (file < 0 || close(file) == 0) && sound;
}

static int made(const struct record *it, char *name, const char *link) {
    if (!*trouble) parents(name);
    if (it->kind == 'd') return folder(name);
    int fresh = !*trouble && (unlink(name) == 0 || errno == ENOENT);
    if (it->kind == 'l') return fresh && symlink(link, name) == 0;
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    return written(fresh ? open(name, flags, 0600) : -1, it->size);
}

static void placed(const struct record *it, char *name, const char *link) {
    struct timespec times[2] = {{0, UTIME_NOW}, {it->mtime, 0}};
    int sound = made(it, name, link) && lchown(name, it->uid, it->gid) == 0;
    if (sound && it->kind != 'l') sound = chmod(name, it->mode) == 0;
    if (sound) sound = utimensat(AT_FDCWD, name, times, AT_SYMLINK_NOFOLLOW) == 0;
    if (!sound) wrong(name);
}

static void put(long count) {
    char head[256];
    for (struct record it; count > 0; count--) {
        if (!line(head, sizeof head) ||
            sscanf(head, "%c %o %u %u %lld %lld %u %u %zu %zu", &it.kind, &it.mode, &it.uid,
                   &it.gid, &it.mtime, &it.size, &it.major, &it.minor, &it.name, &it.link) != 10 ||
            it.name >= PATH_MAX || it.link >= PATH_MAX)
            _exit(1);
        char name[PATH_MAX], link[PATH_MAX];
        take(name, it.name);
        take(link, it.link);
        name[it.name] = link[it.link] = '\0';
        placed(&it, name, link);
    }
    end(*trouble ? trouble : "ok");
}

/* --- the door ------------------------------------------------------------------------------ */

static void obey(char *order) {
    char pid[16], path[PATH_MAX];
    long long number;
    if (sscanf(order, "get %15[0-9] %lld %4095[^\n]", pid, &number, path) == 3) {
        enter(pid);
        get(path, number);
    }
    if (sscanf(order, "put %15[0-9] %lld", pid, &number) == 2) {
        enter(pid);
        put(number);
    }
    end("error: no such order");
}

int main(void) {
    static char order[PATH_MAX + 64];
    printf("= ready %d\n", getpid());
    fflush(stdout);
    while (line(order, sizeof order)) {
        pid_t child = fork();
        if (child == 0) obey(order);
        int state = 1;
        if (child < 0 || waitpid(child, &state, 0) < 0 || state != 0) return 1;
    }
    return 0;
}
