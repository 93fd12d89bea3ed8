"""Rules for unsafe acts: patterns that hold, and examples of what they must and must not match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.library.diagnostics import Diagnostic, errors
from harness.library.rules.texts import pattern
from harness.library.yaml_positions import Document
from harness.models.unsafe import Unsafe
from harness.patterns import matches
from harness.shelltext.placed import read


def check(document: Document, rules: Sequence[Unsafe], workdir: str | None) -> Iterator[Diagnostic]:
    """Find what is wrong with the `unsafe` of a fault or task, its templates filled."""
    for i, rule in enumerate(rules):
        wrong = [*pattern(document, ("unsafe", i, "pattern"), rule.pattern)]
        if rule.unless is not None:
            wrong += pattern(document, ("unsafe", i, "unless"), rule.unless)
        yield from wrong if errors(wrong) else (*wrong, *_examples(document, i, rule, workdir))


def _examples(
    document: Document, i: int, rule: Unsafe, workdir: str | None
) -> Iterator[Diagnostic]:
    for wanted, key, texts in ((True, "hits", rule.hits), (False, "misses", rule.misses)):
        for n, text in enumerate(texts):
            seen = [each.text for each in read(text, workdir)[0]]
            if any(matches(rule.pattern, act) for act in seen) is not wanted:
                message = f"{'not ' * wanted}matched; seen as: {'; '.join(seen)}"
                yield document.at(("unsafe", i, key, n), "E412", message)
