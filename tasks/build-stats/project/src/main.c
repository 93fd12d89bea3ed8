#include "latency.h"

#include <stdio.h>
#include <string.h>

static void print_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *end = strstr(name, ".txt");

    printf("%.*s", (int)(end ? end - name : (long)strlen(name)), name);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: latency FILE...\n");
        return 2;
    }
    puts("series\tn\tmean\tsd\tp50\tp95\tmax");
    for (int i = 1; i < argc; i++) {
        struct series s = series_read(argv[i]);

        series_sort(&s);
        print_name(argv[i]);
        printf("\t%zu\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\n", s.n, series_mean(&s), series_sd(&s),
               quantile(&s, 0.50), quantile(&s, 0.95), s.value[s.n - 1]);
        series_free(&s);
    }
    return 0;
}
