"""Pictures that fit into a file: of every long text head and tail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from harness.views.html.exchanges import ExchangeShown
from harness.views.html.lane import Lane

LIMITS = (1 << 14, 1 << 12, 1 << 10, 1 << 8)
"""Characters that a text may have, from the most generous on."""

_TEXTS = ("command", "message", "stdout", "stderr")
_MOMENTS = ("moments", "messages", "checks")
_WORD = 200
"""Characters of a word of a program's arguments."""


def limit_for(pictures: Iterable[Lane], budget: int) -> int:
    """Return the most generous limit under which all texts together keep to `budget` characters."""
    sums = dict.fromkeys(LIMITS, 0)
    for picture in pictures:
        for size in _sizes(picture):
            for limit in LIMITS:
                sums[limit] += min(size, limit)
    return next((limit for limit in LIMITS if sums[limit] <= budget), LIMITS[-1])


def _sizes(picture: Lane) -> list[int]:
    texts = [step[key] for step in picture["steps"] for key in _TEXTS]  # type: ignore[literal-required]
    words = [word for step in picture["steps"] for argv in step["execs"] for word in argv]
    told = [moment["detail"] for key in _MOMENTS for moment in picture[key]]  # type: ignore[literal-required]
    said = [exchange["text"] for exchange in _exchanges(picture)]
    return [len(text) for text in (*texts, *words, *told, *said)]


def _exchanges(picture: Lane) -> list[ExchangeShown]:
    return [each for step in picture["steps"] for each in step["exchanges"]] + picture["trailing"]


def shorten(picture: Lane, limit: int) -> dict[str, Any]:
    """Return the lane with no text longer than `limit` characters: head and tail are kept."""
    cut = _cutter(limit)
    steps: list[dict[str, Any]] = [
        {
            **step,
            **{key: cut(step[key]) for key in _TEXTS},  # type: ignore[literal-required]
            "exchanges": _cut_texts(step["exchanges"], cut),
            "execs": [[_tip(word, limit) for word in argv] for argv in step["execs"]],
        }
        for step in picture["steps"]
    ]
    rest = {
        key: [{**m, "detail": cut(m["detail"])} for m in picture[key]]  # type: ignore[literal-required]
        for key in _MOMENTS
    }
    return {**picture, "steps": steps, "trailing": _cut_texts(picture["trailing"], cut), **rest}


def _cut_texts(exchanges: list[ExchangeShown], cut: Callable[[str], Any]) -> list[dict[str, Any]]:
    return [{**each, "text": cut(each["text"])} for each in exchanges]


def _cutter(limit: int) -> Callable[[str], Any]:
    def cut(whole: str) -> Any:
        if len(whole) <= limit:
            return whole
        half = limit // 2
        tail = whole[len(whole) - half :]
        return {"head": whole[:half], "left_out": len(whole) - 2 * half, "tail": tail}

    return cut


def _tip(word: str, limit: int) -> str:
    most = min(limit, _WORD)
    return word if len(word) <= most else word[: most - 1] + "…"
