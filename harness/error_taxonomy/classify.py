"""Name the error, if there is one, that a command ran into: pure, and linear in the output.

All patterns of the taxonomy run at once on RE2; what hits is then sifted by the rules at the head
of `harness/error_taxonomy/taxonomy.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial

from harness.error_taxonomy import taxonomy as types
from harness.error_taxonomy.command_lines import Line
from harness.error_taxonomy.outputs import (
    clean,
    complains,
    drop_quotes,
    edges,
    line_at,
    own_lines,
    own_words,
)
from harness.error_taxonomy.pattern_set import Patterns
from harness.error_taxonomy.symptoms import OWN, SURE, Symptom, rows
from harness.error_taxonomy.taxonomy import ErrorType, Taxonomy
from harness.patterns import compile_pattern

SIGPIPE = 141
"""How a stage of a pipeline ends when its reader has had enough: no error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one step ran into."""

    error_type: str | None = None
    """None: no error."""
    also: tuple[str, ...] = ()
    """Other types whose symptoms show, most telling first."""
    masked: bool = False
    """The exit code hid it."""
    line: str | None = None
    """The line of the output that shows it; None where the exit code alone does."""


NOTHING = Finding()


class Classifier:
    """The taxonomy made ready: build it once, ask it often."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self._rows = rows(taxonomy)
        self._patterns = Patterns(self._rows.sources)
        self._counting = lru_cache(maxsize=512)(self._rows.counting)
        known = taxonomy.viewer_commands, taxonomy.no_means_no, taxonomy.quiet_commands
        self._line = lru_cache(maxsize=4096)(partial(Line, known))
        self._hints = [(hint, kind) for kind in taxonomy.types for hint in kind.hints]
        self._words = Patterns([hint.re for hint, _ in self._hints])
        self._exits = {code: kind for kind in taxonomy.types for code in kind.exit_only}
        self._silent = [(one, kind) for kind in taxonomy.types for one in kind.exit_silent]

    def classify(
        self,
        command: str,
        exit_code: int | None,
        output: str,
        pipestatus: Sequence[int] = (),
    ) -> Finding:
        """Name the error of one step; `exit_code` None: unknown.

        `pipestatus` holds the exit codes of the last pipeline's stages, where they are known.
        """
        code, hidden = _deciding(exit_code, pipestatus)
        line = self._line(command)
        text = drop_quotes(clean(output))
        found = self._patterns.matching(text)
        hits = self._possible(line, code, found)
        masked = False
        if hits or not self._rows.ignored.isdisjoint(found):
            own = self._own(line, code, text, found)
            if own != text:
                hits, found = self._left(hits, found, own)
            hits, masked = self._counted(line, code, own, hits, found)
            text = own
        return self._winner(line, code, text, hits, masked=masked or hidden)

    def _possible(self, line: Line, code: int | None, found: list[int]) -> list[Symptom]:
        """Return the symptoms that count as far as the command and its exit code tell."""
        counting = self._counting(code)
        hits = [
            hit
            for place in found
            if (hit := counting.get(place)) and (not hit.command or line.matches(hit.command))
        ]
        if not hits:
            return hits
        if code == 1 and (line.asks or line.heard):
            least = SURE if line.heard else SURE // 2
            return [hit for hit in hits if hit.priority >= least]
        if code == 0 and not line.masks:
            return [hit for hit in hits if hit.opens(code, calm=False)]
        return hits

    def _own(self, line: Line, code: int | None, text: bytes, found: list[int]) -> bytes:
        """Leave out the lines that are not what this command has to say."""
        ignored = self._rows.ignored.intersection(found)
        if ignored:
            text = self._without(text, ignored)
        if line.viewer:
            text = own_lines(text, line.programs, failed=bool(code))
        return text if code else own_words(text, line.content)

    def _left(
        self, hits: list[Symptom], found: list[int], text: bytes
    ) -> tuple[list[Symptom], list[int]]:
        """Return what is still found when lines were left out: symptoms, and what bears on them."""
        still, symptoms = self._patterns.found, self._rows.symptoms
        return (
            [hit for hit in hits if hit.pattern.anywhere or still(hit.place, text)],
            [place for place in found if place not in symptoms and still(place, text)],
        )

    def _without(self, text: bytes, places: Iterable[int]) -> bytes:
        """Drop the lines that one of the patterns is on."""
        lines = text.split(b"\n")
        found = self._patterns.found
        return b"\n".join(line for line in lines if not any(found(place, line) for place in places))

    def _counted(
        self, line: Line, code: int | None, text: bytes, hits: list[Symptom], found: list[int]
    ) -> tuple[list[Symptom], bool]:
        """Return the symptoms that count for this exit code, and whether it hid them."""
        bars = self._rows.bars
        barred = {bars[place] for place in found if place in bars}
        if barred:
            hits = [hit for hit in hits if hit.error_type not in barred]
        if code or not hits:
            return hits, False
        calm = not self._rows.calm.isdisjoint(found)
        hits = [hit for hit in hits if self._stands(hit, text, line.programs)]
        counted = [hit for hit in hits if hit.opens(code, calm=calm)]
        least = OWN if line.viewer else SURE
        loud = [hit for hit in hits if hit.priority >= least and not hit.pattern.exit]
        if code is None or calm or not loud or not line.masks:
            return counted, False
        ends = edges(text)
        hidden = [hit for hit in loud if ends is text or self._patterns.found(hit.place, ends)]
        counted += [hit for hit in hidden if hit not in counted]
        return sorted(counted, key=lambda hit: -hit.priority), bool(hidden)

    def _stands(self, hit: Symptom, text: bytes, programs: tuple[bytes, ...]) -> bool:
        """Say whether a symptom is on a line that it need not avoid.

        One that is no evidence by itself must stand on a line that complains, too.
        """
        if not self._shows(hit, text):
            return False
        if hit.exits != "failed":
            return True
        starts = self._patterns.starts(hit.place, text)
        return any(complains(line_at(text, start), programs) for start in starts)

    def _shows(self, hit: Symptom, text: bytes) -> bool:
        return not hit.avoid or self._last(hit, text) is not None

    def _winner(
        self, line: Line, code: int | None, text: bytes, hits: list[Symptom], *, masked: bool
    ) -> Finding:
        ranked, lasts = self._ranked(hits, text)
        alone = self._exits.get(code or 0) or (None if ranked else self._silence(line, code))
        if alone and (not ranked or ranked[0].priority < alone.priority):
            also = tuple([hit.error_type for hit in ranked])
            if alone.id not in also:
                return Finding(error_type=alone.id, also=also)
        if not ranked:
            return self._hinted(line, code, text)
        top = [hit for hit in ranked if hit.priority == ranked[0].priority]
        ends = [lasts.get(hit.place) or self._last(hit, text) or 0 for hit in top]
        end = max(ends)
        first = top[ends.index(end)]
        return Finding(
            error_type=first.error_type,
            also=tuple([hit.error_type for hit in ranked if hit is not first]),
            masked=masked,
            line=line_at(text, end).decode("utf-8", "replace").strip(),
        )

    def _ranked(self, hits: list[Symptom], text: bytes) -> tuple[list[Symptom], dict[int, int]]:
        """Return the strongest symptom of each type, the most telling first, as they come.

        Beside them, where those match last that had to be looked for to tell.
        """
        best: dict[str, Symptom] = {}
        lasts: dict[int, int] = {}
        for hit in hits:
            if hit.error_type in best:
                continue
            if hit.avoid:
                last = self._last(hit, text)
                if last is None:
                    continue
                lasts[hit.place] = last
            best[hit.error_type] = hit
        return list(best.values()), lasts

    def _hinted(self, line: Line, code: int | None, text: bytes) -> Finding:
        """Guess at a failure that nothing names; an answer, or an unknown exit code, is none."""
        if not code or (code == 1 and (line.asks or line.heard)):
            return NOTHING
        if line.viewer:
            text = own_lines(text, line.programs, failed=True)
        found = [self._hints[place] for place in self._words.matching(text)]
        fitting = [one for one in found if not one[0].command or line.matches(one[0].command)]
        best = max(fitting, key=lambda one: one[0].priority or 0, default=None)
        return Finding(error_type=best[1].id) if best else NOTHING

    def _silence(self, line: Line, code: int | None) -> ErrorType | None:
        """Return the type that an exit code tells where the output tells nothing."""
        for one, kind in self._silent:
            if one.exit == code and (not one.command or line.matches(one.command)):
                return kind
        return None

    def _last(self, hit: Symptom, text: bytes) -> int | None:
        """Return where the pattern matches last, lines that it must avoid left out."""
        if not hit.avoid:
            return self._patterns.last(hit.place, text)
        avoid = compile_pattern(hit.avoid)
        last, end, counts = None, -1, True
        for start in self._patterns.starts(hit.place, text):
            if start > end:
                line = line_at(text, start)
                end, counts = start + len(line), not avoid.search(line)
            last = start if counts else last
        return last


@cache
def default() -> Classifier:
    """Return the classifier of the taxonomy that comes with the package."""
    return Classifier(types.load())


def _deciding(exit_code: int | None, pipestatus: Sequence[int]) -> tuple[int | None, bool]:
    """Return the exit code that tells, and whether the shell hid it behind a 0."""
    if exit_code is not None and exit_code < 0:
        return 128 - exit_code, False
    if exit_code != 0 or not pipestatus:
        return exit_code, False
    bad = [code for code in pipestatus if code not in (0, SIGPIPE)]
    return (bad[-1], True) if bad else (exit_code, False)
