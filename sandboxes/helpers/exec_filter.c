/* The exec filter: it sees every program that a process tree executes, and can hold, fail or kill it.
 *
 *   exec_filter launch [-c] [-o] [-w] -- PROGRAM [ARG...]
 *       In the sandbox.  Puts a seccomp user-notification filter over itself and all its
 *       descendants (executions; with -c also what names an address, -o what opens a file, -w what
 *       writes to one: see WATCHED), parks the listener on a file descriptor, stops itself, and
 *       after it is continued runs PROGRAM.
 *   exec_filter supervise
 *       In a sidecar that sees the host's processes (CAP_SYS_PTRACE, CAP_KILL).  Takes the
 *       listeners over and speaks lines; tree, rule and call are numbers:
 *
 *       attach TREE PID                 -> held TREE PID | error TREE WHY
 *       release TREE PID                   PROGRAM may begin
 *       rule TREE RULE KIND VERB N TIMES PATTERN
 *                                          KIND exec|connect|open|write; VERB hold|fail|kill;
 *                                          N errno or signal; TIMES 0 = always -> ruled TREE RULE
 *       drop TREE RULE                  -> dropped TREE RULE
 *       answer CALL go|follow|fail|kill N  follow: it goes on, and its process' end is told
 *       forget TREE
 *
 *       exec TREE PID PARENT FOLDER\x1fARGV  a program is about to run there (words joined by \x1f)
 *       hit TREE RULE CALL PID PARENT TEXT a call waits for its answer
 *       did TREE RULE COUNT PID TEXT       a call was failed or killed
 *       over TREE PID                      a process that is followed has ended; told before any call
 *                                          that its parent makes afterwards
 *       gone TREE                          no process of a launch is left
 *
 *   Texts and patterns are one line: \ is written \\, a line feed \n.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "match.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the exec filter knows x86-64 and AArch64"
#endif

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP /* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

/* What a process handle tells of its process (Linux 6.13), as far as we ask. */
struct process_info { uint64_t mask, cgroup; uint32_t pid, group, parent, rest[9]; };
#ifndef PIDFD_GET_INFO
#define PIDFD_GET_INFO _IOWR(0xFF, 11, struct process_info)
#endif

enum { PARKED = 200, TEXT = 1 << 16, MOST = 512, WAIT_MS = 5000, LINGER_MS = 20 };
enum { PAGE = 4096, HEAD = 256, BATCH = 32, WORDS = 1024 };

/* --- what is watched -------------------------------------------------------------------------- */

enum kind { EXEC, CONNECT, OPEN, WRITE };
static const char *const KINDS[] = {"exec", "connect", "open", "write"};
static const char OPTIONS[] = {0, 'c', 'o', 'w'};

/* How the argument `at` says what a call is about. */
enum says { PROGRAM, PROGRAM_AT, ADDRESS, MESSAGE, PATH, PATH_AT, FILE_OPEN };

struct watched { int nr; enum kind kind; enum says says; int at; };
static const struct watched WATCHED[] = {
    {SYS_execve, EXEC, PROGRAM, 0},
    {SYS_execveat, EXEC, PROGRAM_AT, 1},
    {SYS_connect, CONNECT, ADDRESS, 1},
    {SYS_sendto, CONNECT, ADDRESS, 4},
    {SYS_sendmsg, CONNECT, MESSAGE, 1},
    {SYS_sendmmsg, CONNECT, MESSAGE, 1},
#ifdef SYS_open
    {SYS_open, OPEN, PATH, 0},
    {SYS_creat, OPEN, PATH, 0},
#endif
    {SYS_openat, OPEN, PATH_AT, 1},
    {SYS_openat2, OPEN, PATH_AT, 1},
    {SYS_write, WRITE, FILE_OPEN, 0},
    {SYS_writev, WRITE, FILE_OPEN, 0},
    {SYS_pwrite64, WRITE, FILE_OPEN, 0},
    {SYS_pwritev, WRITE, FILE_OPEN, 0},
    {SYS_pwritev2, WRITE, FILE_OPEN, 0},
    {SYS_sendfile, WRITE, FILE_OPEN, 0},
    {SYS_splice, WRITE, FILE_OPEN, 2},
    {SYS_copy_file_range, WRITE, FILE_OPEN, 2},
};
enum { WATCHED_CALLS = sizeof WATCHED / sizeof *WATCHED };

