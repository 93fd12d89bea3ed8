"""Loading: YAML read strictly, every place kept, one library out of several roots."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.errors import InputError
from harness.library import load as loading
from harness.library.lint import read
from harness.library.load import gather, load
from harness.library.pairs import overridden
from harness.library.templates import fill
from harness.library.yaml_positions import NODES, SIZE, parse, scalar
from harness.models.fault import NOOP, Fault
from harness.models.task import Sandbox, Task

ROOT = Path(__file__).parents[1]
SANDBOX = "sandboxes/bench/sandbox.yaml"
FAULT = "faults/data_config_vcs/locked.yaml"
TASK = "tasks/mend/task.yaml"
FILES = {
    SANDBOX: "title: A bench\n",
    "sandboxes/bench/Dockerfile": "ARG BASE\nFROM $BASE\n",
    FAULT: """\
title: A crashed git left its lock behind
category: data_config_vcs
error_type: git_index_locked
inject: touch .git/index.lock
present: test -e .git/index.lock
evidence: {seen: [File exists], says: [stale lock]}
phrases:
  hits: [a stale lock, one stale lock, two stale locks, that stale lock, the stale lock]
  misses: [a lock, one lock, two locks, that lock, the lock]
playbooks: {fix: [rm .git/index.lock]}
""",
    TASK: """\
title: Mend it
instruction: Mend it, please.
sandbox: bench
solution: [make]
damage: rm x
protect: [/work/x]
outputs: [/work]
faults: [{fault: locked}]
""",
    "tasks/mend/verify.sh": "true\n",
}


def write(root: Path, files: dict[str, str] = FILES) -> Path:
    """Write files under a root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


# --- YAML ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("yes", "yes", id="yes is text"),
        pytest.param("off", "off", id="off is text"),
        pytest.param("y", "y", id="y is text"),
        pytest.param("true", True, id="true"),
        pytest.param("FALSE", False, id="FALSE"),
        pytest.param("tRUE", "tRUE", id="tRUE is text"),
        pytest.param("", None, id="nothing"),
        pytest.param("~", None, id="a tilde"),
        pytest.param("Null", None, id="Null"),
        pytest.param("none", "none", id="none is text"),
        pytest.param("0", 0, id="zero"),
        pytest.param("-12", -12, id="a negative number"),
        pytest.param("012", "012", id="a leading zero keeps it text"),
        pytest.param("0755", "0755", id="a file mode is text"),
        pytest.param("0o17", 15, id="an octal number"),
        pytest.param("0x1F", 31, id="a hexadecimal number"),
        pytest.param("0b1", "0b1", id="a binary number is text"),
        pytest.param("1_000", "1_000", id="a thousands separator keeps it text"),
        pytest.param("12:30", "12:30", id="a time of day is text"),
        pytest.param("190:20:30", "190:20:30", id="sexagesimals are text"),
        pytest.param("2024-01-02", "2024-01-02", id="a date is text"),
        pytest.param("1.5", 1.5, id="a decimal fraction"),
        pytest.param("-.5e3", -500.0, id="without a leading zero"),
        pytest.param("1e3", 1000.0, id="an exponent"),
        pytest.param("1.2.3", "1.2.3", id="a version is text"),
        pytest.param(".", ".", id="a dot is text"),
        pytest.param("-.inf", -math.inf, id="minus infinity"),
        pytest.param("=", "=", id="an equals sign is text"),
        pytest.param("१२", "१२", id="digits of another script are text"),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, expected: Any) -> None:
    """Numbers, booleans and null are what YAML 1.2 calls so; whatever else is text."""
    assert scalar(text) == expected
    assert type(scalar(text)) is type(expected)
    assert parse(f"'{text}'", "x").data == text


