"""The one dialect of patterns: `harness.patterns`."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.error_taxonomy import taxonomy
from harness.library.load import load
from harness.patterns import (
    any_matches,
    check,
    compile_pattern,
    escape,
    first_group,
    first_line,
    matches,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Lone surrogates too: an output that is no UTF-8 may hold them."""


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        pytest.param(r"a(?=b)", "look-around; match what stands there", id="a look ahead"),
        pytest.param(r"(?<=a)b", "look-around; match what stands there", id="a look behind"),
        pytest.param(r"a(?!b)", "look-around; use a class", id="no look ahead"),
        pytest.param(r"(?<!a)b", "look-around; use a class", id="no look behind"),
        pytest.param(r"(a|b)\1", "back-references", id="a back-reference"),
        pytest.param(r"(?P<n>a)(?P=n)", "back-references", id="a named back-reference"),
        pytest.param(r"(a)?(?(1)b|c)", "back-references", id="a condition"),
        pytest.param(r"(?>a+)b", "possessive", id="an atomic group"),
        pytest.param(r"a++b", "possessive", id="a possessive repeat"),
        pytest.param(r"a\Z", r"\z", id="the end in Python's spelling"),
        pytest.param(r"\u00e9", r"\x{...}", id="a character by its number"),
        pytest.param(r"(?<n>a)", "(?P<name>", id="a named group that older ones refuse"),
        pytest.param(r"a(?#why)b", "in YAML", id="a comment"),
        pytest.param(r"(?x)a b", "flags", id="a verbose pattern"),
        pytest.param(r"a{,3}", "{0,N}", id="a repeat that is plain text"),
        pytest.param(r"a{2000}", "up to 1000", id="a long repeat"),
        pytest.param(r"a{99999999999}", "up to 1000", id="a repeat beyond all bounds"),
        pytest.param(r"(a", "missing ): (a", id="an open group: nothing to add"),
    ],
)
def test_what_is_refused_comes_with_a_remedy(pattern: str, remedy: str) -> None:
    """The message names what RE2 stumbled over, and what to write instead."""
    with pytest.raises(ValueError, match=r"^\D+: ") as refused:
        check(pattern)
    assert remedy in str(refused.value)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"(?P<n>a)(?:b)?", id="groups"),
        pytest.param(r"(?i)a|(?s)b.c", id="flags anywhere"),
        pytest.param(r"a\{,3\}", id="braces as text"),
        pytest.param(r"[[:alpha:]]\pL\x{e9}\z", id="classes by name"),
        pytest.param("[✗é]ld", id="other than ASCII"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_taken_is_left_alone(pattern: str) -> None:
    """A pattern that compiles comes back as it was."""
    assert pattern == check(pattern)


def test_every_pattern_that_comes_with_the_program_compiles() -> None:
    """Faults and tasks are linted elsewhere, as far as they are templates; here is the rest."""
    for kind in taxonomy.load().types:
        for pattern in kind.patterns:
            for each in (pattern.re, pattern.avoid, pattern.command):
                compile_pattern(each or "")
        for each in kind.not_patterns:
            compile_pattern(each)
    for task in load().tasks.values():
        for each in task.unsafe:
            compile_pattern(each.pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        pytest.param(r"^b$", "a\nb\nc", True, id="lines"),
        pytest.param(r"\Aa\z", "a\nb", False, id="the whole text"),
        pytest.param(r"a.b", "a\nb", False, id="a dot is no line end"),
        pytest.param(r"a[^x]b", "a\nb", True, id="a class may be"),
        pytest.param(r"a\sb", "a\nb", True, id="so may a blank"),
        pytest.param(r"\bt\b", "né t é", True, id="a word between blanks"),
        pytest.param(r"\bt\b", "ét", True, id="a letter beyond ASCII is no word's"),
        pytest.param(r"^\w+$", "né", False, id="nor matched as one"),
        pytest.param(r"^[\pL]+$", "né", True, id="letters of all alphabets"),
        pytest.param(r"^a.b$", "aéb", True, id="a character, not a byte"),
        pytest.param(r"^a.b$", "a\udce9b", True, id="a byte that is no UTF-8"),
        pytest.param(r"^a.b$", "a\ud800b", True, id="half a character"),
        pytest.param(r"(?i)É", "é", True, id="capitals beyond ASCII"),
        pytest.param(r"x", "", False, id="nothing"),
    ],
)
def test_what_a_pattern_means(pattern: str, text: str, found: bool) -> None:
    """`^` and `$` mean lines; classes with a letter are ASCII; a text is its characters."""
    assert found == matches(pattern, text)
    assert found == any_matches(["nowhere", pattern], "", text)


def test_nothing_is_found_in_nothing() -> None:
    """Without patterns, or texts, or in an empty text, there is nothing to find."""
    assert [False] * 3 == [any_matches([], "a"), any_matches(["a"]), any_matches(["^"], "")]


@given(ANY_TEXT)
def test_an_escaped_text_matches_itself(text: str) -> None:
    """Whatever a text holds, its pattern finds it, and not a part of it."""
    assert matches(rf"\A{escape(text)}\z", text)
    assert not matches(rf"\A{escape(text)}\z", f"{text}!")


@given(st.lists(st.sampled_from("ab \n\ud800é"), max_size=12).map("".join))
def test_the_first_line_is_the_one_that_python_finds(text: str) -> None:
    """The line that holds the first match, character by character."""
    line, pattern = first_line(["nowhere", "é"], text)
    expected = next((each for each in text.split("\n") if "é" in each), None)
    assert (expected, expected and "é") == (line, pattern)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("code ([0-9]+)", "3", id="there"),
        pytest.param("rc=([0-9]+)", None, id="not there"),
        pytest.param("exit|code (x)", None, id="found without the group"),
    ],
)
def test_the_first_group(pattern: str, expected: str | None) -> None:
    """What the first group holds, where it holds something."""
    assert expected == first_group(pattern, "exit code 3")


def test_a_repeat_of_a_repeat_takes_no_time() -> None:
    """What takes other engines for ever is linear here: an agent writes the text."""
    began = time.perf_counter()
    assert not matches(r"^(\w+\s?)+$", "a" * 100_000 + "!")
    assert time.perf_counter() - began < 1
