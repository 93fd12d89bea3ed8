#include <packline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct summary {
    long count, sum;
    int low, high;
};

static void add(void *to, int tenths)
{
    struct summary *all = to;
    if (all->count == 0 || tenths < all->low)
        all->low = tenths;
    if (all->count == 0 || tenths > all->high)
        all->high = tenths;
    all->count++;
    all->sum += tenths;
}

static int report(const char *path)
{
    static unsigned char data[1 << 16];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    struct summary all = {0};
    int frames = packline_read(data, size, add, &all);
    if (frames < 0 || all.count == 0) {
        fprintf(stderr, "%s: not a record\n", path);
        return 1;
    }
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    printf("%.*s\t%d\t%ld\t%.1f\t%.1f\t%.2f\n", (int)strcspn(name, "."), name, frames, all.count,
           all.low / 10.0, all.high / 10.0, (double)all.sum / (double)all.count / 10.0);
    return 0;
}

int main(int count, char **paths)
{
    int failed = 0;
    puts("station\tframes\treadings\tlow\thigh\tmean");
    for (int i = 1; i < count; i++)
        failed |= report(paths[i]);
    return failed;
}
