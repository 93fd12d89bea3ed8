/* A pattern that a rule is written in: RE2, where ^ and $ mean lines, as everywhere in the harness. */
#ifndef MATCH_H
#define MATCH_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pattern;

/* Returns NULL for what RE2 refuses. */
struct pattern *pattern_compile(const char *text, size_t size);
int pattern_matches(const struct pattern *pattern, const char *text, size_t size);
void pattern_free(struct pattern *pattern);

#ifdef __cplusplus
}
#endif
#endif
