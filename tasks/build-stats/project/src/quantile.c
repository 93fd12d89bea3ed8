#include "latency.h"

double quantile(const struct series *sorted, double p)
{
    double position = p * (double)(sorted->n - 1);
    size_t below = (size_t)position;
    double share = position - (double)below;

    if (below + 1 >= sorted->n)
        return sorted->value[sorted->n - 1];
    return sorted->value[below] + share * (sorted->value[below + 1] - sorted->value[below]);
}
