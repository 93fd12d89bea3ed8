"""The words by which people say that something is wrong, why, and what they do about it.

English only, as `says` is.  These are `re` patterns of ours, not RE2 ones of an author.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")

GUESS = re.compile(
    r"\b(?:perhaps|maybe|possibly|might|may (?:be|have)|in case|whether|if|unless)\b"
    r"(?:[^.;\n]|\.(?=\S))*",
    re.IGNORECASE,
)
"""To the end of the clause: what is only thought of is not known."""

TROUBLE = _any(
    "failures?|gone|missing|vanish\\w*|disappear\\w*|deleted|lost|moved|renamed|replaced",
    "relocated|changed|altered|modified|emptied|empty|overwritten|rewritten|truncated",
    "cut (?:off|short|in)|incomplete\\w*|partial\\w*|half",
    "only (?:in part|the (?:first|last)|part)|shorter|wrong\\w*|false|bad|broken|broke",
    "too (?:few|short|long|small|low|open|old|new|many|large|big)|damaged|corrupt\\w*|stale",
    "outdated|left[- ]?over|left (?:behind|by|on|there|a|the|in)|stray|foreign|stuck|locked",
    "locks?|holds?|held|block\\w*|hides?|hidden|shadow\\w*|instead of|rather than|no longer",
    "any ?more|in the way|(?:not|isn.t) (?:mine|ours|by me|part of)|someone|somebody",
    "something (?:else|other)|lacks?|lacked",
    "(?:does|do|did)(?: not|n.t) (?:exist|know|answer|let|define|have|match)",
    "isn.t (?:there|in|known)|not (?:there|yet|in|available|reachable|trusted)|down|dead",
    "unreachable|refus\\w+|reject\\w+|unavailable|interrupt\\w*|kill\\w*|died|crash\\w*",
    "expired|belongs? to|owned by|owner|read[- ]only|conflict\\w*|contradict\\w*|restart\\w*",
    "misspel\\w*|mistake\\w*|typo|slip|point(?:s|ed)? (?:to|at)|mounted|disabled|commented",
    "switched off|limit\\w*|earlier|previous|unfinished|un-?committed|abort\\w*|hang\\w*|hung",
    "timed?[ -]?out|timeouts?|reset\\w*|withdrawn|unpublished|stopped|suspended",
    "taken (?:out|away|off)|(?:was|been) removed|removed from|restricted|capped|protected",
    "already|exists|(?:world[- ])?readable|permissions?|mode",
    "still (?:has|holds|runs|serves|offers|uses|lists|lying)|another",
    "other (?:code|machine|version|branch|project)",
)

OTHERS = _any(
    "not by me|by nothing I|nothing I (?:ran|did)|no command of mine|none of my commands",
    "not mine|without my doing|something (?:other|outside|else) (?:than )?m[ey]",
    "outside my commands",
    "(?:did not|didn.t|had not|hadn.t|have not|haven.t) (?:touch|change|write|remove|start|do)\\w*",
    "between (?:two of )?my|while I (?:was )?work\\w*|under me|after my first",
    "since I (?:first )?(?:read|looked|checked|saw)",
    "on the (?:[\\w-]+ )?(?:[\\w-]+(?:'s)?) side|not (?:on )?(?:our|my) (?:side|end)",
    "(?:stopped|stops|no longer) (?:answer|respond|work|accept|listen)\\w*",
)
"""Something happened, and the agent did not do it."""

MENDS = _any(
    "restor\\w*|returned|revert\\w*|undid|undo|reinstall\\w*|correct(?:ed)?|convert\\w*",
    "repair\\w*|(?:put|putting|set|setting) (?:\\w+ ){0,6}back|re-?creat\\w*|unstaged?",
    "lift(?:ed)?|tighten\\w*|(?:took|take|taken) (?:\\S+ ){0,6}from|goes? around|around it",
    "set (?:\\S+ ){1,3}to|(?:delete|remove|move)d? it",
)

REASON = _any(
    "because|since|but|although|though|due to|so|hence|thus|that.s why|therefore|caused",
    "comes? from|as it|which is why|means",
)

ASKS = re.compile(
    r"(?:^|[;,:.] ?|\b(?:and|then) )(?:I |let me |let us )?"
    r"(?:look|see|check|find out|read|try|compare|verify|write|search|inspect)\b"
    r"(?:[^.;\n]|\.(?=\S))*",
    re.IGNORECASE,
)
"""To the end of the clause: the agent goes to look, or goes on."""

COMMON = frozenset(
    """
    a about after again all alone already also an and another any anything are as at
    attempt back be because been before being between both but by can cannot come comes
    could did do does done down during each earlier edit every everything file files
    first for from get go gone got had half has have having he here how i if in into is
    it its just last left look machine made make may me mistake more most must my name
    no nor not nothing now of off on once one only or other our out over own put
    ran run runs same see set shall she should since so some somebody someone something
    still such take than that the their them then there these they this those through to
    too two until up upon use used using very was way we were what when where which
    while who why will with within without work would wrong yet you
    """.split()  # noqa: SIM905
)

ENDINGS = ("ingly", "edly", "ing", "ied", "ies", "ed", "es", "ly", "s")

NAME = re.compile(r"[\w./~@+:-]{3,}")

PLAIN = frozenset(
    """
    true false main root start data site test tests load make git local http
    """.split()  # noqa: SIM905
)
"""Names that stand in every sentence about some work."""


def content_words(text: str) -> frozenset[str]:
    """Return the stems of a text's words that say something.

    >>> sorted(content_words("The locks were held by a process"))
    ['held', 'lock', 'proces']
    """
    words = re.findall(r"[a-z]{3,}", text.lower())
    return frozenset(_stem(word) for word in words if word not in COMMON)


def _stem(word: str) -> str:
    ending = next((e for e in ENDINGS if word.endswith(e) and len(word) - len(e) > 2), "")  # noqa: PLR2004
    stem = word.removesuffix(ending)
    stem = stem[:-1] if stem.endswith("e") and len(stem) > 4 else stem  # noqa: PLR2004
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem  # noqa: PLR2004


def culprits(values: Iterable[str]) -> frozenset[str]:
    """Return what an agent may call the things that a fault's params name.

    >>> sorted(culprits(["/etc/pip.conf", "LABEL", "20"]))
    ['LABEL', 'etc/pip.conf', 'pip', 'pip.conf']
    """
    found = {name for value in values if NAME.fullmatch(value) for name in _called(value)}
    return frozenset(name for name in found if len(name) > 2 and name.lower() not in PLAIN)  # noqa: PLR2004


def _called(value: str) -> Iterable[str]:
    parts = [part for part in value.split("/") if part]
    if not parts or value.isdigit():
        return
    yield from (value, parts[-1], "/".join(parts[-2:]))
    stem, dot, _ = parts[-1].partition(".")
    if dot:
        yield stem
