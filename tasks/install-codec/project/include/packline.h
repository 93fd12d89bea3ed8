/* Records of a weather station: runs of equal readings in frames that carry a checksum. */
#ifndef PACKLINE_H
#define PACKLINE_H

#include <stddef.h>

/* Called for each reading of a frame; tenths of a degree. */
typedef void packline_sink(void *to, int tenths);

/* Hand every reading of the frames in `data` to `sink`.  Return the number of frames, or -1 where
   a frame is cut short or its checksum is wrong. */
int packline_read(const unsigned char *data, size_t size, packline_sink *sink, void *to);

const char *packline_version(void);

#endif