/* --- launch --------------------------------------------------------------------------------- */

#define WORD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define WHEN(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), skip, 0)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, skip)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

/* One that sends along a connection names no address; it is let through without asking. */
static int ask_if_addressed(struct sock_filter *to) {
    const struct sock_filter block[] = {
        UNLESS(SYS_sendto, 6),
        WORD(offsetof(struct seccomp_data, args[4])), /* the pointer's lower half */
        UNLESS(0, 2),
        WORD(offsetof(struct seccomp_data, args[4]) + 4),
        WHEN(0, 1),
        RETURN(SECCOMP_RET_USER_NOTIF),
        RETURN(SECCOMP_RET_ALLOW),
    };
    memcpy(to, block, sizeof block);
    return sizeof block / sizeof *block;
}

static int ask(struct sock_filter *to, int nr) {
    if (nr == SYS_sendto) return ask_if_addressed(to);
    to[0] = (struct sock_filter)UNLESS(nr, 1);
    to[1] = (struct sock_filter)RETURN(SECCOMP_RET_USER_NOTIF);
    return 2;
}

static int install(const int *kinds) {
    struct sock_filter program[8 + 8 * WATCHED_CALLS];
    int n = 0;
    program[n++] = (struct sock_filter)WORD(offsetof(struct seccomp_data, arch));
    program[n++] = (struct sock_filter)WHEN(ARCHITECTURE, 1);
    program[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    program[n++] = (struct sock_filter)WORD(offsetof(struct seccomp_data, nr));
    for (int i = 0; i < WATCHED_CALLS; i++)
        if (kinds[WATCHED[i].kind]) n += ask(program + n, WATCHED[i].nr);
    program[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {(unsigned short)n, program};
    unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &filter);
    if (fd < 0) fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
    return fd;
}

static int launch(int count, char **words) {
    int kinds[sizeof OPTIONS] = {[EXEC] = 1}, option;
    while ((option = getopt(count, words, "+cow")) != -1) {
        const char *known = memchr(OPTIONS, option, sizeof OPTIONS);
        if (!known) return 2;
        kinds[known - OPTIONS] = 1;
    }
    if (optind >= count) return 2;
    int fd = install(kinds);
    if (fd < 0 || dup3(fd, PARKED, O_CLOEXEC) < 0) {
        fprintf(stderr, "seccomp: %s\n", strerror(errno));
        return 126;
    }
    close(fd);
    kill(getpid(), SIGSTOP);
    close(PARKED);
    execvp(words[optind], words + optind);
    fprintf(stderr, "%s: %s\n", words[optind], strerror(errno));
    return 127;
}

/* --- supervise: what is known --------------------------------------------------------------- */

enum verb { HOLD, FAIL, KILL };
static const char *const VERBS[] = {"hold", "fail", "kill"};

struct rule { long tree, id; enum kind kind; enum verb verb; int value; long times, count; struct pattern *pattern; };
struct listener { long tree; int fd; pid_t pid; int root; };
struct call { long id, tree; int fd; struct seccomp_notif asked; };
struct followed { long tree; pid_t pid; int fd; };

static struct rule rules[MOST];
static struct listener listeners[MOST];
static struct call calls[MOST];
static struct followed followed[MOST];
static int rule_count, listener_count, call_count, followed_count;
static long last_call;

/* Mere records linger a few milliseconds, so that a busy tree does not wake the reader each time;
   all else is told at once, and what lingers goes before it. */
static int urgent;
static long lingers_since;

static void tell(const char *format, va_list list) {
    vprintf(format, list);
    putchar('\n');
}

static void say(const char *format, ...) {
    va_list list;
    va_start(list, format);
    tell(format, list);
    va_end(list);
    urgent = 1;
}

static long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void record(const char *format, ...) {
    va_list list;
    va_start(list, format);
    tell(format, list);
    va_end(list);
    if (!lingers_since) lingers_since = milliseconds();
}

/* Tells what is due; returns how long the rest may linger, -1 when there is none. */
static int told(void) {
    long left = lingers_since ? lingers_since + LINGER_MS - milliseconds() : -1;
    if (!urgent && lingers_since && left > 0) return (int)left;
    fflush(stdout);
    urgent = 0;
    lingers_since = 0;
    return -1;
}

static const char *one_line(const char *text) {
    static char line[2 * TEXT + 1];
    char *to = line;
    for (; *text && to < line + 2 * TEXT - 2; text++) {
        if (*text == '\\' || *text == '\n') *to++ = '\\';
        *to++ = *text == '\n' ? 'n' : *text;
    }
    *to = 0;
    return line;
}

/* --- supervise: reading the callers ---------------------------------------------------------- */

static long peek(pid_t pid, uint64_t at, void *to, size_t size) {
    struct iovec local = {to, size}, remote = {(void *)(uintptr_t)at, size};
    return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

/* Read a string page by page: the last one may end where the memory does. */
static size_t peek_text(pid_t pid, uint64_t at, char *to, size_t room) {
    size_t got = 0;
    while (got + 1 < room) {
        size_t want = PAGE - (at + got) % PAGE;
        if (want > room - 1 - got) want = room - 1 - got;
        long n = peek(pid, at + got, to + got, want);
        if (n <= 0) break;
        char *end = memchr(to + got, 0, (size_t)n);
        if (end) return (size_t)(end - to);
        got += (size_t)n;
    }
    to[got] = 0;
    return got;
}

/* The first bytes of a string of a caller's; `size` of them were read. */
struct head { char text[HEAD]; size_t size; };

/* Read the heads of many strings at once, each up to the end of its page at most. */
static void peek_heads(pid_t pid, const uint64_t *at, struct head *heads, int count) {
    struct iovec local[BATCH], remote[BATCH];
    for (int i = 0; i < count; i++) {
        size_t size = PAGE - at[i] % PAGE;
        local[i] = (struct iovec){heads[i].text, size < HEAD ? size : HEAD};
        remote[i] = (struct iovec){(void *)(uintptr_t)at[i], local[i].iov_len};
        heads[i].size = 0;
    }
    long got = process_vm_readv(pid, local, (unsigned long)count, remote, (unsigned long)count, 0);
    for (int i = 0; i < count && got >= (long)local[i].iov_len; i++) {
        heads[i].size = local[i].iov_len;
        got -= (long)local[i].iov_len;
    }
}

/* Copy a string of which the head was read; what is longer is read now. */
static size_t whole(pid_t pid, uint64_t at, const struct head *head, char *to, size_t room) {
    size_t n = strnlen(head->text, head->size);
    int ended = n < head->size;
    if (n > room - 1) n = room - 1;
    memcpy(to, head->text, n);
    to[n] = 0;
    return ended ? n : n + peek_text(pid, at + n, to + n, room - n);
}

/* Read pointers up to a null, the end of their page, or `most`; `more` says whether others follow. */
static int peek_pointers(pid_t pid, uint64_t from, uint64_t *to, int most, int *more) {
    size_t want = PAGE - from % PAGE;
    if (want > 8 * (size_t)most) want = 8 * (size_t)most;
    if (want < 8) want = 8;
    long n = from ? peek(pid, from, to, want) / 8 : 0;
    int count = 0;
    while (count < n && to[count]) count++;
    *more = count && count == n;
    return count;
}

/* Read what is to be executed, and its words, in as few calls as may be. */
static void peek_execution(pid_t pid, uint64_t path, uint64_t words, char *name, char *text) {
    static struct head heads[BATCH];
    uint64_t at[BATCH] = {path};
    size_t used = 0;
    int seen = 0, more;
    text[0] = 0;
    do {
        int count = peek_pointers(pid, words + 8 * (uint64_t)seen, at + 1, BATCH - 1, &more);
        int known = seen > 0; /* the path came with the first batch */
        peek_heads(pid, at + known, heads + known, count + 1 - known);
        if (!known) whole(pid, path, &heads[0], name, PAGE);
        for (int i = 1; i <= count && used < TEXT - 2; i++) {
            if (seen++) text[used++] = '\x1f';
            used += whole(pid, at[i], &heads[i], text + used, TEXT - 1 - used);
        }
    } while (more && seen < WORDS && used < TEXT - 2);
}

/* Name, below /proc, the folder that a relative path of a caller's begins at. */
static void base_of(pid_t pid, int folder, char *path, size_t room) {
    if (folder == AT_FDCWD) snprintf(path, room, "/proc/%d/cwd", pid);
    else snprintf(path, room, "/proc/%d/fd/%d", pid, folder);
}

/* Whether an absolute path leads to something from a listener's root: the cheap question, since
   nothing below /proc has to be made for it.  No says little: the caller may have another root. */
static int is_below(int root, const char *name) {
    struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int fd = name[0] == '/' ? (int)syscall(SYS_openat2, root, name, &how, sizeof how) : -1;
    if (fd >= 0) close(fd);
    return fd >= 0;
}

/* execvp tries one folder after another: a try that finds no file is no execution. */
static int is_there(const struct listener *from, pid_t pid, int folder, const char *name) {
    char base[64], path[PAGE + 64];
    struct stat found;
    if (!*name || is_below(from->root, name)) return 1;
    if (name[0] == '/') snprintf(base, sizeof base, "/proc/%d/root", pid);
    else base_of(pid, folder, base, sizeof base);
    snprintf(path, sizeof path, "%s/%s", base, name + (name[0] == '/'));
    return lstat(path, &found) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static void address(pid_t pid, uint64_t at, uint64_t size, char *text) {
    union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; struct sockaddr_un local; } to;
    char name[INET6_ADDRSTRLEN] = "";
    memset(&to, 0, sizeof to);
    peek(pid, at, &to, size < sizeof to ? size : sizeof to);
    if (to.any.sa_family == AF_INET)
        snprintf(text, TEXT, "%s:%d", inet_ntop(AF_INET, &to.v4.sin_addr, name, sizeof name), ntohs(to.v4.sin_port));
    else if (to.any.sa_family == AF_INET6)
        snprintf(text, TEXT, "[%s]:%d", inet_ntop(AF_INET6, &to.v6.sin6_addr, name, sizeof name), ntohs(to.v6.sin6_port));
    else if (to.any.sa_family == AF_UNIX)
        snprintf(text, TEXT, "unix:%.*s", (int)sizeof to.local.sun_path, to.local.sun_path);
    else
        snprintf(text, TEXT, "family:%d", to.any.sa_family);
}

/* The address of a message, or of the first of several; without one there is no text. */
static void message(pid_t pid, uint64_t at, char *text) {
    struct msghdr header;
    if (peek(pid, at, &header, sizeof header) == (long)sizeof header && header.msg_name)
        address(pid, (uint64_t)(uintptr_t)header.msg_name, header.msg_namelen, text);
}

static void link_text(const char *path, char *text, size_t room) {
    ssize_t n = readlink(path, text, room - 1);
    text[n > 0 ? n : 0] = 0;
}

/* Take empty parts, "." and ".." out of an absolute path, as it is written: links are not followed. */
static void tidy(char *path) {
    char *to = path;
    for (const char *part = path; *part;) {
        size_t size = strcspn(part + 1, "/") + 1;
        if (size == 3 && !strncmp(part, "/..", 3)) {
            while (to > path && *--to != '/') continue;
        } else if (size > 1 && !(size == 2 && part[1] == '.')) {
            memmove(to, part, size);
            to += size;
        }
        part += size;
    }
    if (to == path) *to++ = '/';
    *to = 0;
}

/* Tell the folder that a relative path of a caller's begins at. */
static void folder_of(pid_t pid, int folder, char *text) {
    char base[64];
    base_of(pid, folder, base, sizeof base);
    link_text(base, text, PAGE);
}

static void opened(pid_t pid, int folder, uint64_t at, char *text) {
    char name[PAGE];
    size_t used = 0;
    peek_text(pid, at, name, sizeof name);
    if (name[0] != '/') {
        folder_of(pid, folder, text);
        used = strlen(text);
    }
    snprintf(text + used, TEXT - used, "%s%s", used ? "/" : "", name);
    if (text[0] == '/') tidy(text);
}

static void file_open(pid_t pid, int fd, char *text) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
    link_text(path, text, TEXT);
}

/* Put the folder that a caller stands in before what it is about. */
static const char *placed(const char *folder, const char *text) {
    static char line[PAGE + TEXT + 1];
    snprintf(line, sizeof line, "%s\x1f%s", folder, text);
    return one_line(line);
}

/* Read what a call is about; false if that is nothing that a rule could name. */
static int describe(const struct listener *from, const struct watched *call, const struct seccomp_notif *asked, char *text) {
    static char program[PAGE];
    const __u64 *args = asked->data.args, at = args[call->at];
    pid_t pid = (pid_t)asked->pid;
    int folder = call->says == PATH_AT || call->says == PROGRAM_AT ? (int)args[0] : AT_FDCWD;
    text[0] = 0;
    switch (call->says) {
    case PROGRAM:
    case PROGRAM_AT:
        peek_execution(pid, at, args[call->at + 1], program, text);
        return is_there(from, pid, folder, program);
    case ADDRESS: address(pid, at, args[call->at + 1], text); break;
    case MESSAGE: message(pid, at, text); break;
    case PATH:
    case PATH_AT: opened(pid, folder, at, text); break;
    case FILE_OPEN: file_open(pid, (int)at, text); break;
    }
    return *text != 0;
}

static const struct watched *watched(int nr) {
    for (int i = 0; i < WATCHED_CALLS; i++) if (WATCHED[i].nr == nr) return &WATCHED[i];
    return NULL;
}

static pid_t parent_and_state(pid_t pid, char *state) {
    char path[64], line[512];
    int parent = 0;
    *state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t n = read(fd, line, sizeof line - 1);
    close(fd);
    line[n > 0 ? n : 0] = 0;
    char *rest = strrchr(line, ')');
    if (rest) sscanf(rest + 1, " %c %d", state, &parent);
    return parent;
}

/* A handle is asked first: what is read below /proc costs twice as much, and once more at the end of
   the process.  An older kernel refuses, and a thread that is not its process' first has no handle. */
static pid_t parent_of(pid_t pid) {
    struct process_info info = {.mask = 1};
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    int known = process >= 0 && ioctl(process, PIDFD_GET_INFO, &info) == 0;
    char state;
    if (process >= 0) close(process);
    return known ? (pid_t)info.parent : parent_and_state(pid, &state);
}

/* --- supervise: deciding --------------------------------------------------------------------- */

/* Say whether a call still waits.  What was read of its process before was then read of it, and not
   of another that got its number after its end. */
static int waits(int fd, uint64_t cookie) {
    return ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &cookie) == 0;
}

