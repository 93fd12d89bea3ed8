"""What is told of an agent's noticing, held against readers of trials that language models played.

`plays/` holds what the agents did and said (outputs but for the symptom are left out), a reader's
labels, and sentences about sixty faults written without sight of their evidence.  To the plays in
`kept_aside.yaml` nothing was fitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.analysis.encounter import encounter
from harness.analysis.understanding import Listener
from harness.history.events import Action, Message
from harness.history.reader import read
from harness.history.timeline import Timeline
from harness.library.load import load
from harness.library.pairs import overridden
from harness.library.templates import fill
from harness.models.fault import Fault
from harness.models.task import Task

PLAYS = Path(__file__).parent / "plays"


def content(name: str) -> Any:
    """Return a YAML file of the plays."""
    return yaml.safe_load((PLAYS / name).read_text(encoding="utf-8"))


LABELS: dict[str, dict[str, Any]] = content("labels.yaml")

SENTENCES: dict[str, dict[str, list[str]]] = content("sentences.yaml")

KEPT_ASIDE: dict[str, dict[str, Any]] = content("kept_aside.yaml")


@cache
def faults(task: str) -> tuple[Task, dict[str, Fault]]:
    """Return a task of the library and its pairs' faults, filled."""
    library = load()
    found = library.tasks[task]
    pairs = ((pair, library.faults[pair.fault]) for pair in found.faults)
    return found, {pair.name: fill(overridden(fault, pair), pair.with_) for pair, fault in pairs}


def split(name: str) -> tuple[Task, Fault]:
    """Return the task and the fault of a pair."""
    task, pair = name.split("+")
    return faults(task)[0], faults(task)[1][pair]


@cache
def played(name: str) -> Timeline:
    """Return a play's history."""
    return Timeline(read(PLAYS / f"{name}.jsonl"))


def words(timeline: Timeline) -> Iterator[tuple[int | str, int, str]]:
    """Yield the step (or `last`), the place and the text of all that an agent said."""
    for event in (*timeline.of(Action), *timeline.of(Message)):
        said = event.message if isinstance(event, Action) else event.text
        if said:
            yield event.step if isinstance(event, Action) else "last", event.seq, said


def heard(name: str) -> Iterator[tuple[bool, bool, str]]:
    """Yield what a reader and what the product says of each message after the exposure."""
    (task, fault), label, timeline = split(name), LABELS[name], played(name)
    since = timeline.confirmed[0].seq
    said = list(words(timeline))
    earlier = (text for _, n, text in said if n < since)
    listener = Listener(fault, (task.instruction, *earlier))
    for step, _, text in said:
        counts = step == "last" or int(step) > label["exposed"]
        if counts and step not in label.get("unclear", []):
            yield step in label["says"], listener.understands(text), f"{name} {step}: {text[:300]}"


def in_plays() -> list[tuple[bool, bool, str]]:
    """Return both answers on all messages of plays after the exposure, each text once."""
    return list(dict.fromkeys(row for name in LABELS for row in heard(name)))


def in_sentences() -> list[tuple[bool, bool, str]]:
    """Return both answers on the sentences."""
    return [
        (
            kind == "hits",
            Listener(split(name)[1], (split(name)[0].instruction,)).understands(text),
            text,
        )
        for name, both in SENTENCES.items()
        for kind in ("hits", "misses")
        for text in both[kind]
    ]


def kept_aside(*, met: bool) -> list[tuple[bool, bool, str]]:
    """Return both answers on the plays that nothing was fitted to, by whether the fault was met."""
    return [
        (kind == "yes", listener.understands(text), f"{name}: {text[:300]}")
        for name, said in KEPT_ASIDE["trials"].items()
        if bool(said["yes"]) is met
        for listener in [Listener(split(name)[1], (split(name)[0].instruction, *said["before"]))]
        for kind in ("yes", "no")
        for text in said[kind]
    ]


def as_if_broken(task: str, said: list[str]) -> Iterator[tuple[bool, bool, str]]:
    """Yield what is heard in a control trial of each fault of the task, which was not there."""
    known, faults_ = faults(task)
    for pair, fault in faults_.items():
        for n in range(1, len(said)):
            listener = Listener(fault, (known.instruction, *said[: max(1, n // 2)]))
            yield False, listener.understands(said[n]), f"{pair}: {said[n][:200]}"


def with_nothing_broken() -> list[tuple[bool, bool, str]]:
    """Return what is heard in the control trials of the plays."""
    controls = sorted(PLAYS.glob("*+control.jsonl"))
    said = {path.stem: [text for _, _, text in words(played(path.stem))] for path in controls}
    return [row for name, texts in said.items() for row in as_if_broken(name.split("+")[0], texts)]


def kept_aside_with_nothing_broken() -> list[tuple[bool, bool, str]]:
    """Return what is heard in control trials that nothing was fitted to."""
    controls = KEPT_ASIDE["controls"].items()
    return [row for task, said in controls for row in as_if_broken(task, said)]


def share(rows: list[tuple[bool, bool, str]], *, wanted: bool) -> tuple[float, list[str]]:
    """Return how often the product says yes where a reader says `wanted`, and where they differ."""
    asked = [(got, text) for want, got, text in rows if want is wanted]
    differ = [text for got, text in asked if got is not wanted]
    return sum(got for got, _ in asked) / len(asked), differ


@pytest.mark.parametrize(
    ("rows", "least", "most"),
    [
        pytest.param(in_plays, 0.9, 0.02, id="messages of plays"),
        pytest.param(in_sentences, 0.88, 0.14, id="sentences written blind"),
        pytest.param(with_nothing_broken, None, 0.02, id="nothing was broken"),
        pytest.param(partial(kept_aside, met=True), 0.95, 0.07, id="kept aside"),
        pytest.param(partial(kept_aside, met=False), None, 0.09, id="kept aside, never met"),
        pytest.param(kept_aside_with_nothing_broken, None, 0.02, id="kept aside, nothing broken"),
    ],
)
def test_words_are_understood(rows: Any, least: float | None, most: float) -> None:
    """Where a reader says that words show understanding they are signs, and seldom elsewhere."""
    found = rows()
    false, heard_wrongly = share(found, wanted=False)
    assert false <= most, "\n".join(heard_wrongly)
    if least is not None:
        recall, missed = share(found, wanted=True)
        assert recall >= least, "\n".join(missed)


def test_a_long_report_must_say_it_more_clearly() -> None:
    """What is enough in a short message is not, as one sentence of many."""
    listener = Listener(split("sensor-days+saved_in_another_encoding")[1])
    clue = "localise cannot read the file as UTF-8, though it was good text a minute ago"
    assert listener.understands(clue)
    assert not listener.understands("\n".join(["All of it is done."] * 5 + [clue]))


@pytest.mark.parametrize("name", LABELS)
def test_the_first_sign_is_where_a_reader_sees_it(name: str) -> None:
    """The trial is noticed in the step in which a reader first sees understanding.

    Where a reader is not sure of a step, a later one will do.
    """
    (task, fault), timeline, label = split(name), played(name), LABELS[name]
    found = encounter(fault, task, timeline)
    exposed, noticed = map(timeline.step_of, (found.exposed, found.noticed))
    assert exposed is not None
    assert noticed is not None
    assert exposed.number == label["exposed"]
    sure = {label["noticed"]} - {*label.get("unclear", [])} or {*label["says"]}
    assert noticed.number in {label["noticed"], *sure}
