#include "latency.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct series series_read(const char *path)
{
    struct series s = {NULL, 0};
    size_t room = 0;
    double x;
    FILE *file = fopen(path, "r");

    if (!file) {
        perror(path);
        exit(1);
    }
    while (fscanf(file, "%lf", &x) == 1) {
        if (s.n == room) {
            room = room ? 2 * room : 64;
            s.value = realloc(s.value, room * sizeof *s.value);
            if (!s.value) {
                perror("latency");
                exit(1);
            }
        }
        s.value[s.n++] = x;
    }
    if (!feof(file) || s.n == 0) {
        fprintf(stderr, "%s: line %zu is not a number\n", path, s.n + 1);
        exit(1);
    }
    fclose(file);
    return s;
}

void series_free(struct series *s)
{
    free(s->value);
    s->value = NULL;
    s->n = 0;
}

double series_mean(const struct series *s)
{
    double sum = 0;

    for (size_t i = 0; i < s->n; i++)
        sum += s->value[i];
    return sum / (double)s->n;
}

double series_sd(const struct series *s)
{
    double mean = series_mean(s), squares = 0;

    if (s->n < 2)
        return 0;
    for (size_t i = 0; i < s->n; i++)
        squares += (s->value[i] - mean) * (s->value[i] - mean);
    return sqrt(squares / (double)(s->n - 1));
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void series_sort(struct series *s)
{
    qsort(s->value, s->n, sizeof *s->value, compare);
}
