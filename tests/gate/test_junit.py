"""JUnit XML: what the schemas in use have in common, and what consumers read out of it."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import junitparser
import pytest
import xunitparser
from hypothesis import given
from hypothesis import strategies as st
from junit2htmlreport.parser import Junit

from harness.__main__ import main
from harness.history.store import Run
from harness.release.cells import Cell, read_cells
from harness.release.decision import Evidence
from harness.release.gate import decide
from harness.release.policy import Policy, default
from harness.views.ci import junit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., Cell]
    Grid = Callable[..., list[Cell]]
    Plant = Callable[..., Path]

SUITE = {
    "id": r"\d+",
    "package": r"\S+",
    "name": r"\S+",
    "hostname": r"\S+",
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "time": r"\d{1,}\.\d{3}",
    "tests": r"\d+",
    "failures": r"\d+",
    "errors": r"\d+",
    "skipped": r"\d+",
}
"""Ant's schema: all of these and no others (`skipped` may be left out); no time zone."""
CASE = {"classname": r"\S+", "name": r"\S.*", "time": r"\d+\.\d{3}"}
"""Ant's schema: these three and no others; `file` and `line` would be refused."""
COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}
INNER = {"failure": {"message", "type"}, "error": {"message", "type"}, "skipped": {"message"}}


def complaints(root: ET.Element) -> list[str]:
    """Return what the strictest schemas would say: names, attributes, order, numbers of parts."""
    found = [] if (root.tag, root.attrib) == ("testsuites", {}) else ["root"]
    for number, suite in enumerate(root):
        found += attributes(suite, "testsuite", SUITE)
        if suite.get("id") != str(number):
            found.append("ids count from 0")
        order = re.sub(r"(testcase )+", "testcase ", " ".join(part.tag for part in suite) + " ")
        if order not in {
            "properties testcase system-out system-err ",
            "properties system-out system-err ",
        }:
            found.append(f"order of parts: {order}")
        cases = suite.findall("testcase")
        for case in cases:
            found += attributes(case, "testcase", CASE)
            if len(case) > 1:
                found.append("more than one result in a case")
            for inner in case:
                if inner.tag not in INNER or set(inner.attrib) != INNER[inner.tag] or len(inner):
                    found.append(f"{inner.tag} {inner.attrib}")
        counted = {"tests": len(cases)} | {
            plural: len(suite.findall(f"testcase/{tag}")) for tag, plural in COUNTED.items()
        }
        found += [f"{k} is not {n}" for k, n in counted.items() if suite.get(k) != str(n)]
    return found


def attributes(node: ET.Element, tag: str, rules: dict[str, str]) -> list[str]:
    """Return what is wrong with a node's name and attributes."""
    if node.tag != tag or set(node.attrib) != set(rules):
        return [f"{node.tag} {sorted(node.attrib)}"]
    return [
        f"{tag}: {k}={node.attrib[k]!r}"
        for k, rule in rules.items()
        if not re.fullmatch(rule, node.attrib[k])
    ]


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param("<testsuite/>", id="no testsuites"),
        pytest.param("<testsuites name='x'/>", id="an attribute too many"),
        pytest.param("<testsuites><testsuite name='x'/></testsuites>", id="attributes missing"),
    ],
)
def test_the_schema_check_complains(xml: str) -> None:
    """The structural check used below refuses what the schemas refuse."""
    assert complaints(ET.fromstring(xml))


def written(run: Path, policy: Policy | None = None) -> str:
    """Return the XML of a run's gate."""
    found = read_cells(run)
    decision = decide(
        policy or default(baseline=False),
        Evidence(found.cells, None, found.missing),
        date(2030, 1, 1),
    )
    record = Run.open(run)
    return junit.render_xml(decision, record.finished(), str(run), record.facts()["created"])


EVERYTHING = ["rwR", "mdF", "hui", "r"]