def test_every_part_keeps_its_place() -> None:
    """Keys and values are found by their way from the top, in lines and columns from 1."""
    document = parse("# a word\né: {b: [x,  ü]}\nlong: |\n  text\n", "x")
    assert document.data == {"é": {"b": ["x", "ü"]}, "long": "text\n"}
    assert document.keys["é", "b"] == (2, 5)
    assert document.values["é", "b"] == (2, 8)
    assert document.values["é", "b", 1] == (2, 13)
    assert document.keys["long",] == (3, 1)
    assert document.values["long",] == (3, 7)


def test_the_place_of_what_is_not_there_is_the_nearest_part_above() -> None:
    """A finding about a missing part points at what should hold it."""
    document = parse("a:\n  b: {}\n", "x")
    assert str(document.at(("a", "b", "c", 0), "E000", "m")) == "x:2:6 E000 m"
    assert str(document.at(("z",), "E000", "m")) == "x:1:1 E000 m"
    assert str(parse("", "x").at((), "E000", "m")) == "x:1:1 E000 m"


def test_aliases_are_followed_and_cannot_blow_up() -> None:
    """An alias is a value written once more; a bomb of them is refused, and quickly."""
    assert parse("a: &x [1]\nb: *x\n", "x").data == {"a": [1], "b": [1]}
    levels = (f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 9))
    bomb = "l0: &l0 [x]\n" + "\n".join(levels)
    began = time.process_time()
    [diagnostic] = parse(bomb, "x").found
    assert (diagnostic.line, diagnostic.code) == (5, "E104")
    assert str(NODES) in diagnostic.message
    assert time.process_time() - began < 10
    assert [d.code for d in parse("a: &x [*x]", "x").found] == ["E101"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 200_000, id="open lists"),
        pytest.param("{a: " * 50_000, id="open mappings"),
        pytest.param("- " * 100_000, id="lists in lists"),
        pytest.param("x" * (SIZE + 1), id="a long text"),
        pytest.param("a: " + "9" * 10_000, id="a long number"),
    ],
)
def test_hostile_texts_are_refused_quickly(text: str) -> None:
    """No text can take the program down, or long."""
    began = time.process_time()
    assert parse(text, "x").found
    assert time.process_time() - began < 10


@given(st.text())
def test_no_text_can_break_the_reader(text: str) -> None:
    """Whatever the text, there are data or findings, and no exception."""
    document = parse(text, "x")
    assert document.found or document.data is None or document.values


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_what_yaml_writes_is_read_back(data: Any) -> None:
    """Plain data written by a YAML writer, texts quoted, come back equal, without findings."""
    text = yaml.dump(data, Dumper=Quoting, allow_unicode=True)
    document = parse(text, "x")
    assert document.found == ()
    assert document.data == data


