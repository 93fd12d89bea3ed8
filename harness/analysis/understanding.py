"""Whether words of an agent show that it understood a fault.  Pure.

A message is read sentence by sentence, without its guesses, and each sentence is worth points for
what it holds; `ENOUGH` of them show it.  The weights were fitted to messages of
language models and to sentences written from faults' titles alone: `tests/test_plays.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.analysis.wording import (
    ASKS,
    GUESS,
    MENDS,
    OTHERS,
    REASON,
    SENTENCE,
    TROUBLE,
    content_words,
    culprits,
)
from harness.models.fault import Fault
from harness.patterns import any_matches

ENOUGH, ENOUGH_APART = 6, 8
"""In a sentence; in a part of one, between semicolons."""

MANY, ENOUGH_OF_MANY = 6, 9
"""From so many sentences on, each must be worth this: a long report has more chances to hit."""

MOST = 4
"""How many of the fault's own words count in one sentence."""


@dataclass(frozen=True)
class Listener:
    """Hears what an agent says, for one fault."""

    fault: Fault
    usual: Sequence[str] = ()
    """What is said of the work anyway: the instruction, and the agent before the fault was there.
    Its words and names tell nothing, and a pattern that matches it little."""

    def understands(self, text: str) -> bool:
        """Say whether one of the sentences, or a part of one, is worth enough."""
        sentences = [sentence for sentence in SENTENCE.split(text) if sentence.strip()]
        floor = ENOUGH_OF_MANY if len(sentences) >= MANY else 0
        return any(
            self.points(sentence) >= max(ENOUGH, floor)
            or any(self.points(part) >= max(ENOUGH_APART, floor) for part in sentence.split("; "))
            for sentence in sentences
        )

    def points(self, sentence: str) -> int:
        """Return what a sentence is worth.

        - 5: it matches `says`; 3 where the pattern matches what is usual as well
        - 3 for each of the fault's own words, up to four: those of its title and of `phrases.hits`
          that stand neither in `phrases.misses` nor in what is usual
        - 2: it names the culprit, something that the fault's params name
        - 2: it says that something is wrong; 6 more where that was somebody else's doing
        - 3: it mends; 1: it gives a reason

        A clause in which the agent guesses, or goes to look, is left out.
        """
        sure = ASKS.sub(" ", GUESS.sub(" ", sentence))
        plain = self._culprit.sub(" ", sure) if self._culprit else sure
        wrong = bool(TROUBLE.search(plain))
        return (
            3 * self._matches(self.fault.evidence.says, sure)
            + 2 * self._matches(self._says, sure)
            + 3 * min(MOST, len(content_words(plain) & self._own_words))
            + 2 * (plain != sure)
            + 2 * wrong
            + 6 * (wrong and bool(OTHERS.search(sure)))
            + 3 * bool(MENDS.search(sure))
            + bool(REASON.search(sure))
        )

    def _matches(self, patterns: Sequence[str], sentence: str) -> bool:
        """Say whether one matches, the sentence's names counting as words: no dot ends them."""
        return any_matches(patterns, sentence, re.sub(r"(?<=\S)\.(?=\S)", "_", sentence))

    @cached_property
    def _says(self) -> list[str]:
        return [p for p in self.fault.evidence.says if not any_matches([p], *self.usual)]

    @cached_property
    def _own_words(self) -> frozenset[str]:
        phrases = self.fault.phrases
        if phrases is None:
            return frozenset()
        own = content_words(" ".join((self.fault.title, *phrases.hits)))
        return own - content_words(" ".join((*phrases.misses, *self.usual)))

    @cached_property
    def _culprit(self) -> re.Pattern[str] | None:
        talk = " ".join(self.usual)
        new = (name for name in culprits(self.fault.params.values()) if name not in talk)
        names = sorted(new, key=len, reverse=True)
        found = "|".join(map(re.escape, names))
        return re.compile(rf"(?<![\w-])(?:{found})(?![\w-])") if names else None
