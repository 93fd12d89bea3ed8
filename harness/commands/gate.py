"""`harness gate`: may this agent be released?  PASS, FAIL or INCONCLUSIVE."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.analysis.assessment import Assessment
from harness.analysis.sampling import Trial
from harness.commands.show import Folder, open_run
from harness.errors import InputError
from harness.history.store import Run, write_whole
from harness.release import baseline as baselines
from harness.release import cells, matching, policy
from harness.release.decision import Decision, Evidence
from harness.release.gate import decide
from harness.release.policy import Policy
from harness.release.questions import Answer
from harness.views.ci import junit
from harness.views.ci.markdown import markdown
from harness.views.terminal import render
from harness.views.terminal.gate import notes, screen

EXIT = {Answer.PASS: 0, Answer.FAIL: 1, Answer.INCONCLUSIVE: 4}
Many = Annotated[tuple[str, ...], Parameter(negative=(), consume_multiple=False)]


def gate(
    run: Folder = None,
    /,
    *,
    policy_: Annotated[Path | None, Parameter(name="--policy", help="gate.yaml")] = None,
    baseline: Annotated[
        Path | None, Parameter(help="what to compare with: a baseline's file or a run's folder")
    ] = None,
    agent: Annotated[Many, Parameter(alias="-a", help="judge these agents of the run only")] = (),
    against: Annotated[str | None, Parameter(help="the baseline's agent to compare with")] = None,
    junit_: Annotated[Path | None, Parameter(name="--junit", help="write JUnit XML here")] = None,
    summary_: Annotated[
        Path | None, Parameter(name="--summary", help="append Markdown for a job's page here")
    ] = None,
    annotate: Annotated[
        bool | None, Parameter(help="GitHub annotations; by default in a GitHub workflow only")
    ] = None,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="decision as JSON")] = False,
) -> int:
    """Judge a run by a policy, and in comparison with a baseline if there is one.

    Exit code 0: PASS; 1: FAIL; 2: a file is wrong; 3: the harness failed, which says nothing about
    the agent; 4: INCONCLUSIVE, the evidence does not decide.
    """
    record = open_run(run)
    rules, given = gather(record.path, policy_, baseline, agent, against)
    decision = decide(rules, given, date.today())  # noqa: DTZ011 - a quarantine ends at midnight here
    try:
        _write(decision, record, junit_, summary_)
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be written: {error.strerror}") from None
    if annotate or (annotate is None and os.environ.get("GITHUB_ACTIONS") == "true"):
        _annotate(decision, policy_, record)
    if json_:
        print(decision.model_dump_json(indent=1))
    else:
        render.show(screen(decision, str(record.path)))
    return EXIT[decision.verdict]


def gather(
    run: Path, file: Path | None, baseline: Path | None, agents: Sequence[str], against: str | None
) -> tuple[Policy, Evidence]:
    """Return the policy in force and the evidence.  Raises `InputError`."""
    rules = policy.read(file) if file else None
    named = baseline or (
        file.parent / rules.baseline if file and rules and rules.baseline else None
    )
    found = matching.only(cells.read_cells(run), agents)
    base = baselines.read(named) if named else None
    old = matching.rename_agents(base.cells, found.cells, against) if base else None
    rules = rules or policy.default(baseline=named is not None)
    if old is None and against:
        raise InputError("--against names an agent of the baseline: name that by --baseline")
    if old is None and any(rule.max_drop for rule in rules.rules):
        raise InputError(
            f"{file}: `max_drop` compares with a baseline: name one by --baseline, or by"
            " `baseline:` in the policy (`harness baseline RUN -o baseline.json` makes it)"
        )
    others = {cell.agent for cell in found.cells} - {against or ""}
    itself = (
        base is not None
        and base.run == Run.open(run).facts().get("id")
        and (not against or not others)
    )
    return rules, Evidence(found.cells, old, found.missing, found.unplanned, itself)


def _write(decision: Decision, record: Run, xml: Path | None, page: Path | None) -> None:
    """Write what was asked for."""
    if xml:
        created = str(record.facts().get("created", ""))
        told = junit.render_xml(decision, record.finished(), str(record.path), created)
        write_whole(xml, told)
    if page:
        with page.open("a", encoding="utf-8") as stream:
            stream.write(markdown(decision, _trials(record, decision), str(record.path)))


def _trials(record: Run, decision: Decision) -> list[Trial]:
    """Return the finished trials of the agents that were judged."""
    specs = record.specs()
    return [
        Trial(specs[trial], verdict, Assessment(specs[trial], record.folder(trial).read_events()))
        for trial, verdict in record.finished().items()
        if verdict.agent in decision.agents
    ]


def _annotate(decision: Decision, file: Path | None, record: Run) -> None:
    lines = policy.lines(file) if file else {}
    for each in notes(decision, str(file or ""), lines, record.finished()):
        print(each, file=sys.stderr)