class Quoting(yaml.SafeDumper):
    """Writes every text in quotes, and nothing twice by an alias."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)

KEYS = st.sampled_from(sorted({*Task.model_fields, *Fault.model_fields, *Sandbox.model_fields}))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["start", "locked", "bench", "{{x}}", "(", "/work", "a*", "{{where}}"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        KEYS | st.sampled_from(["fault", "with", "as", "before", "times", "seen", "fix", "x"]),
        inner, max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(KEYS, VALUES), st.sampled_from([TASK, FAULT, SANDBOX]))
def test_any_data_are_loaded_or_refused(data: dict[str, Any], name: str) -> None:
    """With any values under any keys, a file is a model or has findings; nothing is raised."""
    text = FILES[name] + yaml.dump(data, Dumper=Quoting, default_flow_style=False)
    for content in (text, yaml.dump(data, Dumper=Quoting)):
        entry = read(content, Path("/nowhere") / name)
        assert (entry.model is None) == bool(entry.found)


@given(st.dictionaries(KEYS, VALUES, max_size=3), st.sampled_from([TASK, FAULT, SANDBOX]))
def test_loading_raises_nothing_but_input_errors(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any], name: str
) -> None:
    """With any values in a file, there is a library, or an `InputError` that names a file."""
    root = write(tmp_path_factory.getbasetemp() / "any")
    good = yaml.safe_load(FILES[name])
    write(root, {name: yaml.dump({**good, **data}, Dumper=Quoting)})
    try:
        outcome = ", ".join(load([root]).tasks)
    except InputError as error:
        outcome = str(error)
    assert outcome == "mend" or ".yaml:" in outcome


NAMES = st.sampled_from(["a", "b"])
TEXTS = st.lists(NAMES.map(lambda n: f"{{{{{n}}}}}") | st.just("x"), min_size=1).map(" ".join)


@given(
    st.dictionaries(NAMES, st.sampled_from(["", "x.y", "z"])),
    st.dictionaries(NAMES, st.sampled_from(["", "x", "(y"])),
    TEXTS,
    TEXTS,
)
def test_what_is_accepted_can_be_filled_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    params: dict[str, str],
    values: dict[str, str],
    inject: str,
    fix: str,
) -> None:
    """A pair is found wanting (E409) exactly if filling its fault would fail."""
    root = write(tmp_path_factory.getbasetemp() / "filled")
    fault = yaml.safe_load(FILES[FAULT]) | {"params": params, "inject": inject}
    task = yaml.safe_load(FILES[TASK])
    task["faults"] = [{"fault": "locked", "with": values, "fix": [fix]}]
    write(root, {FAULT: yaml.dump(fault), TASK: yaml.dump(task)})
    codes = {d.code for d in gather([root]).found()} - {"W409"}
    pair = Task.model_validate({**task, "id": "mend"}).faults[0]
    try:
        fill(overridden(Fault.model_validate({**fault, "id": "locked"}), pair), pair.with_)
    except InputError:
        assert codes == {"E409"}
    else:
        assert codes == set()


# --- the library ---------------------------------------------------------------------------


def test_ids_are_the_names_of_files_and_folders(tmp_path: Path) -> None:
    """A task's and a sandbox's id is its folder's name, a fault's is its file's."""
    library = load([write(tmp_path)])
    assert library.tasks["mend"].id == "mend"
    assert library.faults["locked"].id == "locked"
    assert library.sandboxes["bench"].id == "bench"
    assert library.files["fault"]["locked"] == tmp_path / FAULT
    assert library.folders == {
        "task": {"mend": tmp_path / "tasks/mend"},
        "sandbox": {"bench": tmp_path / "sandboxes/bench"},
        "fault": {"locked": tmp_path / "faults/data_config_vcs/locked"},
    }


def test_the_control_is_always_there(tmp_path: Path) -> None:
    """`noop` is a fault without a file, outside of the taxonomy."""
    library = load([tmp_path])
    assert list(library.faults) == [NOOP]
    assert library.faults[NOOP].control
    assert NOOP not in library.files["fault"]
    assert len(library.digest("fault", NOOP)) == 64


def test_a_faults_assets_are_the_folder_beside_it(tmp_path: Path) -> None:
    """The folder with the fault's own name belongs to it, where there is one."""
    library = load([write(tmp_path)])
    assert library.assets("locked") is None
    write(tmp_path, {"faults/data_config_vcs/locked/events.jsonl": ""})
    assert library.assets("locked") == tmp_path / "faults/data_config_vcs/locked"
    assert library.assets(NOOP) is None


@pytest.mark.parametrize(
    ("kind", "name", "file", "changes"),
    [
        pytest.param("task", "mend", "tasks/mend/verify.sh", True, id="a content"),
        pytest.param("task", "mend", "tasks/mend/deep/er/new", True, id="a new file"),
        pytest.param("task", "mend", "tasks/other/verify.sh", False, id="another task's file"),
        pytest.param("task", "mend", "tasks/mend/__pycache__/x.pyc", False, id="a cache"),
        pytest.param("fault", "locked", FAULT, True, id="a fault's file"),
        pytest.param("fault", "locked", "faults/data_config_vcs/locked/x", True, id="its assets"),
        pytest.param("fault", "locked", "faults/data_config_vcs/x.yaml", False, id="another fault"),
        pytest.param("sandbox", "bench", "sandboxes/bench/Dockerfile", True, id="a Dockerfile"),
    ],
)
def test_a_digest_changes_with_what_belongs_to_it(
    tmp_path: Path, kind: Any, name: str, file: str, changes: bool
) -> None:
    """A digest covers the files of its own definition, and nothing else."""
    library = load([write(tmp_path)])
    before = library.digest(kind, name)
    write(tmp_path, {file: "# changed\n"})
    assert (library.digest(kind, name) != before) == changes


