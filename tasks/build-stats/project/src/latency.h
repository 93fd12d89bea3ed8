#ifndef LATENCY_H
#define LATENCY_H

#include <stddef.h>

/* A series of measurements, in milliseconds. */
struct series {
    double *value;
    size_t n;
};

/* Read a file of numbers, one a line; exits with a message when that cannot be done. */
struct series series_read(const char *path);
void series_free(struct series *s);

double series_mean(const struct series *s);

/* The standard deviation of a sample; 0 for fewer than two numbers. */
double series_sd(const struct series *s);

/* Put the numbers in order, the smallest first. */
void series_sort(struct series *s);

/* The percentile p (0 to 1) of a series in order, interpolated linearly. */
double quantile(const struct series *sorted, double p);

#endif
