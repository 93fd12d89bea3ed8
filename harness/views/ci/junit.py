"""A gate's decision and its trials as JUnit XML.

There is no single format.  What is written here is what the schemas in use have in common (Ant's,
the stricter one: attributes, order and the obligatory parts; Jenkins' xUnit plug-in; Surefire), so
that each of them accepts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from harness.models.verdict import Outcome, Verdict
from harness.release.decision import Decision, Finding
from harness.release.questions import Answer

GOOD = frozenset((Outcome.PASSED, Outcome.RECOVERED, Outcome.WORKED_AROUND, Outcome.REPORTED))
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Case(NamedTuple):
    """A test case; `how` is "", failure, error or skipped."""

    classname: str
    name: str
    seconds: float = 0.0
    how: str = ""
    kind: str = ""
    message: str = ""
    text: str = ""


def render_xml(decision: Decision, verdicts: Mapping[str, Verdict], run: str, created: str) -> str:
    """Return the XML text.  `run` is the folder, for the hint; `created` is ISO 8601, UTC.

    The suite `gate` holds the verdict and a case for each thing asked; then comes a suite for each
    task, with a case for each trial: classname `<task>.<fault>`.
    """
    root = ET.Element("testsuites")
    suites = [("gate", list(_rules(decision))), *_tasks(decision, verdicts, run)]
    for number, (name, cases) in enumerate(suites):
        root.append(_suite(number, name, cases, created[:19]))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _rules(decision: Decision) -> Iterator[Case]:
    yield _case_of("verdict", decision.verdict, decision.reason, "")
    for finding in decision.findings:
        yield _case_of(finding.rule, finding.answer, finding.why, _body(finding))


def _case_of(name: str, answer: Answer, why: str, text: str) -> Case:
    how = {Answer.PASS: "", Answer.FAIL: "failure", Answer.INCONCLUSIVE: "error"}[answer]
    return Case("gate", name, how=how, kind=answer.value, message=why, text=text)


def _body(finding: Finding) -> str:
    return "\n".join([f"asked: {finding.asks}", *(f"look at: {trial}" for trial in finding.look)])


def _tasks(
    decision: Decision, verdicts: Mapping[str, Verdict], run: str
) -> Iterator[tuple[str, list[Case]]]:
    """Yield each task's name and cases, missing trials included."""
    tasks: dict[str, list[Case]] = {}
    for trial, verdict in verdicts.items():
        tasks.setdefault(verdict.task, []).append(_case(decision, trial, verdict, run))
    for trial in decision.missing:
        if trial.count("+") != 3:  # noqa: PLR2004 - a whole cell, whose trials are there
            continue
        task, fault, agent, attempt = trial.split("+")
        case = Case(
            f"{task}.{fault}",
            f"{agent} attempt {attempt}",
            how="error",
            kind="missing",
            message="planned, and without a verdict",
        )
        tasks.setdefault(task, []).append(case)
    yield from sorted(tasks.items())


def _case(decision: Decision, trial: str, verdict: Verdict, run: str) -> Case:
    case = Case(
        f"{verdict.task}.{verdict.pair}",
        f"{verdict.agent} attempt {verdict.attempt}",
        seconds=max(0.0, verdict.seconds or 0.0),
        kind=verdict.outcome.value,
        message=f"{verdict.outcome}: {verdict.reason}",
        text=f"{verdict.reason}\nclaimed: {verdict.claimed}\nharness show {run} {trial}",
    )
    held = decision.quarantined.get(f"{verdict.task}+{verdict.pair}+{verdict.agent}")
    if held is not None:
        return case._replace(how="skipped", message=f"quarantined: {held}")
    return case._replace(how=_how(verdict.outcome))


def _how(outcome: Outcome) -> str:
    if outcome in GOOD:
        return ""
    return {Outcome.INVALID: "error", Outcome.UNEXPOSED: "skipped"}.get(outcome, "failure")


def _suite(number: int, name: str, cases: Sequence[Case], created: str) -> ET.Element:
    counts = {
        "tests": len(cases),
        "failures": sum(case.how == "failure" for case in cases),
        "errors": sum(case.how == "error" for case in cases),
        "skipped": sum(case.how == "skipped" for case in cases),
    }
    suite = ET.Element(
        "testsuite",
        {
            "id": str(number),
            "package": "harness",
            "name": _clean(name),
            "timestamp": created,
            "hostname": "localhost",
            **{key: str(count) for key, count in counts.items()},
            "time": _seconds(case.seconds for case in cases),
        },
    )
    ET.SubElement(suite, "properties")
    for case in cases:
        _write(case, suite)
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")
    return suite


def _write(case: Case, suite: ET.Element) -> None:
    about = {"classname": case.classname, "name": case.name, "time": _seconds([case.seconds])}
    node = ET.SubElement(suite, "testcase", {key: _clean(text) for key, text in about.items()})
    if case.how:
        inner = ET.SubElement(node, case.how, {"message": _clean(case.message)})
        if case.how != "skipped":
            inner.set("type", case.kind)
            inner.text = _clean(case.text)


def _seconds(seconds: Iterable[float]) -> str:
    return f"{sum(seconds):.3f}"


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