/* Send a signal to the process that waits, and to none that got its number meanwhile.  (A thread that
   is not its process' first has no such handle; there only the moment between check and kill is left.) */
static void strike(int fd, uint64_t cookie, pid_t pid, int signal) {
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (waits(fd, cookie)) {
        if (process >= 0) syscall(SYS_pidfd_send_signal, process, signal, NULL, 0);
        else kill(pid, signal);
    }
    if (process >= 0) close(process);
}

/* Answer a call; returns whether it still waited for that. */
static int let(int fd, uint64_t cookie, pid_t pid, enum verb verb, int value) {
    struct seccomp_notif_resp answer = {.id = cookie};
    if (verb == FAIL) answer.error = -value;
    else answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    if (verb == KILL) strike(fd, cookie, pid, value);
    return ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0;
}

static struct rule *matching(long tree, enum kind kind, int held, const char *spaced, size_t size) {
    for (int i = 0; i < rule_count; i++) {
        struct rule *rule = &rules[i];
        if (rule->tree != tree || rule->kind != kind || (rule->times && rule->count >= rule->times)) continue;
        if (held && rule->verb == HOLD) continue;
        if (pattern_matches(rule->pattern, spaced, size)) return rule;
    }
    return NULL;
}

/* Find the rule that a call meets, its words joined by blanks; one that was held is held no more. */
static struct rule *met(long tree, enum kind kind, int held, const char *text) {
    static char spaced[TEXT];
    char *to = spaced;
    if (!rule_count) return NULL;
    for (; *text; text++) *to++ = *text == '\x1f' ? ' ' : *text;
    return matching(tree, kind, held, spaced, (size_t)(to - spaced));
}

