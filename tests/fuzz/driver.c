/* Runs one target on made-up inputs, the same ones each time: driver SEED FIRST COUNT.
 *
 *   An input is a chain of the target's own words, of numbers and of bytes that are only noise.
 *   With clang, -fsanitize=fuzzer takes this file's place.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

enum { LONGEST = 3 * 4096 };

static uint64_t state;

static uint32_t draw(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

static size_t noise(uint8_t *to, size_t room) {
    size_t size = draw(draw(8) ? 16 : 5000);
    if (size > room) size = room;
    uint8_t fixed = (uint8_t)draw(256);
    for (size_t i = 0, same = draw(2); i < size; i++) to[i] = same ? fixed : (uint8_t)draw(256);
    return size;
}

static size_t number(uint8_t *to, size_t room) {
    static const long long SPECIAL[] = {0, 1, -1, 255, 4095, 4096, 65535, 65536, 2147483647, -2147483648LL, 4294967295LL, INT64_MAX, INT64_MIN};
    char text[32];
    long long value = draw(2) ? (long long)draw(300) : SPECIAL[draw(sizeof SPECIAL / sizeof *SPECIAL)];
    size_t size = (size_t)snprintf(text, sizeof text, "%lld", value);
    if (size > room) size = room;
    memcpy(to, text, size);
    return size;
}

static size_t word(uint8_t *to, size_t room) {
    const char *text = WORDS_OF_TARGET[draw((uint32_t)words_of_target)];
    size_t size = strlen(text) < room ? strlen(text) : room;
    memcpy(to, text, size);
    return size;
}

static size_t make(uint8_t *to) {
    size_t size = 0;
    for (uint32_t parts = draw(60); parts > 0; parts--) {
        uint32_t kind = draw(8);
        size_t room = LONGEST - size;
        size += kind == 0 ? noise(to + size, room) : kind < 3 ? number(to + size, room) : word(to + size, room);
    }
    return size;
}

int main(int count, char **words) {
    static uint8_t made[LONGEST];
    long long seed = count > 1 ? atoll(words[1]) : 1;
    long long first = count > 2 ? atoll(words[2]) : 0, many = count > 3 ? atoll(words[3]) : 1000;
    for (long long i = first; i < first + many; i++) {
        state = (uint64_t)(seed * 1000003 + i) * 0x9E3779B97F4A7C15u + 1;
        size_t size = make(made);
        uint8_t *exact = malloc(size ? size : 1); /* so that a byte read too many is seen */
        memcpy(exact, made, size);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    fprintf(stderr, "%lld inputs\n", many);
    return 0;
}