def test_a_digest_covers_names_and_executable_bits_but_no_place(tmp_path: Path) -> None:
    """A copy has the same digest; a renamed file or another executable bit has not."""
    library = load([write(tmp_path / "a")])
    before = library.digest("task", "mend")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    copy = load([tmp_path / "b"])
    os.utime(tmp_path / "b/tasks/mend/verify.sh", (0, 0))
    assert copy.digest("task", "mend") == before
    (tmp_path / "b/tasks/mend/verify.sh").chmod(0o755)
    executable = copy.digest("task", "mend")
    (tmp_path / "b/tasks/mend/verify.sh").rename(tmp_path / "b/tasks/mend/check.sh")
    assert len({before, executable, copy.digest("task", "mend")}) == 3


def test_the_same_definition_in_two_roots_is_one(tmp_path: Path) -> None:
    """A copy of the library beside itself is no collision; a changed copy is."""
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    assert load([first, second, first]) == load([first])
    write(second, {SANDBOX: "title: Another bench\n"})
    with pytest.raises(InputError, match=r"b/sandboxes/bench/sandbox.yaml:1:1 E407 the id `bench`"):
        load([first, second])


def test_the_current_directory_is_a_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's own tasks, faults and sandboxes join those of the package."""
    monkeypatch.setattr(loading, "own_root", lambda: write(tmp_path / "own"))
    mine = {"sandboxes/mine/sandbox.yaml": "title: Mine\n", "sandboxes/mine/Dockerfile": ""}
    monkeypatch.chdir(write(tmp_path / "here", mine))
    assert load().sandboxes.keys() == {"bench", "mine"}
    monkeypatch.chdir(tmp_path)
    assert load().sandboxes.keys() == {"bench"}


def test_data_are_found_in_a_checkout_and_in_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a checkout the data stand beside the package; a wheel has them in `harness/_data`."""
    assert loading.own_root() == ROOT
    (tmp_path / "site/harness").mkdir(parents=True)
    monkeypatch.setattr(harness, "__file__", str(tmp_path / "site/harness/__init__.py"))
    assert loading.own_root() == tmp_path / "site"
    write(tmp_path / "site/harness/_data")
    assert loading.own_root() == tmp_path / "site/harness/_data"
    assert load([loading.own_root()]).tasks.keys() == {"mend"}


def test_an_unreadable_file_is_a_finding(tmp_path: Path) -> None:
    """A file that cannot be opened is named like any other mistake."""
    write(tmp_path)
    (tmp_path / SANDBOX).unlink()
    (tmp_path / SANDBOX).mkdir()
    assert [d.code for d in gather([tmp_path]).found()] == ["E408"]


def test_the_librarys_own_data_are_right() -> None:
    """Every task, fault and sandbox of the repository loads, without a warning."""
    assert [str(d) for d in gather([ROOT]).found()] == []


def test_git_knows_every_file_that_a_digest_covers() -> None:
    """No stray file of a work tree is part of a definition."""
    library = load([ROOT])
    folders = [folder for kind in library.folders.values() for folder in kind.values()]
    asked = [
        "git",
        "-C",
        str(ROOT),
        "ls-files",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--",
    ]
    where = sorted({folder.relative_to(ROOT).parts[0] for folder in folders})
    output = subprocess.run([*asked, *where], capture_output=True, text=True, check=True).stdout
    ignored = [ROOT / name for name in output.splitlines() if "__pycache__" not in name]
    assert [f for f in ignored if any(f.is_relative_to(folder) for folder in folders)] == []
