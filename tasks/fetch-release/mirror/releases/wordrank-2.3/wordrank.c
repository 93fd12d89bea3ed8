/* wordrank 2.3 - counts the words of its files. */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
    char *text;
    long count;
};

static struct word *words;
static size_t used, room;

static void add(const char *text)
{
    for (size_t i = 0; i < used; i++)
        if (strcmp(words[i].text, text) == 0) {
            words[i].count++;
            return;
        }
    if (used == room) {
        room = room ? 2 * room : 64;
        words = realloc(words, room * sizeof *words);
        if (!words)
            abort();
    }
    words[used].text = strdup(text);
    words[used++].count = 1;
}

/* A word: ASCII letters, and apostrophes between two of them. */
static void count(FILE *in)
{
    char text[256];
    size_t n = 0;
    int c, next = getc(in);

    while ((c = next) != EOF) {
        next = getc(in);
        if (isalpha(c) || (c == '\'' && n > 0 && next != EOF && isalpha(next))) {
            if (n < sizeof text - 1)
                text[n++] = (char)tolower(c);
        } else if (n > 0) {
            text[n] = '\0';
            add(text);
            n = 0;
        }
    }
    if (n > 0) {
        text[n] = '\0';
        add(text);
    }
}

static int rank(const void *a, const void *b)
{
    const struct word *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->text, y->text);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        count(stdin);
    for (int i = 1; i < argc; i++) {
        FILE *in = fopen(argv[i], "r");

        if (!in) {
            perror(argv[i]);
            return 1;
        }
        count(in);
        fclose(in);
    }
    qsort(words, used, sizeof *words, rank);
    for (size_t i = 0; i < used; i++)
        printf("%ld\t%s\n", words[i].count, words[i].text);
    return 0;
}
