#include "runs.h"

static int reading(const unsigned char *bytes)
{
    int value = bytes[0] << 8 | bytes[1];
    return value < 0x8000 ? value : value - 0x10000;
}

void runs_expand(const unsigned char *runs, size_t count, packline_sink *sink, void *to)
{
    for (; count > 0; count--, runs += RUN_BYTES)
        for (int left = runs[0] + 1; left > 0; left--)
            sink(to, reading(runs + 1));
}
