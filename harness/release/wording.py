"""The gate's sentences: what a condition asks, and why the answer is what it is."""

from __future__ import annotations

from harness.release.policy import Condition
from harness.release.questions import Answer, Question


def phrase(condition: Condition) -> tuple[str, str]:
    """Return the policy's key and the sentence for it."""
    metric = condition.metric.replace("_", " ")
    match condition.kind:
        case "least":
            return f"min_{condition.metric}", f"{metric} at least {condition.limit:.0%}"
        case "most":
            return f"max_{condition.metric}", f"{metric} at most {condition.limit:.0%}"
        case "drop":
            return "max_drop", f"{metric} down by at most {points(condition.limit)}"


def points(share: float) -> str:
    """Return a difference of shares in points of a hundred."""
    return f"{100 * share:.0f} points"


def question_why(question: Question, answer: Answer, alpha: float) -> str:
    """Return the reason for an answer: what was found, and what stands in the way of a PASS."""
    found = question.estimate
    if found is None:
        return question.gaps[0] if question.gaps else f"no cell shows {question.condition.metric}"
    said = f"{_figures(question, alpha)}; {_scope(question)}"
    if answer is not Answer.INCONCLUSIVE:
        return said
    obstacle = _obstacle(question, alpha)
    return f"{obstacle}: {said}"


def _figures(question: Question, alpha: float) -> str:
    """Return the figures beside what is asked."""
    condition, found = question.condition, question.estimate
    assert found is not None
    low, high = found.bounds(alpha)
    metric = condition.metric.replace("_", " ")
    level = f"{1 - 2 * alpha:.0%} interval"
    if found.pairs is None:
        word = "at least" if condition.kind == "least" else "at most"
        return (
            f"{metric} {found.mean:.0%} ({level} {low:.0%} to {high:.0%}), "
            f"asked {word} {condition.limit:.0%}"
        )
    new, old = found.pairs.both + found.pairs.new, found.pairs.both + found.pairs.old
    return (
        f"{metric} {old:.0%} -> {new:.0%}, {100 * found.mean:+.0f} points "
        f"({level} {100 * low:+.0f} to {100 * high:+.0f}), allowed -{100 * condition.limit:.0f}"
    )


def _scope(question: Question) -> str:
    found = question.estimate
    assert found is not None
    cells, tasks = len(question.rows), found.tasks
    return f"{cells} cell{'s' * (cells != 1)} in {tasks} task{'s' * (tasks != 1)}"


def _obstacle(question: Question, alpha: float) -> str:
    """Return what keeps the answer open."""
    found = question.estimate
    assert found is not None
    if question.gaps:
        return "; ".join(question.gaps)
    least = question.least_tasks(alpha)
    if found.tasks < least:
        return f"too few tasks, {found.tasks} of the {least} that a PASS takes"
    return "the interval holds the limit"
