"""A gate's decision on a terminal, and as annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.models.verdict import Verdict
from harness.release.decision import Decision, Finding
from harness.release.questions import Answer
from harness.views.ci.annotations import MOST, annotation
from harness.views.terminal.sanitize import line

COLOUR = {Answer.PASS: "green", Answer.FAIL: "red", Answer.INCONCLUSIVE: "yellow"}
FEW = 5


# --- a terminal ----------------------------------------------------------------------------


def screen(decision: Decision, run: str) -> RenderableType:
    """Return the decision on one screen, the reason first."""
    colour = COLOUR[decision.verdict]
    head = Text.assemble((decision.verdict.value, f"bold {colour}"), "  ", line(decision.reason))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name in ("answer", "rule", "why"):
        table.add_column(name, no_wrap=name != "why", overflow="fold")
    for finding in decision.findings:
        answer = Text(finding.answer.value, style=COLOUR[finding.answer])
        table.add_row(answer, Text(finding.rule), Text(line(finding.why)))
    return Group(head, Text(), table, *_apart(decision), *_look(decision, run))


def _apart(decision: Decision) -> Iterator[Text]:
    yield Text()
    yield Text(
        f"alpha {decision.alpha:.3g}: a false PASS, and a false FAIL, have at most this chance each"
        " (FAIL by Holm over the rules; PASS takes all of them)",
        style="dim",
    )
    for what, names in apart(decision).items():
        some = ", ".join(names[:FEW]) + (", ..." if len(names) > FEW else "")
        yield Text(line(f"{len(names)} {what}: {some}"))
    for note in decision.notes:
        yield Text(line(note), style="yellow")


def apart(decision: Decision) -> dict[str, list[str]]:
    """Return what did not count, by why."""
    changed = [f"{c} ({', '.join(n)})" for c, n in decision.not_comparable.items()]
    held = [f"{cell} ({why})" for cell, why in decision.quarantined.items()]
    named = {
        "not comparable with the baseline": changed,
        "missing": list(decision.missing),
        "invalid": list(decision.invalid),
        "unexposed (not counted)": list(decision.unexposed),
        "not in the baseline": list(decision.added),
        "in quarantine": held,
    }
    return {what: names for what, names in named.items() if names}


def _look(decision: Decision, run: str) -> Iterator[Text]:
    trials = trials_to_see(decision)[:FEW]
    if trials:
        yield Text("\nlook at")
    for trial in trials:
        yield Text(f"  harness show {line(run)} {trial}")


def trials_to_see(decision: Decision) -> list[str]:
    """Return the trials behind what does not pass, failed rules first."""
    order = (Answer.FAIL, Answer.INCONCLUSIVE)
    found = [f for answer in order for f in decision.findings if f.answer is answer]
    return list(dict.fromkeys(trial for f in found for trial in f.look if trial.count("+") > 2))  # noqa: PLR2004 - a trial's id, not a cell's


# --- annotations ---------------------------------------------------------------------------


def notes(
    decision: Decision, policy: str, lines: Mapping[str, int], verdicts: Mapping[str, Verdict]
) -> list[str]:
    """Return GitHub's workflow commands: the rules that do not pass, then the trials behind them.

    `policy` is the policy's file, "" for the default; `lines` are its rules' lines.  A trial is
    noted at its task's file, if that is below the current directory.
    """
    noted = [
        annotation(
            "error" if finding.answer is Answer.FAIL else "warning",
            finding.why,
            title=f"recovery gate: {finding.answer} {finding.rule}",
            path=policy,
            line=lines.get(finding.rule.rpartition(".")[0], 1) if policy else 0,
        )
        for finding in _open(decision)
    ]
    if decision.verdict is Answer.FAIL:
        noted += [
            _of_trial(trial, verdicts[trial])
            for trial in trials_to_see(decision)
            if trial in verdicts
        ]
    if len(noted) > MOST:
        more = f"{len(noted) - MOST} more in the summary"
        return [*noted[:MOST], annotation("notice", more, title="recovery gate")]
    return noted


def _open(decision: Decision) -> list[Finding]:
    return [finding for finding in decision.findings if finding.answer is not Answer.PASS]


def _of_trial(trial: str, verdict: Verdict) -> str:
    path = Path("tasks") / verdict.task / "task.yaml"
    return annotation(
        "error",
        f"{trial}: {verdict.reason}",
        title=verdict.outcome.value,
        path=str(path) if path.is_file() else "",
        line=1 if path.is_file() else 0,
    )
