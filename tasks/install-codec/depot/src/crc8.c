#include "crc8.h"

unsigned char crc8(const unsigned char *data, size_t size)
{
    unsigned char sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            sum = (unsigned char)(sum & 0x80 ? sum << 1 ^ 0x07 : sum << 1);
    }
    return sum;
}
