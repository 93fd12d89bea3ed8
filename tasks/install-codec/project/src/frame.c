#include "packline.h"
#include "runs.h"

#include <crc8.h>

/* A frame is the number of its runs in one byte, the runs, and the checksum of both. */
int packline_read(const unsigned char *data, size_t size, packline_sink *sink, void *to)
{
    int frames = 0;
    while (size > 0) {
        size_t body = 1 + (size_t)data[0] * RUN_BYTES;
        if (size < body + 1 || crc8(data, body) != data[body])
            return -1;
        runs_expand(data + 1, data[0], sink, to);
        data += body + 1;
        size -= body + 1;
        frames++;
    }
    return frames;
}
