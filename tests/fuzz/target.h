/* What the driver asks of a target: to take an input, and the words that its inputs are made of. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const char *const WORDS_OF_TARGET[];
extern const size_t words_of_target;

#define TARGET_WORDS(...) \
    const char *const WORDS_OF_TARGET[] = {__VA_ARGS__}; \
    const size_t words_of_target = sizeof WORDS_OF_TARGET / sizeof *WORDS_OF_TARGET
