/* Eight bit checksums for short records: the polynomial 0x07, nothing reflected. */
#ifndef CRC8_H
#define CRC8_H

#include <stddef.h>

#define CRC8_VERSION 0x0102

unsigned char crc8(const unsigned char *data, size_t size);

#endif