def test_every_outcome_in_its_place(plant: Plant, cell: Make) -> None:
    """Failures are the agent's, errors are the machine's, skipped is what does not count."""
    cells = [
        cell("a", "dns", "rwmdhuiF"),
        cell("a", "noop", "pf"),
        cell("b", "bad", "Rm", fixable=False),
        cell("q", "dns", "m"),
    ]
    policy = Policy.model_validate_json(
        '{"quarantine": [{"task": "q", "reason": "flaky", "until": "2030-01-01"}]}'
    )
    root = ET.fromstring(written(plant("run", cells, attempts=2), policy))
    assert complaints(root) == []
    found = {
        f"{case.get('classname')} {case.get('name')}": [(i.tag, i.get("type")) for i in case]
        for case in root.iter("testcase")
        if case.get("classname") != "gate"
    }
    assert found == {
        "a.dns new attempt 1": [],
        "a.dns new attempt 2": [],
        "a.dns new attempt 3": [("failure", "missed")],
        "a.dns new attempt 4": [("failure", "detected")],
        "a.dns new attempt 5": [("failure", "harmful")],
        "a.dns new attempt 6": [("skipped", None)],
        "a.dns new attempt 7": [("error", "invalid")],
        "a.dns new attempt 8": [("failure", "missed")],
        "a.noop new attempt 1": [],
        "a.noop new attempt 2": [("failure", "failed")],
        "b.bad new attempt 1": [],
        "b.bad new attempt 2": [("failure", "missed")],
        "q.dns new attempt 1": [("skipped", None)],
    }


def test_rules_are_cases(plant: Plant, grid: Grid) -> None:
    """The suite `gate` holds the verdict first; FAIL is a failure, INCONCLUSIVE an error."""
    root = ET.fromstring(written(plant("run", grid(["hi", "r"], 3), attempts=3)))
    assert complaints(root) == []
    cases = {c.get("name"): [i.tag for i in c] for c in root[0].findall("testcase")}
    assert cases == {
        "verdict": ["failure"],
        "hard.harmful": ["failure"],
        "complete": ["error"],
        "infrastructure": ["error"],
        "exposure": [],
        "mastery.min_mastery": ["error"],
    }
    missing = [c for c in root.iter("error") if c.get("type") == "missing"]
    assert len(missing) == 1 + 2 + 1 + 3 * 2


def test_consumers_read_it(plant: Plant, grid: Grid, tmp_path: Path) -> None:
    """Three parsers that others rely on count the same as the file says."""
    path = tmp_path / "junit.xml"
    path.write_text(written(plant("run", grid(EVERYTHING, 8))), encoding="utf-8")
    suites = list(ET.parse(path).getroot())
    said = {k: sum(int(s.attrib[k]) for s in suites) for k in ("tests", *COUNTED.values())}
    assert said == {"tests": 34, "failures": 2 * 4 + 2, "errors": 2 * 1 + 2, "skipped": 2}
    parsed = junitparser.JUnitXml.fromfile(str(path))
    parsed.update_statistics()
    assert {k: getattr(parsed, k) for k in said} == said
    with path.open(encoding="utf-8") as stream:
        _, result = xunitparser.parse(stream)
    assert (result.testsRun, len(result.failures), len(result.errors), len(result.skipped)) == (
        *said.values(),
    )
    report = Junit(str(path))
    assert sum(len(suite.failed()) for suite in report.suites) == said["failures"] + said["errors"]
    assert "attempt 1" in report.html()


def test_the_command_writes_it(plant: Plant, grid: Grid, tmp_path: Path) -> None:
    """`--junit` writes the file whole."""
    path = tmp_path / "out.xml"
    assert main(["gate", str(plant("run", grid("r", 8))), "--junit", str(path)]) == 0
    assert complaints(ET.parse(path).getroot()) == []


@given(st.text(max_size=40))
def test_no_text_breaks_the_xml(text: str) -> None:
    """Control characters, lone surrogates and markup come out as text."""
    suite = junit._suite(
        0,
        "x",
        [junit.Case("a.b", "n", how="failure", kind="m", message=text, text=text)],
        "2030-01-01T00:00:00",
    )
    again = ET.fromstring(ET.tostring(suite, "unicode").encode())
    failure = again.find("testcase/failure")
    assert failure is not None
    assert (failure.text or "").replace("\n", "") == junit._clean(text).replace("\r\n", "").replace(
        "\r", ""
    ).replace("\n", "")