static void act(const struct listener *from, struct rule *rule, const struct seccomp_notif *asked, pid_t parent, const char *text) {
    pid_t pid = (pid_t)asked->pid;
    rule->count++;
    if (rule->verb == HOLD && call_count < MOST) {
        calls[call_count++] = (struct call){++last_call, from->tree, from->fd, *asked};
        say("hit %ld %ld %ld %d %d %s", from->tree, rule->id, last_call, pid, parent, one_line(text));
        return;
    }
    let(from->fd, asked->id, pid, rule->verb, rule->value);
    if (rule->verb != HOLD) say("did %ld %ld %ld %d %s", from->tree, rule->id, rule->count, pid, one_line(text));
}

/* All that is known of the caller is read before the answer, and counts only if the call still waits
   then.  A call that meets no rule goes on before it is recorded: the record is written in the same
   turn, so it stands before whatever this process, or an order, brings next.  A held call is recorded
   behind its `hit`: what is done before the answer is done before the execution. */
static void decide(const struct listener *from, const struct seccomp_notif *asked) {
    static char text[TEXT], folder[PAGE];
    pid_t pid = (pid_t)asked->pid;
    const struct watched *call = watched(asked->data.nr);
    int counts = call && describe(from, call, asked, text);
    int recorded = counts && call->kind == EXEC;
    if (recorded) folder_of(pid, AT_FDCWD, folder);
    struct rule *rule = counts ? met(from->tree, call->kind, 0, text) : NULL;
    pid_t parent = recorded || rule ? parent_of(pid) : 0;
    if (!(rule ? waits(from->fd, asked->id) : let(from->fd, asked->id, pid, HOLD, 0))) return;
    int held = rule && rule->verb == HOLD;
    if (held) act(from, rule, asked, parent, text);
    if (recorded) record("exec %ld %d %d %s", from->tree, pid, parent, placed(folder, text));
    if (rule && !held) act(from, rule, asked, parent, text);
}

