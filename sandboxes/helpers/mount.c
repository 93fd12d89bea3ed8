/* Mounts in another container's mount namespace, ordered line by line on standard input.
 *
 *   mount PID         works in the mount namespace of that process (a process id of the host's)
 *
 *   ro PATH           read-only: remounts what is mounted there, or binds the folder on itself
 *   rw PATH           undoes `ro`; the bind mount stays where somebody works in it
 *   tmpfs PATH        an empty memory file system over a folder, with the folder's owner and mode
 *   size OPTIONS PATH remounts it with other limits (size=BYTES,nr_inodes=NUMBER)
 *   umount PATH       takes it away, from under whoever works there
 *   busy PATH         says ok where no process of that namespace works in or below the folder
 *
 *   Answers: `ready` once, then for each line `ok`, or `error: ` and what is wrong.
 *   It needs SYS_ADMIN, SYS_PTRACE, SYS_CHROOT and DAC_READ_SEARCH, and the host's process ids.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int host_proc; /* the host's /proc, kept open from before the namespace is entered */

static int fail(const char *what) {
    printf("error: %s: %s\n", what, strerror(errno));
    return 0;
}

static int read_only(const char *path) {
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
    if (mount(NULL, path, NULL, flags, NULL) == 0) return 1;
    if (errno != EINVAL) return fail(path);
    if (mount(path, path, NULL, MS_BIND, NULL) != 0) return fail(path);
    return mount(NULL, path, NULL, flags, NULL) == 0 || fail(path);
}

static int writable(const char *path) {
    if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL) != 0) return fail(path);
    if (strcmp(path, "/") != 0) umount2(path, 0);
    return 1;
}

static int memory(const char *path) {
    struct stat folder;
    char options[96];
    if (stat(path, &folder) != 0) return fail(path);
    snprintf(options, sizeof options, "mode=%o,uid=%u,gid=%u", folder.st_mode & 07777,
             folder.st_uid, folder.st_gid);
    return mount("tmpfs", path, "tmpfs", 0, options) == 0 || fail(path);
}

static int resized(char *order) {
    char *path = strchr(order, ' ');
    if (path == NULL) return fail("a path is missing");
    *path++ = '\0';
    return mount(NULL, path, NULL, MS_REMOUNT, order) == 0 || fail(path);
}

static int below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Returns whether a process of the host's list works in or below the folder of our namespace. */
static int works_in(const char *process, const char *folder, const struct stat *ours) {
    char name[300], there[PATH_MAX];
    struct stat its;
    snprintf(name, sizeof name, "%s/ns/mnt", process);
    if (fstatat(host_proc, name, &its, 0) != 0 || its.st_ino != ours->st_ino) return 0;
    snprintf(name, sizeof name, "%s/cwd", process);
    ssize_t length = readlinkat(host_proc, name, there, sizeof there - 1);
    if (length < 0) return 0;
    there[length] = '\0';
    return below(there, folder);
}

static int nobody_in(const char *folder, const char *pid) {
    char name[64];
    struct stat ours;
    snprintf(name, sizeof name, "%s/ns/mnt", pid);
    if (fstatat(host_proc, name, &ours, 0) != 0) return fail(name);
    DIR *list = fdopendir(openat(host_proc, ".", O_RDONLY | O_DIRECTORY));
    if (list == NULL) return fail("/proc");
    int busy = 0;
    for (struct dirent *entry; !busy && (entry = readdir(list)) != NULL;)
        busy = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
               works_in(entry->d_name, folder, &ours);
    closedir(list);
    errno = EBUSY;
    return !busy || fail(folder);
}

static int obey(char *order, const char *pid) {
    char *rest = strchr(order, ' ');
    if (rest == NULL) {
        errno = EINVAL;
        return fail(order);
    }
    *rest++ = '\0';
    if (strcmp(order, "ro") == 0) return read_only(rest);
    if (strcmp(order, "rw") == 0) return writable(rest);
    if (strcmp(order, "tmpfs") == 0) return memory(rest);
    if (strcmp(order, "size") == 0) return resized(rest);
    if (strcmp(order, "umount") == 0) return umount2(rest, MNT_DETACH) == 0 || fail(rest);
    if (strcmp(order, "busy") == 0) return nobody_in(rest, pid);
    errno = EINVAL;
    return fail(order);
}

static int enter(const char *pid) {
    char name[64];
    snprintf(name, sizeof name, "%s/ns/mnt", pid);
    host_proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int space = openat(host_proc, name, O_RDONLY | O_CLOEXEC);
    return space >= 0 && setns(space, CLONE_NEWNS) == 0;
}

int main(int count, char **words) {
    char line[PATH_MAX + 256];
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count != 2 || !enter(words[1])) {
        perror("mount namespace");
        return 1;
    }
    puts("ready");
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (obey(line, words[1])) puts("ok");
    }
    return 0;
}
