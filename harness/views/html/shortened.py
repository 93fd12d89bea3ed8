"""Pictures that fit into a file: of every long text head and tail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.views.html.lane import Lane
    from harness.views.html.talk import Word

LIMITS = (1 << 14, 1 << 12, 1 << 10, 1 << 8)
"""Characters that a text may have, from the most generous on."""

_TEXTS = ("command", "message", "stdout", "stderr")
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
    told = [moment["detail"] for key in ("life", "says", "checks") for moment in picture[key]]
    said = [word["text"] for talk in _talks(picture) for word in talk]
    return [len(text) for text in (*texts, *words, *told, *said)]


def _talks(picture: Lane) -> list[list[Word]]:
    return [*(step["talk"] for step in picture["steps"]), picture["talk"]]


def shortened(picture: Lane, limit: int) -> dict[str, Any]:
    """Return the lane with no text longer than `limit` characters: head and tail are kept."""
    cut = _cutter(limit)
    steps: list[dict[str, Any]] = [
        {
            **step,
            **{key: cut(step[key]) for key in _TEXTS},  # type: ignore[literal-required]
            "talk": _said(step["talk"], cut),
            "execs": [[_tip(word, limit) for word in argv] for argv in step["execs"]],
        }
        for step in picture["steps"]
    ]
    moments = ("life", "says", "checks")
    rest = {
        key: [{**m, "detail": cut(m["detail"])} for m in picture[key]]  # type: ignore[literal-required]
        for key in moments
    }
    return {**picture, "steps": steps, "talk": _said(picture["talk"], cut), **rest}


def _said(talk: list[Word], cut: Callable[[str], Any]) -> list[dict[str, Any]]:
    return [{**word, "text": cut(word["text"])} for word in talk]


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
