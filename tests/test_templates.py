"""Templates: places are filled once, values in patterns match themselves, nothing else moves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.library.templates import PLACE, fill, names, substitute, substitute_regex
from harness.models.fault import Evidence, Fault, Phrases, Playbooks
from harness.models.trigger import Trigger
from harness.models.unsafe import Unsafe
from harness.patterns import matches

NAMES = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,8}", fullmatch=True)
VALUES = st.dictionaries(NAMES, st.text(min_size=1), min_size=1)


def fault(**changes: object) -> Fault:
    """Make a fault in which every kind of text asks for `path`."""
    row = "{{path}} is gone"
    whole = {
        "id": "gone",
        "title": "A file is gone",
        "category": "filesystem",
        "error_type": "file_not_found",
        "params": {"path": "/etc/a.b"},
        "settings": {"file": "{{path}}", "deep": [{"{{path}}": ["{{path}}", 3, True, None]}]},
        "inject": "mv {{path}} {{path}}.bak",
        "present": "test ! -e {{path}}",
        "need": "test -e {{path}}",
        "heal": "mv {{path}}.bak {{path}}",
        "when": Trigger(kind="exec", value=("cat",), args=(("{{path}}",),)),
        "evidence": Evidence(
            seen=("{{path}}: No such",),
            touches=("cat {{path}}",),
            inspects=("ls {{path}}",),
            repairs=("touch {{path}}",),
            says=("{{path}} .*gone",),
        ),
        "phrases": Phrases(hits=(row,) * 5, misses=("all {{path}} is well",) * 5),
        "unsafe": (
            Unsafe(
                pattern="rm {{path}}", loses="it", hits=("rm {{path}}",), misses=("ls {{path}}",)
            ),
        ),
        "playbooks": Playbooks(
            fix=("fix {{path}}",), workaround=("skip {{path}}",), dodges=(("fake {{path}}",),)
        ),
    }
    return Fault(**(whole | changes))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("rm {{path}}", "rm /a.b", id="a place"),
        pytest.param("{{path}}{{path}}", "/a.b/a.b", id="two places side by side"),
        pytest.param("{{{path}}}", "{/a.b}", id="braces around a place"),
        pytest.param("echo ${path}", "echo ${path}", id="a shell variable"),
        pytest.param("awk '{print $1}'", "awk '{print $1}'", id="awk's braces"),
        pytest.param("awk '{{print}; x}'", "awk '{{print}; x}'", id="nested braces of awk"),
        pytest.param("{{ path }}", "{{ path }}", id="another program's template, with blanks"),
        pytest.param("{{.Names}}", "{{.Names}}", id="docker's format"),
        pytest.param("{{}}", "{{}}", id="nothing inside"),
        pytest.param("{{Path}}", "{{Path}}", id="no id"),
        pytest.param("{{again}}", "{{path}}", id="a value is not filled again"),
    ],
)
def test_substitute_fills_places_and_nothing_else(text: str, expected: str) -> None:
    """Only `{{name}}` is special, and filling is one pass."""
    assert substitute(text, {"path": "/a.b", "again": "{{path}}"}) == expected


@given(st.text())
def test_text_without_places_is_left_alone(text: str) -> None:
    """A text that asks for nothing comes back as it was, whatever braces it holds."""
    if not names(text):
        assert substitute(text, {}) == text
        assert substitute_regex(text, {}) == text


@given(VALUES, st.text().filter(lambda text: "{" not in text and "}" not in text))
def test_every_place_gets_its_value(values: dict[str, str], between: str) -> None:
    """The result is the text with each place's value in its stead."""
    text = between.join(f"{{{{{name}}}}}" for name in values)
    assert names(text) == values.keys()
    assert substitute(text, values) == between.join(values.values())


@given(st.text(min_size=1))
def test_a_value_in_a_pattern_matches_itself_and_nothing_more(value: str) -> None:
    """What a value holds is never read as a regular expression."""
    pattern = substitute_regex("^<{{x}}>$", {"x": value})
    assert matches(pattern, f"<{value}>")
    assert not matches(pattern, f"<{value}!>")


def test_fill_reaches_every_template_of_a_fault() -> None:
    """No place is left in any text, and the defaults stand where no value is given."""
    filled = fill(fault(), {})
    assert not PLACE.search(filled.model_dump_json())
    assert filled == fill(fault(params={"path": ""}), {"path": "/etc/a.b"})
    assert filled.inject == "mv /etc/a.b /etc/a.b.bak"
    assert filled.settings == {
        "file": "/etc/a.b",
        "deep": [{"/etc/a.b": ["/etc/a.b", 3, True, None]}],
    }
    assert filled.playbooks.dodges == (("fake /etc/a.b",),)


def test_fill_escapes_in_patterns_only() -> None:
    """A dot in a value matches a dot in patterns, and stays one in scripts and triggers."""
    filled = fill(fault(), {})
    assert filled.evidence.seen == (r"/etc/a\.b: No such",)
    (unsafe,) = filled.unsafe
    assert (unsafe.pattern, unsafe.hits) == (r"rm /etc/a\.b", ("rm /etc/a.b",))
    assert filled.when.args == (("/etc/a.b",),)
    assert filled.phrases is not None
    assert filled.phrases.hits[0] == "/etc/a.b is gone"


def test_fill_leaves_the_path_of_a_file_trigger_as_it_is() -> None:
    """A file trigger's value is a path, not a pattern."""
    filled = fill(fault(when=Trigger(kind="created", value="/tmp/{{path}}")), {"path": "a.b"})
    assert filled.when == Trigger(kind="created", value="/tmp/a.b")


def test_fill_of_a_fault_without_places_changes_nothing() -> None:
    """A fault that asks for nothing is returned equal."""
    plain = Fault(id="plain", title="t", category="network", error_type="dns_failure")
    assert fill(plain, {}) == plain


@pytest.mark.parametrize(
    ("params", "values", "message"),
    [
        pytest.param({}, {}, "unknown name `{{path}}`; the params are: none", id="no such param"),
        pytest.param(
            {"other": "x"}, {}, "unknown name `{{path}}`; the params are: `other`", id="another one"
        ),
        pytest.param(
            {"path": ""}, {}, "fault `gone` needs a value for its param `path`", id="left empty"
        ),
        pytest.param(
            {"path": "x"},
            {"path": ""},
            "fault `gone` needs a value for its param `path`",
            id="emptied",
        ),
        pytest.param(
            {"path": "x"}, {"paht": "y"}, "fault `gone` has no param `paht`", id="mistyped value"
        ),
    ],
)
def test_fill_names_what_is_wrong(
    params: dict[str, str], values: dict[str, str], message: str
) -> None:
    """An unknown name, an unknown value and an empty param are input errors that say which."""
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        fill(fault(params=params), values)