/* Let a held call go on; it may meet a rule that was not there when it was held. */
static void go(const struct call *held) {
    static char text[TEXT];
    const struct watched *what = watched(held->asked.data.nr);
    for (int i = 0; i < listener_count; i++) {
        if (listeners[i].fd != held->fd || !describe(&listeners[i], what, &held->asked, text)) continue;
        struct rule *rule = met(held->tree, what->kind, 1, text);
        if (!rule) break;
        act(&listeners[i], rule, &held->asked, 0, text);
        return;
    }
    let(held->fd, held->asked.id, (pid_t)held->asked.pid, HOLD, 0);
}

static void hear(const struct listener *from) {
    static union { struct seccomp_notif asked; char room[1024]; } in;
    memset(&in, 0, sizeof in);
    if (ioctl(from->fd, SECCOMP_IOCTL_NOTIF_RECV, &in.asked) == 0) decide(from, &in.asked);
}

/* --- supervise: orders ------------------------------------------------------------------------ */

static void forget_listener(int i) {
    close(listeners[i].fd);
    if (listeners[i].root >= 0) close(listeners[i].root);
    for (int j = call_count - 1; j >= 0; j--)
        if (calls[j].fd == listeners[i].fd) calls[j] = calls[--call_count];
    listeners[i] = listeners[--listener_count];
}

