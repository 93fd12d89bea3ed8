"""A gate's decision, and the run's figures, as Markdown for a job's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.analysis.metrics import Rate
from harness.analysis.run_figures import FIGURES, Figure, figures, kinds
from harness.analysis.sampling import Trial
from harness.models.verdict import Verdict
from harness.release.decision import Decision
from harness.release.questions import Answer
from harness.views.terminal.gate import apart, trials_to_see
from harness.views.terminal.sanitize import line

SIGN = {Answer.PASS: "✅", Answer.FAIL: "❌", Answer.INCONCLUSIVE: "❔"}
LIMIT = 900 << 10
"""bytes; GitHub drops a summary of more than 1 MiB as a whole"""
ROWS = 30
"""trials named in the first table"""


def markdown(decision: Decision, trials: Sequence[Trial], run: str) -> str:
    """Return the decision, and the figures of the trials, as Markdown of at most 900 KiB."""
    verdicts = {trial.verdict.trial: trial.verdict for trial in trials}
    parts = [
        f"## {SIGN[decision.verdict]} Recovery gate: {decision.verdict}\n",
        f"{_md(decision.reason)}\n",
        _table(
            ("", "rule", "asked", "found"),
            [(SIGN[f.answer], f.rule, f.asks, f.why) for f in decision.findings],
        ),
        *(f"> {_md(note)}\n" for note in decision.notes),
        _trials("Trials to look at", trials_to_see(decision)[:ROWS], verdicts),
        *(_details(what, names) for what, names in apart(decision).items()),
        _figures(trials),
        _kinds(trials),
        _details_of_trials(verdicts),
    ]
    return truncate("\n".join(part for part in parts if part), run)


def truncate(text: str, run: str) -> str:
    """Return the text within the limit, whole lines kept, with a word on what was left out."""
    data = text.encode(errors="replace")
    if len(data) <= LIMIT:
        return data.decode()
    note = f"\n\n</details>\n\nThe rest is left out: `harness show {line(run)}` has all of it.\n"
    kept = data[: LIMIT - len(note.encode())].decode(errors="ignore")
    return kept[: kept.rfind("\n") + 1] + note


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [" | ".join(head), "|".join("---" for _ in head)]
    lines += [" | ".join(_md(cell) for cell in row) for row in rows]
    return "".join(f"| {each} |\n" for each in lines)


def _trials(title: str, names: Sequence[str], verdicts: Mapping[str, Verdict]) -> str:
    rows = [
        (verdicts[name].outcome.value, name, verdicts[name].reason)
        for name in names
        if name in verdicts
    ]
    return f"### {title}\n\n{_table(('outcome', 'trial', 'why'), rows)}" if rows else ""


def _figures(trials: Sequence[Trial]) -> str:
    """Return a table of all figures, a column an agent."""
    agents = dict.fromkeys(trial.spec.agent.id for trial in trials)
    found = {a: figures([t for t in trials if t.spec.agent.id == a]) for a in agents}
    rows = [(_space(name), *(show_figure(found[a][name]) for a in agents)) for name in FIGURES]
    return _fold("Figures", _table(("", *agents), rows)) if rows and found else ""


def _kinds(trials: Sequence[Trial]) -> str:
    """Return a table of right answers by kind of fault, a column an agent."""
    agents = list(dict.fromkeys(trial.spec.agent.id for trial in trials))
    found = {a: kinds([t for t in trials if t.spec.agent.id == a]) for a in agents}
    every = dict.fromkeys(kind for rates in found.values() for kind in rates)
    rows = [
        (*kind, *(show_figure(found[a][kind]) if kind in found[a] else "" for a in agents))
        for kind in every
    ]
    head = ("faults by", "", *agents)
    return _fold("Right answers by kind of fault", _table(head, rows)) if rows else ""


def show_figure(figure: Figure) -> str:
    """Return a figure with how many trials stand behind it, and its interval."""
    value = figure.share if isinstance(figure, Rate) else figure.value
    if value is None:
        return f"? of {figure.trials}"
    if isinstance(figure, Rate):
        return f"{value:.0%} ({figure.hits}/{figure.trials}; {figure.low:.0%} to {figure.high:.0%})"
    ends = "" if figure.low is None else f"; {figure.low:.2f} to {figure.high:.2f}"
    return f"{value:.2f} ({figure.trials}{ends})"


def _space(name: str) -> str:
    return name.replace("_", " ").replace(" hat ", "^").replace("pass at k", "pass@k")


def _fold(title: str, inner: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{inner}\n</details>\n"


def _details(what: str, names: Sequence[str]) -> str:
    inner = "".join(f"- {_md(name)}\n" for name in names)
    return _fold(f"{len(names)} {_md(what)}", inner)


def _details_of_trials(verdicts: Mapping[str, Verdict]) -> str:
    rows = [(v.outcome.value, name, v.reason) for name, v in verdicts.items()]
    if not rows:
        return ""
    return _fold(f"All {len(rows)} trials", _table(("outcome", "trial", "why"), rows))


_TEXT = str.maketrans(
    {sign: f"\\{sign}" for sign in "`*_[]|"} | {sign: f"&#{ord(sign)};" for sign in "@#\\&<>"}
)


def _md(text: str) -> str:
    """Return the text so that it stays text in a table's cell: no markup, no mentions."""
    return line(text).translate(_TEXT)
