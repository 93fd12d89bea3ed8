/* What the exec filter reads of a caller's memory, and its orders. */
#include "target.h"
#define main program_main
#include <exec_filter.c>
#undef main
#include <sys/mman.h>

TARGET_WORDS("/", ".", "..", "/..", "//", "a", "\\", "\n", "\x1f", " ", "/usr/bin/env", "\x02", "\x0a", "\x01",
             "rule ", "drop ", "answer ", "forget ", "hold ", "fail ", "kill ", "exec ", "open ", "(a|", "[", "go");

/* Matching is RE2's; here a pattern meets the text that it is. */
struct pattern *pattern_compile(const char *text, size_t size) {
    return size ? (struct pattern *)strndup(text, size) : NULL;
}
int pattern_matches(const struct pattern *one, const char *text, size_t size) {
    return memmem(text, size, one, strlen((const char *)one)) != NULL;
}
void pattern_free(struct pattern *one) { free(one); }

enum { ROOM = 4 * PAGE };

/* A caller's memory: the input ends where nothing can be read any more. */
static uint8_t *memory_of(const uint8_t *data, size_t size) {
    static uint8_t *room;
    if (!room) room = mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(room + ROOM, PAGE, PROT_NONE);
    memcpy(room + ROOM - size, data, size);
    return room + ROOM - size;
}

static void expect(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

/* Addresses that lead into the memory, most often; each eighth is what the input says. */
static uint64_t pointer(const uint8_t *data, size_t size, size_t i, const uint8_t *memory) {
    uint64_t any = 0;
    memcpy(&any, data + i % size, size - i % size < 8 ? size - i % size : 8);
    return any % 8 ? (uint64_t)(uintptr_t)memory + any % size : any / 8;
}

static void check(const struct watched *call, const char *text) {
    expect(strlen(text) < TEXT, "a text ends in its room");
    expect(!strchr(one_line(text), '\n'), "a record is one line");
    if (call->kind == OPEN && text[0] == '/')
        expect(!strstr(text, "//") && !strstr(text, "/../") && !strstr(text, "/./"), "a path is tidy");
}

/* Each call that is watched, with arguments and a list of words out of the input. */
static void calls_of(const uint8_t *data, size_t size) {
    static char text[TEXT];
    static uint64_t words[ROOM / 8];
    const struct listener from = {.tree = 1, .fd = -1, .root = AT_FDCWD};
    const uint8_t *memory = memory_of(data, size);
    size_t count = size % 300;
    for (size_t i = 0; i < count; i++) words[i] = pointer(data, size, i, memory);
    words[count] = 0;
    for (int i = 0; i < WATCHED_CALLS; i++) {
        struct seccomp_notif asked = {.pid = (unsigned)getpid(), .data = {.nr = WATCHED[i].nr}};
        for (int j = 0; j < 6; j++) asked.data.args[j] = pointer(data, size, (size_t)(i + 7 * j), memory);
        if (WATCHED[i].kind == EXEC && size % 4) asked.data.args[WATCHED[i].at + 1] = (uint64_t)(uintptr_t)words;
        if (WATCHED[i].says == ADDRESS || WATCHED[i].says == FILE_OPEN) asked.data.args[WATCHED[i].at + (WATCHED[i].says == ADDRESS)] = size % 200;
        memset(text, 'x', sizeof text - 1);
        describe(&from, &WATCHED[i], &asked, text);
        check(&WATCHED[i], text);
        decide(&from, &asked);
        struct rule *rule = met(1, WATCHED[i].kind, (int)(size % 2), text);
        if (rule) act(&from, rule, &asked, 1, text);
    }
}

/* Orders come from the harness, with a pattern of the library's; no process is named here. */
static void orders(const uint8_t *data, size_t size) {
    char *text = strndup((const char *)data, size), *rest = text, *line;
    while ((line = strsep(&rest, "\n")))
        if (!strstr(line, "attach") && !strstr(line, "release")) obey(line);
    free(text);
    drop_rules(1, -1);
    while (rule_count) drop_rules(rules[0].tree, -1);
    call_count = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int ready;
    if (!ready++ && !freopen("/dev/null", "w", stdout)) abort();
    if (!size || size > ROOM) return 0;
    obey((char[]){"rule 1 1 exec fail 5 0 a"});
    obey((char[]){"rule 1 2 open hold 0 9 /"});
    calls_of(data, size);
    orders(data, size);
    return 0;
}