static void attach(long tree, pid_t pid) {
    char state = 0;
    for (int waited = 0; waited < WAIT_MS && state != 'T'; waited++) {
        parent_and_state(pid, &state);
        if (state == 'T') break;
        if (!state || state == 'Z') { say("error %ld the launcher ended", tree); return; }
        usleep(1000);
    }
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    int fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, PARKED, 0);
    if (fd < 0 || listener_count == MOST) say("error %ld %s", tree, strerror(errno));
    else {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        /* A caller only waits: run this in its place at once, not on another processor.  An older
           kernel refuses, and is slower. */
        ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
        char root[64];
        snprintf(root, sizeof root, "/proc/%d/root", pid);
        listeners[listener_count++] = (struct listener){tree, fd, pid, open(root, O_PATH | O_DIRECTORY | O_CLOEXEC)};
        say("held %ld %d", tree, pid);
    }
    if (process >= 0) close(process);
}

static int index_of(const char *word, const char *const *words, int count) {
    for (int i = 0; i < count; i++) if (!strcmp(word, words[i])) return i;
    return -1;
}

/* Turn one line into the text that it stands for, in its place; returns the text's size. */
static size_t unfold(char *line) {
    char *to = line;
    for (const char *from = line; *from; from++) {
        int escaped = *from == '\\' && from[1];
        if (escaped) from++;
        *to++ = escaped && *from == 'n' ? '\n' : *from;
    }
    *to = 0;
    return (size_t)(to - line);
}

