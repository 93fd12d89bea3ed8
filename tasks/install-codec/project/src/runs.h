#ifndef RUNS_H
#define RUNS_H

#include "packline.h"

/* A run is a count and a reading: one byte, then two bytes, the high one first. */
enum { RUN_BYTES = 3 };

void runs_expand(const unsigned char *runs, size_t count, packline_sink *sink, void *to);

#endif
