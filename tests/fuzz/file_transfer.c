/* The file transfer: files in, as records, and out again.  It works in a file system of its own,
 * mounted over the working folder, so that no name leads outside. */
#include "target.h"
#include <setjmp.h>
#include <stdnoreturn.h>
#include <unistd.h>
static noreturn void leave(int code); /* where the program would end */
#define _exit leave
#define main program_main
#include <file_transfer.c>
#undef main
#undef _exit
#include <ftw.h>
#include <sys/mman.h>

TARGET_WORDS("f 644 0 0 0 4 0 0 1 0\naface", "d 755 0 0 0 0 0 0 1 0\na", "l 777 0 0 0 0 0 0 3 4\na/l../b", "f 4755 1 1 -9 0 0 0 3 0\na/f",
             "f 644 0 0 0 2 0 0 4 0\n../bxx", "d 700 9 9 9 0 0 0 9 0\na/b/c/d/e", "f 644 0 0 0 ", " 0 0 ", "l 777 0 0 0 0 0 0 1 1\nb/",
             "p 600 0 0 0 0 0 0 1 0\np", "f 600 0 0 0 3 0 0 5 0\nx\ny\n=abc", "/", "a", " ", "\n", "= ok\n");

static jmp_buf back;

static noreturn void leave(int code) {
    (void)code;
    longjmp(back, 1);
}

static void must(int holds, const char *what) {
    if (holds) return;
    perror(what);
    abort();
}

static void go_apart(void) {
    if (unshare(CLONE_NEWNS) != 0) must(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, "a mount namespace");
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
    must(mount("tmpfs", ".", "tmpfs", 0, "size=64m") == 0, "a file system");
    char here[PATH_MAX];
    must(getcwd(here, sizeof here) && chdir(here) == 0 && chroot(".") == 0, "a root");
    must(freopen("/out", "w", stdout) != NULL, "output");
}

static int drop_one(const char *path, const struct stat *it, int kind, struct FTW *where) {
    (void)it, (void)kind;
    if (where->level && strcmp(path, "/out") != 0) remove(path);
    return 0;
}

static void feed(const uint8_t *data, size_t size) {
    int input = memfd_create("input", 0);
    must(input >= 0 && write(input, data, size) == (ssize_t)size && lseek(input, 0, SEEK_SET) == 0, "input");
    must(dup2(input, 0) == 0, "standard input");
}

static void take_out(const char *name) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", name);
    if (setjmp(back) == 0) get(path, 1 << 20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int ready;
    if (!ready++) go_apart();
    feed(data, size);
    *trouble = '\0';
    must(chdir("/") == 0, "the root");
    if (setjmp(back) == 0) put(size % 50);
    take_out("/a");
    take_out("/x\ny\n=");
    take_out("/..");
    nftw("/", drop_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    fflush(stdout);
    must(ftruncate(1, 0) == 0 && lseek(1, 0, SEEK_SET) == 0, "output");
    close_range(3, ~0u, 0);
    return 0;
}
