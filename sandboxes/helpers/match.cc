/* RE2, which is C++, for a program in C. */
#include "match.h"

#include <re2/re2.h>

#include <string>

struct pattern {
    RE2 re2;
};

struct pattern *pattern_compile(const char *text, size_t size) {
    auto *made = new pattern{RE2("(?m)" + std::string(text, size), RE2::Quiet)};
    if (made->re2.ok()) return made;
    delete made;
    return nullptr;
}

int pattern_matches(const struct pattern *pattern, const char *text, size_t size) {
    return RE2::PartialMatch(re2::StringPiece(text, size), pattern->re2);
}

void pattern_free(struct pattern *pattern) {
    delete pattern;
}
