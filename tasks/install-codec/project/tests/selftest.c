#include "packline.h"

#include <stdio.h>
#include <string.h>

static const unsigned char frames[] = {
    0x02, 0x01, 0x00, 0xd2, 0x00, 0xff, 0xfb, 0x49,    /* 21.0 twice, then -0.5 */
    0x01, 0x00, 0x00, 0x07, 0x03,                      /* 0.7 once */
};

static void collect(void *to, int tenths)
{
    char *text = to;
    sprintf(text + strlen(text), " %d", tenths);
}

static int expect(const char *what, int right)
{
    printf("%s %s\n", right ? "PASS" : "FAIL", what);
    return !right;
}

int main(void)
{
    char seen[100] = "";
    int failed = 0;
    failed += expect("two frames", packline_read(frames, sizeof frames, collect, seen) == 2);
    failed += expect("their readings", strcmp(seen, " 210 210 -5 7") == 0);
    failed += expect("a frame cut short", packline_read(frames, 6, collect, seen) == -1);
    unsigned char broken[sizeof frames];
    memcpy(broken, frames, sizeof frames);
    broken[2] ^= 1;
    failed += expect("a wrong checksum", packline_read(broken, sizeof broken, collect, seen) == -1);
    failed += expect("the version", strcmp(packline_version(), PACKLINE_VERSION) == 0);
    return failed != 0;
}