static void add_rule(char *line) {
    char kind[16], verb[16];
    struct rule rule = {0};
    int at = 0;
    if (sscanf(line, "%ld %ld %15s %15s %d %ld%n", &rule.tree, &rule.id, kind, verb, &rule.value, &rule.times, &at) < 6) return;
    int k = index_of(kind, KINDS, 4), v = index_of(verb, VERBS, 3);
    char *pattern = line + at + (line[at] == ' '); /* one blank: the next is the pattern's */
    if (k < 0 || v < 0 || rule_count == MOST || !(rule.pattern = pattern_compile(pattern, unfold(pattern)))) {
        say("error %ld the rule is not understood", rule.tree);
        return;
    }
    rule.kind = (enum kind)k;
    rule.verb = (enum verb)v;
    rules[rule_count++] = rule;
    say("ruled %ld %ld", rule.tree, rule.id);
}

static void drop_rules(long tree, long id) {
    for (int i = rule_count - 1; i >= 0; i--)
        if (rules[i].tree == tree && (id < 0 || rules[i].id == id)) {
            pattern_free(rules[i].pattern);
            rules[i] = rules[--rule_count];
        }
}

/* Take note of a process; one that cannot be followed is never told to be over. */
static void follow(long tree, pid_t pid) {
    for (int i = 0; i < followed_count; i++) if (followed[i].tree == tree && followed[i].pid == pid) return;
    int fd = followed_count < MOST ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (fd >= 0) followed[followed_count++] = (struct followed){tree, pid, fd};
}

