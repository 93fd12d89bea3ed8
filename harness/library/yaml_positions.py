"""YAML with places: plain data, and the line and column of every key and value.

The YAML 1.2 core schema, and stricter where guessing has burnt people: `yes`, `012`, `1_000`
and `12:30` stay text, tags and merge keys are refused, keys are text and come once, aliases
cannot blow up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from harness.library.diagnostics import Diagnostic

Loc = tuple[str | int, ...]
"""The way to a value: keys and indexes from the top."""

Mark = tuple[int, int]
"""Line and column, from 1."""

SIZE = 256 * 1024
"""characters in a file"""
NODES = 20_000
"""keys and values in a document, aliases followed"""
DEPTH = 40
MERGE = "<<"

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUMBER = r"(0|[1-9][0-9]*)"
_SCALARS = (
    (re.compile(r"null|Null|NULL|~|"), lambda _: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text[0] in "tT"),
    (re.compile(rf"[-+]?{_NUMBER}"), int),
    (re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+"), lambda text: int(text, 0)),
    (re.compile(rf"[-+]?({_NUMBER}(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(nan|NaN|NAN)"), lambda _: float("nan")),
)
_REMEDIES = (
    ("mapping values are not allowed", "quote the text: it holds `: `"),
    ("unknown escape character", "write regular expressions in '...', where \\ is just a \\"),
    ("cannot start any token", "indent with blanks, and quote a text that begins with @, `, %, &"),
    ("unexpected end of stream", "the quote that opens here is never closed"),
    ("did not find expected", "check the indentation and quotes; inside '...' a ' is doubled"),
    ("could not find expected ':'", "a key is followed by `: `; a text of several lines by `|`"),
    ("another document", "one document a file: remove the `---`"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """What a YAML text holds: the data, where each part stands, and what is wrong with it."""

    path: str
    data: Any
    keys: Mapping[Loc, Mark]
    values: Mapping[Loc, Mark]
    found: tuple[Diagnostic, ...]

    def at(self, loc: Loc, code: str, message: str, *, key: bool = False) -> Diagnostic:
        """Return a finding at the value (or the key) of `loc`, or of the nearest part above."""
        for end in range(len(loc), -1, -1):
            mark = (self.keys.get(loc[:end]) if key else None) or self.values.get(loc[:end])
            if mark:
                return Diagnostic(self.path, *mark, code, message)
        return Diagnostic(self.path, 1, 1, code, message)


def scalar(text: str) -> Any:
    """Return what a plain scalar means: null, a boolean, a number, or the text itself.

    Raises `ValueError` for a number with thousands of digits.
    """
    for pattern, convert in _SCALARS:
        if pattern.fullmatch(text):
            return convert(text)
    return text


def parse(text: str, path: str) -> Document:
    """Read one YAML document; whatever is wrong comes back as findings, never as an exception."""
    reader = _Reader(path)
    try:
        data = reader.read(text)
    except _RefusedError as refused:
        data = None
        reader.found.append(refused.args[0])
    return Document(path, data, reader.keys, reader.values, tuple(reader.found))


class _RefusedError(Exception):
    """Reading cannot go on; the argument is the finding."""


@dataclass
class _Reader:
    """One pass over the parser's events."""

    path: str
    keys: dict[Loc, Mark] = field(default_factory=dict)
    values: dict[Loc, Mark] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    nodes: int = 0

    def read(self, text: str) -> Any:
        if len(text) > SIZE:
            raise self.refuse(
                (1, 1), "E104", f"the file is too large; the limit is {SIZE >> 10} KiB"
            )
        if bad := _UNPRINTABLE.search(text):
            line, col = (
                text.count("\n", 0, bad.start()) + 1,
                bad.start() - text.rfind("\n", 0, bad.start()),
            )
            raise self.refuse((line, col), "E101", f"unprintable character {bad[0]!a}")
        self.parser = CParser(text)
        try:
            return self.document()
        except yaml.MarkedYAMLError as error:
            raise self.syntax(error) from None

    def document(self) -> Any:
        self.parser.get_event()
        if isinstance(self.parser.get_event(), yaml.StreamEndEvent):
            return None
        data = self.value(self.parser.get_event(), ())
        self.parser.get_event()
        extra = self.parser.get_event()
        if not isinstance(extra, yaml.StreamEndEvent):
            raise self.refuse(
                _mark(extra), "E101", "another document; one a file: remove the `---`"
            )
        return data

    def value(self, event: Any, loc: Loc) -> Any:
        """Return the value that begins with `event`, and note where it stands."""
        self.values[loc] = mark = _mark(event)
        before = self.nodes
        self.count(1, mark)
        if len(loc) > DEPTH:
            raise self.refuse(mark, "E104", f"nested deeper than {DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, mark)
        if event.tag not in {None, "!"}:
            self.add(mark, "E103", f"the tag `{event.tag}` is refused; write plain values")
        value = self.content(event, loc, mark)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.nodes - before)
        return value

    def content(self, event: Any, loc: Loc, mark: Mark) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(loc)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(loc)
        try:
            return scalar(event.value) if event.implicit[0] else event.value
        except ValueError:
            self.add(mark, "E204", "a number with too many digits")
            return 0

    def alias(self, event: Any, mark: Mark) -> Any:
        if event.anchor not in self.anchors:
            raise self.refuse(mark, "E101", f"the alias `*{event.anchor}` has no anchor before it")
        value, nodes = self.anchors[event.anchor]
        self.count(nodes, mark)
        return value

    def sequence(self, loc: Loc) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self.parser.get_event(), yaml.SequenceEndEvent):
            items.append(self.value(event, (*loc, len(items))))
        return items

    def mapping(self, loc: Loc) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := self.parser.get_event(), yaml.MappingEndEvent):
            mark = _mark(event)
            key = self.key(event, loc, mark)
            if key in items:
                line = self.keys[*loc, key][0]
                self.add(mark, "E102", f"the key `{key}` comes twice; the first is in line {line}")
            self.keys.setdefault((*loc, key), mark)
            value = self.value(self.parser.get_event(), (*loc, key))
            if key != MERGE:
                items[key] = value
        return items

    def key(self, event: Any, loc: Loc, mark: Mark) -> str:
        if isinstance(event, yaml.MappingStartEvent):
            raise self.refuse(mark, "E101", "a key is text; quote a value that begins with `{{`")
        key = self.value(event, (*loc, ""))
        if not isinstance(key, str):
            self.add(mark, "E202", "a key is text; quote it")
        elif key == MERGE:
            self.add(mark, "E103", "merge keys are refused; write the keys out")
        return str(key)

    def count(self, nodes: int, mark: Mark) -> None:
        self.nodes += nodes
        if self.nodes > NODES:
            raise self.refuse(mark, "E104", f"more than {NODES} values, aliases followed")

    def syntax(self, error: yaml.MarkedYAMLError) -> _RefusedError:
        problem = error.problem or "cannot be read"
        unclosed = "unexpected end of stream" in problem
        mark = (error.context_mark if unclosed else None) or error.problem_mark
        remedy = next((f"; {r}" for part, r in _REMEDIES if part in problem), "")
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return self.refuse(place, "E101", f"not YAML: {problem}{remedy}")

    def add(self, mark: Mark, code: str, message: str) -> None:
        self.found.append(Diagnostic(self.path, *mark, code, message))

    def refuse(self, mark: Mark, code: str, message: str) -> _RefusedError:
        return _RefusedError(Diagnostic(self.path, *mark, code, message))


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1
