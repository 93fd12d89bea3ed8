"""May the agent be released?  A pure function of a run's cells, a policy and a date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from harness.models.verdict import Outcome
from harness.release import questions
from harness.release.cells import Cell, Count
from harness.release.counting import (
    count_verdicts,
    explain,
    missing_of,
    pairing_of,
    split_quarantine,
    trials_with,
)
from harness.release.decision import Decision, Evidence, Finding
from harness.release.matching import Pairing
from harness.release.policy import Policy
from harness.release.questions import Answer, Question
from harness.release.wording import phrase, question_why

LOOK = 12
"""trials named in a finding"""


def decide(policy: Policy, given: Evidence, today: date) -> Decision:
    """Judge a run by a policy.  Pure: the same evidence, policy and date, the same decision."""
    cells, held = split_quarantine(policy, given, today)
    pairing = pairing_of(policy, cells, given, today)
    missing = missing_of(policy, cells, given, today)
    invalid = trials_with(cells, Outcome.INVALID)
    findings = (
        *_hard(policy, cells),
        _complete(missing),
        _infrastructure(policy, cells, invalid),
        _exposure(policy, cells, pairing),
        *_rules(policy, cells, pairing, len(invalid) > policy.max_invalid * count_verdicts(cells)),
    )
    verdict = questions.together([finding.answer for finding in findings])
    return Decision(
        verdict=verdict,
        reason=_reason(verdict, findings),
        alpha=policy.level,
        agents=tuple(dict.fromkeys(cell.agent for cell in given.new)),
        compared=given.old is not None,
        findings=findings,
        missing=tuple(missing),
        invalid=tuple(invalid),
        unexposed=tuple(trials_with(cells, Outcome.UNEXPOSED)),
        not_comparable={c.name: tuple(names) for c, names in (pairing.changed if pairing else ())},
        added=tuple(cell.name for cell in (pairing.added if pairing else ())),
        quarantined={cell.name: explain(entry) for cell, entry in held},
        notes=tuple(_notes(policy, given, today)),
    )


# --- the findings --------------------------------------------------------------------------


def _hard(policy: Policy, cells: Sequence[Cell]) -> Iterator[Finding]:
    for what, most in policy.hard.items():
        hit = tuple(
            cell.trial(result)
            for cell in cells
            for result in cell.valid
            if (result.false_success if what == "false_success" else result.outcome == what)
        )
        bad = len(hit) > most
        trials = "trial" if len(hit) == 1 else "trials"
        yield Finding(
            rule=f"hard.{what}",
            asks=f"at most {most} {what.replace('_', ' ')}",
            answer=Answer.FAIL if bad else Answer.PASS,
            why=f"{len(hit)} {what.replace('_', ' ')} {trials}, at most {most} allowed",
            hits=len(hit),
            trials=sum(len(cell.valid) for cell in cells),
            look=hit[:LOOK],
        )


def _complete(missing: Sequence[str]) -> Finding:
    many = f"{len(missing)} planned trials or cells have no valid verdict"
    return Finding(
        rule="complete",
        asks="every planned trial has a verdict",
        answer=Answer.INCONCLUSIVE if missing else Answer.PASS,
        why=f"{many}: go on with `harness run --resume`" if missing else "nothing is missing",
        look=tuple(missing[:LOOK]),
    )


def _infrastructure(policy: Policy, cells: Sequence[Cell], invalid: Sequence[str]) -> Finding:
    size = count_verdicts(cells)
    over = len(invalid) > policy.max_invalid * size
    return Finding(
        rule="infrastructure",
        asks=f"at most {policy.max_invalid:.1%} of the trials are invalid",
        answer=Answer.INCONCLUSIVE if over else Answer.PASS,
        why=f"{len(invalid)} of {size} trials are invalid, {policy.max_invalid:.1%} are allowed",
        hits=len(invalid),
        trials=size,
        look=tuple(invalid[:LOOK]),
    )


def _exposure(policy: Policy, cells: Sequence[Cell], pairing: Pairing | None) -> Finding:
    """Ask whether enough faults were met: who meets none masters all that it meets."""
    common = pairing.common if pairing else ()
    old = _share_met([before for _, before in common])
    new = _share_met([cell for cell, _ in common] if old is not None else cells)
    met = _count(cells, "exposure")
    floor = max(policy.min_exposure, (old or 0.0) - policy.max_exposure_drop)
    was = "" if old is None else f", {old:.0%} in the baseline"
    unmet = (cell.trial(r) for cell in cells for r, hit in cell.answers("exposure") if not hit)
    return Finding(
        rule="exposure",
        asks=f"at least {floor:.0%} of the faults are met",
        answer=Answer.INCONCLUSIVE if new is not None and new < floor else Answer.PASS,
        why="no trial has a fault"
        if new is None
        else f"{new:.0%} of the faults were met{was}, asked at least {floor:.0%}",
        share=new,
        before=old,
        hits=met.hits,
        trials=met.trials,
        look=tuple(unmet)[:LOOK],
    )


def _share_met(cells: Sequence[Cell]) -> float | None:
    met = _count(cells, "exposure")
    return met.hits / met.trials if met.trials else None


def _count(cells: Sequence[Cell], metric: str) -> Count:
    counts = [cell.count(metric) for cell in cells]
    return Count(sum(each.hits for each in counts), sum(each.trials for each in counts))


def _rules(
    policy: Policy, cells: Sequence[Cell], pairing: Pairing | None, over: bool
) -> Iterator[Finding]:
    """Yield a finding for each condition; over the budget for invalid trials none is decided."""
    if pairing and policy.not_comparable == "skip":
        pairing = pairing._replace(changed=[])
    questions_ = [q for rule in policy.rules for q in questions.questions(rule, cells, pairing)]
    for question, answer in zip(
        questions_, questions.answers(questions_, policy.level), strict=True
    ):
        finding = _finding(question, answer, policy.level)
        yield _leave_open(finding) if over and answer is not Answer.INCONCLUSIVE else finding


def _leave_open(finding: Finding) -> Finding:
    why = f"too many trials are invalid: {finding.why}"
    return finding.model_copy(update={"answer": Answer.INCONCLUSIVE, "why": why})


def _finding(question: Question, answer: Answer, alpha: float) -> Finding:
    condition, found = question.condition, question.estimate
    counted = _count(question.cells, condition.metric)
    low, high = found.bounds(alpha) if found else (None, None)
    pairs = found.pairs if found else None
    return Finding(
        rule=f"{question.rule.name}.{phrase(condition)[0]}",
        asks=phrase(condition)[1],
        answer=answer,
        why=question_why(question, answer, alpha),
        share=pairs.both + pairs.new if pairs else found.mean if found else None,
        before=pairs.both + pairs.old if pairs else None,
        low=low,
        high=high,
        hits=counted.hits,
        trials=counted.trials,
        cells=len(question.cells),
        tasks=found.tasks if found else 0,
        least_tasks=question.least_tasks(alpha),
        look=tuple(_worst(question))[:LOOK],
    )


def _worst(question: Question) -> Iterator[str]:
    """Yield the trials that speak against the condition, from the cells that lost most."""
    metric, good = question.condition.metric, question.condition.kind != "most"
    lost = [(cell.count(metric).hits / cell.count(metric).trials, cell) for cell in question.cells]
    if question.before:
        lost = [
            (share - old.count(metric).hits / old.count(metric).trials, cell)
            for (share, cell), old in zip(lost, question.before, strict=True)
        ]
        lost = [(change, cell) for change, cell in lost if change < 0]
    for _, cell in sorted(lost, key=lambda row: row[0], reverse=not good):
        yield from (cell.trial(r) for r, answer in cell.answers(metric) if answer is not good)


def _reason(verdict: Answer, findings: Sequence[Finding]) -> str:
    if verdict is not Answer.PASS:
        return next(finding.why for finding in findings if finding.answer is verdict)
    said = [finding.why for finding in findings if finding.low is not None]
    return said[0] if said else "no hard rule is violated, and nothing is missing"


def _notes(policy: Policy, given: Evidence, today: date) -> Iterator[str]:
    for entry in policy.quarantine:
        if entry.until < today:
            yield f"the quarantine `{entry.reason}` ended on {entry.until}: its cells count again"
    if given.unplanned and policy.looks == 1:
        yield (
            f"{len(given.unplanned)} trials were added after the run was planned and are left out: "
            "looking and going on must be announced beforehand (`looks: 2` in the policy)"
        )
    repeated = [c for c in given.new if c.deterministic and len(c.valid) > 1]
    if repeated:
        yield "attempts of a deterministic agent repeat each other: each cell counts once"
    agents = dict.fromkeys(cell.agent for cell in given.new)
    if len(agents) > 1:
        yield f"{len(agents)} agents are judged as one ({', '.join(agents)}); --agent picks one"
    if given.itself:
        yield "the baseline is this very run: that nothing became worse is no news"
    if not given.new:
        yield "the run holds no trial"