static void unfollow(int i) {
    close(followed[i].fd);
    followed[i] = followed[--followed_count];
}

static void answer(const char *line) {
    char verb[16];
    long id;
    int value = 0;
    if (sscanf(line, "%ld %15s %d", &id, verb, &value) < 2) return;
    for (int i = 0; i < call_count; i++)
        if (calls[i].id == id) {
            struct call held = calls[i];
            pid_t pid = (pid_t)held.asked.pid;
            calls[i] = calls[--call_count];
            if (!strcmp(verb, "follow")) follow(held.tree, pid);
            if (!strcmp(verb, "fail")) let(held.fd, held.asked.id, pid, FAIL, value);
            else if (!strcmp(verb, "kill")) let(held.fd, held.asked.id, pid, KILL, value);
            else go(&held);
            return;
        }
}

static void obey(char *line) {
    long tree = 0, number = 0;
    char verb[16] = "";
    int at = 0;
    sscanf(line, "%15s %n", verb, &at);
    sscanf(line + at, "%ld %ld", &tree, &number);
    if (!strcmp(verb, "attach")) attach(tree, (pid_t)number);
    else if (!strcmp(verb, "release")) kill((pid_t)number, SIGCONT);
    else if (!strcmp(verb, "rule")) add_rule(line + at);
    else if (!strcmp(verb, "drop")) { drop_rules(tree, number); say("dropped %ld %ld", tree, number); }
    else if (!strcmp(verb, "answer")) answer(line + at);
    else if (!strcmp(verb, "forget")) {
        drop_rules(tree, -1);
        for (int i = followed_count - 1; i >= 0; i--) if (followed[i].tree == tree) unfollow(i);
        for (int i = listener_count - 1; i >= 0; i--) if (listeners[i].tree == tree) forget_listener(i);
    }
}

static int supervise(void) {
    static char orders[4 * TEXT];
    static size_t held;
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    say("ready");
    for (;;) {
        struct pollfd on[2 * MOST + 1] = {{.fd = 0, .events = POLLIN}};
        int count = listener_count, more = followed_count;
        for (int i = 0; i < count; i++) on[i + 1] = (struct pollfd){.fd = listeners[i].fd, .events = POLLIN};
        for (int i = 0; i < more; i++) on[count + 1 + i] = (struct pollfd){.fd = followed[i].fd, .events = POLLIN};
        if (poll(on, (nfds_t)(count + more) + 1, told()) < 0) continue;
        for (int i = more - 1; i >= 0; i--) {
            if (!on[count + 1 + i].revents) continue;
            say("over %ld %d", followed[i].tree, followed[i].pid);
            unfollow(i);
        }
        for (int i = count; i > 0; i--) {
            if (on[i].revents & POLLIN) hear(&listeners[i - 1]);
            else if (on[i].revents & (POLLHUP | POLLERR)) {
                say("gone %ld", listeners[i - 1].tree);
                forget_listener(i - 1);
            }
        }
        if (!on[0].revents) continue;
        ssize_t n = read(0, orders + held, sizeof orders - 1 - held);
        if (n <= 0) return 0;
        held += (size_t)n;
        orders[held] = 0;
        char *line = orders, *end;
        while ((end = strchr(line, '\n'))) {
            *end = 0;
            obey(line);
            line = end + 1;
        }
        held -= (size_t)(line - orders);
        memmove(orders, line, held);
    }
}

int main(int count, char **words) {
    if (count > 1 && !strcmp(words[1], "launch")) return launch(count - 1, words + 1);
    if (count > 1 && !strcmp(words[1], "supervise")) return supervise();
    fprintf(stderr, "usage: exec_filter launch [-c] [-o] [-w] -- PROGRAM [ARG...] | exec_filter supervise\n");
    return 2;
}
