"""The file: everything in it, nothing fetched, and whatever a trajectory holds stays data."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from harness.__main__ import main
from harness.history.store import Run
from harness.views.html import files
from harness.views.html.document import finite
from harness.views.html.gather import Gathered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\n",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2J \x9b31m \x00\x7f\n",
    "\u202e evil \u2066 hidden \u2029 \ufeff \udcff\udc80 \U000e0041\n",
    "{{constructor}} ${alert(1)} <!--<script> ]]> & &lt; &#60;\n",
    "x" * 10_000_000,
)


def blocks(html: str) -> dict[str, Any]:
    """Return the data in a file, by name."""
    found = re.findall(r'<script type="text/plain" data-name="([^"]*)">([^<]*)</script>', html)
    return {
        n: json.loads(gzip.decompress(base64.b64decode(text, validate=True))) for n, text in found
    }


@pytest.fixture(scope="module")
def html(planted: Path) -> str:
    """Return the small run's file."""
    return files.report(Gathered(planted))


def test_every_trial_is_in_the_file(html: str, planted: Path) -> None:
    """The run's document and each trial's picture, finished or not."""
    begun = {f"trial {folder.trial}" for folder in Run.open(planted).folders()}
    assert set(blocks(html)) == {"run", *begun}


def test_nothing_is_fetched(html: str) -> None:
    """No address but those of the data scheme, and a policy that forbids all the others."""
    assert re.findall(r'(?:src|href)="([^"]*)"', html.partition("<style>")[0]) == ["data:,"]
    assert not re.search(r"@import|url\(", html.partition("</style>")[0])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert "unsafe" not in policy[1]


@pytest.mark.parametrize("tag", ["style", 'script type="module"'])
def test_the_policy_names_script_and_style_by_their_hash(html: str, tag: str) -> None:
    """A changed byte, or anything else that looks like a script, does not run."""
    text = html.partition(f"<{tag}>")[2].partition(f"</{tag.partition(' ')[0]}>")[0]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert f"sha256-{digest}" in html


def test_the_file_is_reproducible(html: str, planted: Path) -> None:
    """The same run gives the same bytes."""
    assert files.report(Gathered(planted)) == html


def test_hostile_texts_stay_data(
    plant: Callable[..., Path], trial: Callable[..., Any], tmp_path: Path
) -> None:
    """Script tags, control characters and long lines are in the blocks of data and nowhere else."""
    run = plant(tmp_path / "run", [trial(texts=HOSTILE, steps=10)])
    html = files.report(Gathered(run))
    assert "alert(1)" not in html
    assert html.isprintable() is False
    assert set(re.findall(r"[\x00-\x09\x0b-\x1f\x7f]", html)) == set()
    (picture,) = (v for k, v in blocks(html).items() if k != "run")
    seen = [step["stdout"] for step in picture["steps"]]
    assert seen[:4] == [t.encode("utf-8", "backslashreplace").decode() for t in HOSTILE[:4]]
    assert seen[4] == {"head": "x" * 8192, "left_out": 10_000_000 - 16384, "tail": "x" * 8192}


def test_a_hostile_name_breaks_no_attribute(
    plant: Callable[..., Path], trial: Callable[..., Any], tmp_path: Path
) -> None:
    """The page's own markup holds a run's names escaped."""
    run = plant(tmp_path / 'a"><script>alert(1)<', [trial()])
    assert "<script>alert" not in files.report(Gathered(run))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param({"t": float("nan")}, {"t": None}, id="not a number"),
        pytest.param([1.5, float("inf")], [1.5, None], id="infinite, in a list"),
        pytest.param({"a": {"b": ("c", 1)}}, {"a": {"b": ["c", 1]}}, id="nothing of the kind"),
    ],
)
def test_what_json_does_not_know(content: Any, expected: Any) -> None:
    """A number that JSON does not know becomes null: the page opens."""
    assert finite(content) == expected


def test_large_texts_shrink_until_the_file_fits(
    plant: Callable[..., Path], trial: Callable[..., Any], tmp_path: Path
) -> None:
    """Over the limit, every text is cut shorter, and no trial is left out."""
    run = plant(tmp_path / "run", [trial(attempt=n, words=4000) for n in range(1, 9)])
    whole, small = (files.report(Gathered(run), largest=most) for most in (10**9, 300_000))
    assert len(small) <= 300_000 < len(whole)
    assert set(blocks(small)) == set(blocks(whole))
    assert blocks(small)["run"]["limit"] < blocks(whole)["run"]["limit"]


def test_the_command(planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`harness report RUN -o FILE` writes the file and says where."""
    file = tmp_path / "out.html"
    assert main(["report", str(planted), "-o", str(file)]) == 0
    assert str(file) in capsys.readouterr().out
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param([], "name a run's folder", id="no run"),
        pytest.param(["/nowhere"], "no run.json", id="a folder that is none"),
        pytest.param(["RUN", "-o", "/nowhere/x.html"], "cannot be written", id="no place for it"),
        pytest.param(["RUN", "--baseline", "/nowhere.json"], "is not there", id="no baseline"),
    ],
)
def test_what_is_wrong_is_said(
    planted: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake of the user's is one line and exit code 2."""
    assert main(["report", *(str(planted) if a == "RUN" else a for a in arguments)]) == 2
    assert words in capsys.readouterr().err


def test_beside_a_baseline(planted: Path, tmp_path: Path) -> None:
    """With --baseline the page holds what `harness compare --json` prints."""
    file = tmp_path / "out.html"
    assert main(["report", str(planted), "-o", str(file), "--baseline", str(planted)]) == 0
    compared = blocks(file.read_text(encoding="utf-8"))["run"]["compared"]
    assert compared["format"] == 1
    assert compared["cells"] == []
