"""Name the error, if there is one, that a command ran into: pure, and linear in the output.

All patterns of the taxonomy run at once on RE2; what hits is then sifted by the rules at the head
of `harness/data/taxonomy.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from harness.organic import taxonomy as types
from harness.organic.joined import masks
from harness.organic.lines import Facts, facts
from harness.organic.outputs import (
    clean,
    complains,
    echoes_removed,
    edges,
    line_at,
    own_lines,
    said,
    source_removed,
)
from harness.organic.patterns import Patterns, compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.organic.taxonomy import ErrorType, Pattern, Taxonomy

SURE = 60
"""The priority from which a pattern counts although the exit code is unknown, or masked."""

OWN = 40
"""The same, in a line that a viewer begins with its name."""

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


@dataclass(frozen=True, slots=True)
class _Row:
    what: Literal["ignore", "calm", "bar", "hit"]
    source: str
    kind: ErrorType | None = None
    pattern: Pattern | None = None


@dataclass(frozen=True, slots=True)
class _Hit:
    kind: ErrorType
    pattern: Pattern
    priority: int
    row: int


class Classifier:
    """The taxonomy made ready: build it once, ask it often."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        rows: list[_Row] = [_Row("ignore", source) for source in taxonomy.ignore_lines]
        rows += [_Row("calm", source) for source in taxonomy.calm]
        for kind in taxonomy.types:
            rows += [_Row("bar", source, kind) for source in kind.not_patterns]
            rows += [_Row("hit", pattern.re, kind, pattern) for pattern in kind.patterns]
        self._rows = rows
        self._patterns = Patterns([row.source for row in rows])
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
        text = said(clean(output))
        rows = self._patterns.matching(text)
        if rows:
            text, rows = self._narrowed(command, code, text, rows)
        hits, masked = self._counted(command, code, text, rows) if rows else ([], False)
        return self._winner(command, code, text, hits, masked=masked or hidden)

    def _narrowed(
        self, command: str, code: int | None, text: bytes, rows: list[int]
    ) -> tuple[bytes, list[int]]:
        """Leave out the lines that are not what this command has to say."""
        before = text
        ignored = [row for row in rows if self._rows[row].what == "ignore"]
        if ignored:
            text = self._without(text, ignored)
        if not code:
            text = source_removed(echoes_removed(text, command.encode("utf-8", "replace")))
        about = self._facts(command)
        if about.viewer:
            text = own_lines(text, about.programs, failed=bool(code))
        if text is before:
            return text, rows
        found = self._patterns.found
        return text, [row for row in rows if self._anywhere(row) or found(row, text)]

    def _anywhere(self, row: int) -> bool:
        pattern = self._rows[row].pattern
        return pattern is not None and pattern.anywhere

    def _without(self, text: bytes, rows: list[int]) -> bytes:
        """Drop the lines that one of the patterns is on."""
        lines = text.split(b"\n")
        found = self._patterns.found
        return b"\n".join(line for line in lines if not any(found(row, line) for row in rows))

    def _counted(
        self, command: str, code: int | None, text: bytes, rows: list[int]
    ) -> tuple[list[_Hit], bool]:
        """Return the hits that count for this exit code, and whether it hid them."""
        about = self._facts(command)
        calm = code in (0, None) and any(self._rows[row].what == "calm" for row in rows)
        hits = self._hits(rows, command, text)
        if code == 1 and (about.asks or about.heard):
            hits = [hit for hit in hits if hit.priority >= (SURE if about.heard else SURE // 2)]
        if not code:
            hits = [hit for hit in hits if self._stands(hit, text, about.programs)]
        counted = [hit for hit in hits if _opens(hit, code, calm=calm)]
        if code != 0 or calm or not masks(command):
            return counted, False
        ends = edges(text)
        shown = {row for row in rows if ends is text or self._patterns.found(row, ends)}
        least = OWN if about.viewer else SURE
        loud = [hit for hit in hits if hit.priority >= least and not hit.pattern.exit]
        hidden = [hit for hit in loud if hit.row in shown]
        return counted + [hit for hit in hidden if hit not in counted], bool(hidden)

    def _hits(self, rows: list[int], command: str, text: bytes) -> list[_Hit]:
        found = [(place, self._rows[place]) for place in rows]
        barred = {row.kind.id for _, row in found if row.kind and row.what == "bar"}
        hits = []
        for place, row in found:
            if row.kind is None or row.pattern is None or row.kind.id in barred:
                continue
            if self._fits(place, row.pattern, command, text):
                priority = row.pattern.priority
                priority = row.kind.priority if priority is None else priority
                hits.append(_Hit(row.kind, row.pattern, priority, place))
        return hits

    def _stands(self, hit: _Hit, text: bytes, programs: tuple[bytes, ...]) -> bool:
        """Say whether a symptom that is no proof by itself stands on a line that complains."""
        if hit.pattern.gate != "failed":
            return True
        starts = self._patterns.starts(hit.row, text)
        return any(complains(line_at(text, start), programs) for start in starts)

    def _fits(self, place: int, pattern: Pattern, command: str, text: bytes) -> bool:
        if pattern.command and not _found(pattern.command, command):
            return False
        return not pattern.avoid or self._last(place, text) is not None

    def _winner(
        self, command: str, code: int | None, text: bytes, hits: list[_Hit], *, masked: bool
    ) -> Finding:
        best: dict[str, _Hit] = {}
        for hit in hits:
            if hit.kind.id not in best or hit.priority > best[hit.kind.id].priority:
                best[hit.kind.id] = hit
        ranked = sorted(best.values(), key=lambda hit: -hit.priority)
        alone = self._exits.get(code or 0) or (None if ranked else self._silence(command, code))
        if alone and alone.id not in best and (not ranked or ranked[0].priority < alone.priority):
            also = tuple(hit.kind.id for hit in ranked)
            return Finding(error_type=alone.id, also=also)
        if not ranked:
            return self._hinted(command, code, text)
        top = [hit for hit in ranked if hit.priority == ranked[0].priority]
        first = max(top, key=lambda hit: self._last(hit.row, text) or 0)
        return Finding(
            error_type=first.kind.id,
            also=tuple(hit.kind.id for hit in ranked if hit is not first),
            masked=masked,
            line=line_at(text, self._last(first.row, text) or 0).decode("utf-8", "replace").strip(),
        )

    def _hinted(self, command: str, code: int | None, text: bytes) -> Finding:
        """Guess at a failure that nothing names; an answer, or an unknown exit code, is none."""
        about = self._facts(command)
        if not code or (code == 1 and (about.asks or about.heard)):
            return NOTHING
        if about.viewer:
            text = own_lines(text, about.programs, failed=True)
        found = [self._hints[place] for place in self._words.matching(text)]
        fitting = [one for one in found if not one[0].command or _found(one[0].command, command)]
        best = max(fitting, key=lambda one: one[0].priority or 0, default=None)
        return Finding(error_type=best[1].id) if best else NOTHING

    def _silence(self, command: str, code: int | None) -> ErrorType | None:
        """Return the type that an exit code tells where the output tells nothing."""
        for one, kind in self._silent:
            if one.exit == code and (not one.command or _found(one.command, command)):
                return kind
        return None

    def _last(self, place: int, text: bytes) -> int | None:
        """Return where the pattern matches last, lines that it must avoid left out."""
        pattern = self._rows[place].pattern
        avoid = _single(pattern.avoid) if pattern and pattern.avoid else None
        last, end, counts = None, -1, True
        for start in self._patterns.starts(place, text):
            if avoid is not None and start > end:
                line = line_at(text, start)
                end, counts = start + len(line), not avoid.search(line)
            last = start if counts else last
        return last

    def _facts(self, command: str) -> Facts:
        known = self.taxonomy
        return facts(command, known.viewer_commands, known.no_means_no, known.quiet_commands)


def _opens(hit: _Hit, code: int | None, *, calm: bool) -> bool:
    """Say whether the exit code lets this hit count."""
    if hit.pattern.exit and code is not None and code not in hit.pattern.exit:
        return False
    match hit.pattern.gate or hit.kind.gate:
        case "any":
            return True
        case "masked":
            return False
        case _ if code is None:
            return hit.priority >= SURE and not calm
        case _:
            return code != 0


@cache
def default() -> Classifier:
    """Return the classifier of the taxonomy that comes with the package."""
    return Classifier(types.load())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _found(source: str, text: str) -> bool:
    return _single(source).search(_bytes(text)) is not None


@lru_cache(maxsize=512)
def _single(source: str) -> Any:
    return compiled(source)


def _deciding(exit_code: int | None, pipestatus: Sequence[int]) -> tuple[int | None, bool]:
    """Return the exit code that tells, and whether the shell hid it behind a 0."""
    if exit_code is not None and exit_code < 0:
        return 128 - exit_code, False
    bad = [code for code in pipestatus if code not in (0, SIGPIPE)]
    return (bad[-1], True) if exit_code == 0 and bad else (exit_code, False)
