#include "packline.h"

const char *packline_version(void)
{
    return PACKLINE_VERSION;
}
