"""Lint: every code at its exact place, nothing where nothing is wrong, in every format."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.library.diagnostics import CODES, DataError, did_you_mean
from harness.library.lint import diagnose
from harness.library.load import gather, load
from harness.library.regexes import problem
from harness.views.ci.lint_findings import render, summary

FAULT = "faults/data_config_vcs/locked.yaml"
TASK = "tasks/mend/task.yaml"
BENCH = "sandboxes/bench/sandbox.yaml"
GOOD = {
    BENCH: """\
title: A bench
base: debian:bookworm-slim
""",
    "sandboxes/bench/Dockerfile": "ARG BASE\nFROM $BASE\n",
    "sandboxes/web/sandbox.yaml": "title: A web server\nbase: sandbox:bench\npurpose: service\n",
    "sandboxes/web/Dockerfile": "ARG BASE\nFROM $BASE\n",
    FAULT: """\
title: A crashed git left its lock behind
category: data_config_vcs
error_type: git_index_locked
when: {exec: git, args: [commit]}
schedule: until-healed
params:
  lock: .git/index.lock
  where: ''
inject: touch {{where}}/{{lock}}
present: test -e {{where}}/{{lock}}
heal: rm -f {{where}}/{{lock}}
evidence:
  seen: ['{{lock}}.*File exists']
  inspects: ['ls .*\\.git']
  says:
    - '(stale|left[- ]?over|crashed).*lock'
phrases:
  hits: [a stale lock, a leftover lock, a crashed git's lock, stale index lock, the stale lock file]
  misses: [a package lock, the door is shut, a lock-step walk, stale bread, git crashed]
unsafe: [{pattern: 'rm -rf \\.git', loses: it, hits: [rm -rf .git], misses: [ls .git]}]
playbooks:
  fix: ['rm -f {{where}}/{{lock}}']
""",
    TASK: """\
title: Mend it
instruction: Mend it, please.
sandbox: bench
network: services
services:
  web: {sandbox: web, command: serve, ready: 'true', files: {site: /srv}}
files:
  seed.txt: /work/seed.txt
protect: [/work/other]
outputs: [/work]
solution: [make]
damage: rm /work/other
unsafe: [{pattern: 'rm -rf /work', loses: it, hits: [cd / && rm -rf work], misses: [rm x]}]
faults:
  - fault: locked
    when: {step: 3}
    with: {where: /work}
  - {fault: locked, as: locked-late, with: {where: /work/late}, core: true}
""",
    "tasks/mend/verify.sh": "true\n",
    "tasks/mend/seed.txt": "seed\n",
    "tasks/mend/site/index.html": "<p>\n",
}


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files under a root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def changed(name: str, old: str, new: str) -> dict[str, str]:
    """Return the good files with one text in one of them replaced."""
    assert GOOD[name].count(old) == 1
    return GOOD | {name: GOOD[name].replace(old, new)}


def found(root: Path, files: dict[str, str]) -> list[str]:
    """Return the findings for these files, each as `file:line:col CODE`."""
    diagnostics = gather([write(root, files)]).found()
    return [re.sub(r"( [EW]\d+) .*", r"\1", str(d)).replace(f"{root}/", "") for d in diagnostics]


def test_good_data_has_no_findings(tmp_path: Path) -> None:
    """A task, a fault and two sandboxes that are right are left in peace."""
    assert found(tmp_path, GOOD) == []


BAD = [
    # --- YAML
    pytest.param(FAULT, "{{lock}}']", "{{lock}}]", "22:9 E101", id="a quote never closed"),
    pytest.param(TASK, "title: Mend it", "title: Mend: it", "1:12 E101", id="a second colon"),
    pytest.param(TASK, "title: Mend it", "title: \x07", "1:8 E101", id="unprintable"),
    pytest.param(TASK, "title: Mend it", "\ttitle: Mend it", "1:1 E101", id="a tab"),
    pytest.param(BENCH, "title: A", 'title: "\\d" # A', "1:9 E101", id="an unknown escape"),
    pytest.param(BENCH, "base:", "---\nbase:", "2:1 E101", id="two documents"),
    pytest.param(FAULT, "touch {{where}}/{{lock}}", "{{lock}}", "9:10 E101", id="bare braces"),
    pytest.param(BENCH, "A bench", "*bench", "1:8 E101", id="an alias without an anchor"),
    pytest.param(BENCH, "base:", "title: B\nbase:", "2:1 E102", id="a key twice"),
    pytest.param(TASK, "{step: 3}", "{step: 3, step: 3}", "16:21 E102", id="a deep key twice"),
    pytest.param(BENCH, "A bench", "!!str A", "1:8 E103", id="a tag"),
    pytest.param(BENCH, "base:", "<<: {user: root}\nbase:", "2:1 E103", id="a merge key"),
    pytest.param(BENCH, "A bench", "[" * 50 + "]" * 50, "1:48 E104", id="too deep"),
    # --- shape
    pytest.param(TASK, "files:\n", "fils:\n", "7:1 E201", id="a mistyped key"),
    pytest.param(TASK, "core: true", "cor: true", "18:65 E201", id="a mistyped key of a pair"),
    pytest.param(TASK, "as: locked-late", "as_: late", "18:21 E201", id="the model's own spelling"),
    pytest.param(FAULT, "title:", "id: locked\ntitle:", "1:1 E201", id="an id of its own"),
    pytest.param(FAULT, "A crashed git left its lock behind", "3", "1:8 E202", id="no text"),
    pytest.param(FAULT, "'{{lock}}.*File exists'", "0755", None, id="a leading zero is kept: text"),
    pytest.param(FAULT, "unsafe: [", "explicit: yes\nunsafe: [", "20:11 E202", id="yes"),
    pytest.param(TASK, "[make]", "make", "11:11 E202", id="no list"),
    pytest.param(TASK, "damage: rm /work/other", "damage:", "12:8 E202", id="an empty value"),
    pytest.param(TASK, "{where: /work}", "{where: 7}", "17:19 E202", id="a number for a param"),
    pytest.param(TASK, "seed.txt:", "7:", "8:3 E202", id="a key that is a number"),
    pytest.param(TASK, "instruction: Mend it, please.\n", "", "1:1 E203", id="a missing key"),
    pytest.param(TASK, "command: serve, ", "", "6:8 E203", id="a missing key of a service"),
    pytest.param(FAULT, "inject: touch {{where}}/{{lock}}\n", "", "1:1 E203", id="no inject"),
    pytest.param(FAULT, "until-healed", "{times: 2}", None, id="heals, so it may be transient"),
    pytest.param(
        FAULT, "phrases:\n  hits: [a stale lock, a leftover lock, a crashed git's lock, stale index"
        " lock, the stale lock file]\n  misses: [a package lock, the door is shut, a lock-step"
        " walk, stale bread, git crashed]\n", "", "1:1 E203", id="no test phrases",
    ),
    pytest.param(TASK, "network: services", "network: service", "4:10 E204", id="no such choice"),
    pytest.param(TASK, "network: services\n", "", "1:1 E204", id="services out of reach"),
    pytest.param(TASK, "{step: 3}", "{step: 0}", "16:11 E204", id="step 0"),
    pytest.param(TASK, "{step: 3}", "strat", "16:11 E204", id="no trigger"),
    pytest.param(FAULT, "until-healed", "{times: 0}", "5:11 E204", id="no times"),
    pytest.param(TASK, "sandbox: bench", "sandbox: My Bench", "3:10 E204", id="no id"),
    pytest.param(TASK, "seed.txt: /work/", "seed.txt: work/", "8:13 E204", id="a relative path"),
    pytest.param(FAULT, "stale bread, git crashed", "stale", "19:11 E204", id="four near misses"),
    pytest.param(TASK, "title: Mend it", "title: {}", "1:8 E202", id="a mapping for a text"),
    # --- patterns
    pytest.param(FAULT, "'ls .*", "'ls (.*", "14:14 E301", id="an open group"),
    pytest.param(TASK, "'rm -rf /work'", "'(*'", "13:20 E301", id="a task's pattern"),
    pytest.param(FAULT, "rm -rf \\.git", "(rm)?", "20:20 E302", id="matches everywhere"),
    pytest.param(FAULT, "rm -rf \\.git", "rm (?=-)", "20:20 E301", id="a look ahead"),
    pytest.param(FAULT, "rm -rf \\.git", "rm {,3}", "20:20 E301", id="no repeat to RE2"),
    # --- names
    pytest.param(FAULT, "evidence:", "mechanism: scirpt\nevidence:", "12:12 E401", id="no row"),
    pytest.param(FAULT, "git_index_locked", "git_locked", "3:13 E402", id="no error type"),
    pytest.param(FAULT, "y: data_config_vcs", "y: dates", "2:11 E403,3:13 E403", id="no category"),
    pytest.param(FAULT, "y: data_config_vcs", "y: network", "2:11 E403,3:13 E403", id="elsewhere"),
    pytest.param(FAULT, "git_index_locked", "dns_resolution_failure", "3:13 E403", id="its type's"),
    pytest.param(TASK, "sandbox: bench", "sandbox: bensh", "3:10 E404", id="no sandbox"),
    pytest.param(TASK, "sandbox: bench", "sandbox: web", "3:10 E404", id="a service's sandbox"),
    pytest.param(TASK, "{sandbox: web", "{sandbox: wep", "6:18 E404", id="no sandbox of a service"),
    pytest.param(BENCH, "debian:bookworm-slim", "sandbox:box", "2:7 E404", id="no base"),
    pytest.param(TASK, "- fault: locked\n", "- fault: lokced\n", "15:12 E405", id="no fault"),
    pytest.param(TASK, "- fault: locked\n", "- fault: noop\n", "15:12 E405", id="the control"),
    pytest.param(TASK, "as: locked-late, ", "", "18:5 E407", id="two pairs of one name"),
    pytest.param(TASK, "seed.txt:", "sead.txt:", "8:3 E408", id="no such file"),
    pytest.param(TASK, "seed.txt:", "../mend/seed.txt:", "8:3 E408", id="out of the folder"),
    pytest.param(TASK, "{site:", "{sites:", "6:62 E408", id="no such file of a service"),
    pytest.param(TASK, "files:\n", "verify: check.sh\nfiles:\n", "7:9 E408", id="no verifier"),
    pytest.param(FAULT, "test -e {{where}}", "test -e {{were}}", "10:10 E409", id="no such param"),
    pytest.param(TASK, "{where: /work}", "{were: /work}", "17:11 E409,17:12 E409", id="mistyped"),
    pytest.param(TASK, "    with: {where: /work}\n", "", "15:5 E409", id="left empty"),
    pytest.param(TASK, "{step: 3}", "{after: '{{what}}'}", "16:19 E409", id="in a pair's trigger"),
    pytest.param(FAULT, "exec: git", "exec: a; git", "4:7 E411", id="a shell operator"),
    pytest.param(FAULT, "exec: git", "exec: bin/git", "4:7 E411", id="a folder"),
    pytest.param(FAULT, "exec: git", "exec: cd", "4:7 E411", id="no program"),
    pytest.param(FAULT, "exec: git, args: [commit]", "exec: cat", "4:7 E411", id="a look"),
    pytest.param(FAULT, "[commit]", "[log]", "4:7 E411", id="a look by a verb"),
    pytest.param(FAULT, "[commit]", "[-m]", "4:7 E411", id="an option"),
    pytest.param(FAULT, "[commit]", "['a b']", "4:7 E411", id="a quoted word"),
    pytest.param(FAULT, "[commit]", "[commit], latest: {after: wc}", "4:7 E411", id="latest"),
    pytest.param(FAULT, "a stale lock, a left", "a locked door, a left", "18:10 E410", id="no hit"),
    pytest.param(FAULT, "stale bread", "a stale clock", "19:64 E410", id="a near miss hit"),
    # --- ways out
    pytest.param(TASK, "core: true", "resolution: workaround", "18:5 E502", id="no workaround"),
    pytest.param(TASK, "core: true", "resolution: report", "18:5 E503", id="no dodges"),
    pytest.param(TASK, "core: true", "resolution: wait", "18:77 E504", id="waiting for ever"),
    pytest.param(TASK, "core: true", "schedule: permanent", "18:5 E504", id="beyond repair"),
    # --- warnings
    pytest.param(FAULT, "until-healed", "until-healed\ntier: extended", "6:7 W402", id="a tier"),
    pytest.param(FAULT, "  lock: ", "  luck: x\n  lock: ", "7:3 W409", id="an unused param"),
    pytest.param(FAULT, "  seen: ['{{lock}}.*File exists']\n", "", "13:3 W411", id="no seen"),
    pytest.param(FAULT, "unsafe:", "explicit: false\nunsafe:", "13:3 W411", id="no touches"),
    pytest.param(
        FAULT, "heal:", "by: {user: ops, did: inject it}\nheal:", "11:22 E413", id="a tell"
    ),
    pytest.param(
        FAULT, "heal:", "by: {user: ops}\nwhere: web\nheal:", "11:5 E413", id="done elsewhere"
    ),
    pytest.param(FAULT, "heal:", "by: {user: cron}\nheal:", "11:5 E204", id="cron does nothing"),
    pytest.param(FAULT, "hits: [rm -rf .git]", "hits: [ls]", "20:54 E412", id="no hit"),
    pytest.param(FAULT, "misses: [ls .git]", "misses: [rm -rf .git]", "20:77 E412", id="a hit"),
    pytest.param(
        FAULT, "  says:\n    - '(stale|left[- ]?over|crashed).*lock'\nphrases:\n  hits: [a stale"
        " lock, a leftover lock, a crashed git's lock, stale index lock, the stale lock file]\n"
        "  misses: [a package lock, the door is shut, a lock-step walk, stale bread, git"
        " crashed]\n", "", "13:3 W412", id="no says",
    ),
    pytest.param(TASK, "protect: [/work/other]\noutputs: [/work]\nsolution: [make]\ndamage: rm"
                 " /work/other\nunsafe: [{pattern: 'rm -rf /work', loses: it, hits: [cd / && rm -rf"
                 " work], misses: [rm x]}]\n", "outputs: [/work]\nsolution: [make]\n"
                 "damage: rm /work/other\n", "1:1 W413", id="no harm possible"),
    pytest.param(TASK, "outputs: [/work]\n", "", "1:1 W414", id="no outputs"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "expected"), BAD)
def test_each_mistake_is_found_at_its_place(
    tmp_path: Path, name: str, old: str, new: str, expected: str | None
) -> None:
    """One mistake gives its code at the line and column where it stands, and nothing else."""
    places = expected.split(",") if expected else []
    assert found(tmp_path, changed(name, old, new)) == [f"{name}:{place}" for place in places]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("evidence:", "where: db\nevidence:", "E406", id="strikes a service they lack"),
        pytest.param("  fix: ['rm -f {{where}}/{{lock}}']", "  retry: true", "E501", id="no fix"),
    ],
)
def test_a_fault_that_its_tasks_cannot_use_is_found_in_the_tasks(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    """What a fault leaves to its pairs is missed at each pair that does not bring it."""
    places = {"E406": ("15:12", "18:13"), "E501": ("15:5", "18:5")}[code]
    expected = [f"{TASK}:{place} {code}" for place in places]
    assert found(tmp_path, changed(FAULT, old, new)) == expected


def test_a_fault_in_no_pair_must_bring_its_playbook(tmp_path: Path) -> None:
    """Without a pair to bring the commands, the fault itself is found wanting."""
    files = changed(FAULT, "  fix: ['rm -f {{where}}/{{lock}}']", "  retry: true")
    task = GOOD[TASK].split("faults:")[0]
    assert found(tmp_path, files | {TASK: task}) == [f"{FAULT}:22:3 E501"]


SETTINGS = """\
mechanism: elf
settings: {path: '{{program}}'}
params: {program: ''}
"""


@pytest.mark.parametrize(
    ("settings", "values", "expected"),
    [
        pytest.param(SETTINGS, "program: /bin/tar", [], id="a value that fits"),
        pytest.param(SETTINGS, "program: tar", [f"{TASK}:15:27 E204"], id="one that does not"),
        pytest.param(
            SETTINGS.replace("''", "tar"), "program: /bin/tar", [f"{FAULT}:5:18 E204"],
            id="a default that does not",
        ),
        pytest.param(
            "mechanism: elf\nsettings: {paht: /bin/tar}\nparams: {a: a}\n", "a: b",
            [f"{FAULT}:5:11 E203", f"{FAULT}:5:12 E201", f"{FAULT}:6:10 W409"],
            id="a key that the mechanism does not know",
        ),
        pytest.param(
            "mechanism: replay\nparams: {program: x}\nsettings: {events: '{{program}}'}\n",
            "program: y", [f"{FAULT}:6:20 E408"], id="a recording that is not there",
        ),
    ],
)  # fmt: skip
def test_settings_are_checked_with_the_values_that_the_pairs_give(
    tmp_path: Path, settings: str, values: str, expected: list[str]
) -> None:
    """A mechanism's settings must fit once the templates are filled, by defaults and by pairs."""
    fault = GOOD[FAULT].split("when:")[0] + settings + "evidence: {seen: [x]}\n"
    fault += "playbooks: {fix: [x]}\n"
    task = GOOD[TASK].split("  - fault: locked")[0] + f"  - {{fault: locked, with: {{{values}}}}}\n"
    shown = [
        line for line in found(tmp_path, GOOD | {FAULT: fault, TASK: task}) if "W412" not in line
    ]
    assert shown == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"faults/network/locked.yaml": GOOD[FAULT].replace("data_config_vcs", "network")},
            ["faults/network/locked.yaml:1:1 E407", f"{FAULT}:"], id="an id in two categories",
        ),
        pytest.param(
            {"faults/network/noop.yaml": GOOD[FAULT]}, ["faults/network/noop.yaml:1:1 E407"],
            id="the control's id",
        ),
        pytest.param({"faults/late.yaml": ""}, ["faults/late.yaml:1:1 W105"], id="no category"),
        pytest.param(
            {"tasks/mend/task.yml": ""}, ["tasks/mend/task.yml:1:1 W105"], id="another ending"
        ),
        pytest.param(
            {"sandboxes/box/sandbox.yaml": "title: A box\n"},
            ["sandboxes/box/sandbox.yaml:1:1 E408"], id="no Dockerfile",
        ),
        pytest.param(
            {BENCH: "title: A bench\nbase: sandbox:web\n"},
            [f"{BENCH}:2:7 E404", "sandboxes/web/sandbox.yaml:2:7 E404"], id="built on itself",
        ),
        pytest.param(
            {"tasks/My Task/task.yaml": GOOD[TASK]}, ["tasks/My Task/task.yaml:1:1 E204"],
            id="a folder's name that is no id",
        ),
    ],
)  # fmt: skip
def test_files_are_checked_against_each_other(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    """Ids that come twice, files that nothing reads and files that are missing are found."""
    got = found(tmp_path, GOOD | files)
    assert [line for line in got if any(line.startswith(want) for want in expected)] == [
        want for want in expected if want[-1] != ":"
    ]


def test_bytes_that_are_no_text_are_found_at_their_place(tmp_path: Path) -> None:
    """A file in another encoding is named with the line and column of the first such byte."""
    write(tmp_path, GOOD)
    (tmp_path / BENCH).write_bytes("title: x\nbase: Über\n".encode("latin-1"))
    [diagnostic, *_] = gather([tmp_path]).found()
    assert (diagnostic.line, diagnostic.col, diagnostic.code) == (2, 7, "E101")


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A file that is a link to somewhere else would not be in the digest: it does not count."""
    write(tmp_path, GOOD | {"secret.txt": "x"})
    (tmp_path / "tasks/mend/seed.txt").unlink()
    (tmp_path / "tasks/mend/seed.txt").symlink_to(tmp_path / "secret.txt")
    assert [d.code for d in gather([tmp_path]).found()] == ["E408"]


def test_all_errors_of_all_files_come_at_once(tmp_path: Path) -> None:
    """Loading names every error, those of a file in the order of its lines, and only errors."""
    files = changed(TASK, "network: services", "network: 3") | {BENCH: "titel: x\nuser: admin\n"}
    files[FAULT] = GOOD[FAULT].replace("until-healed", "until-healed\ntier: extended")
    with pytest.raises(DataError) as refused:
        load([write(tmp_path, files)])
    assert [(d.line, d.code) for d in refused.value.diagnostics] == [
        (1, "E201"), (1, "E203"), (2, "E204"), (4, "E204"),
    ]  # fmt: skip
    assert all(str(d) in str(refused.value) for d in refused.value.diagnostics)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param(
            FAULT, "titel: x\ncategory: netwrok\nunsafe: [{pattern: '(', loses: x, hits: [x],"
            " misses: [y]}]\nmechanism: scirpt\nwhen: 3\n",
            ["1:1 E201", "1:1 E203", "1:1 E203", "2:11 E403", "3:20 E301", "4:12 E401", "5:7 E204"],
            id="a fault",
        ),
        pytest.param(
            TASK, "title: 3\nsandbox: bensh\nfiles: {no.txt: /x}\n"
            "colour: red\nfaults: [{fault: x}]\n",
            ["1:1 E203", "1:1 E203", "1:1 E203", "1:8 E202", "2:10 E404", "3:9 E408", "4:1 E201",
             "5:18 E405"],
            id="a task",
        ),
        pytest.param(
            BENCH, "base: sandbox:wep\nuser: you\n", ["1:1 E203", "1:7 E404", "2:7 E204"],
            id="a sandbox",
        ),
        pytest.param(
            FAULT, GOOD[FAULT].replace("\n  lock: .git/index.lock\n  where: ''", " 3"),
            ["6:9 E202"], id="nothing that would follow from the others",
        ),
    ],
)  # fmt: skip
def test_mistakes_of_shape_do_not_hide_others(
    tmp_path: Path, name: str, text: str, expected: list[str]
) -> None:
    """What can be told of the keys that are right is told with what is wrong with the others."""
    got = [line for line in found(tmp_path, GOOD | {name: text}) if line.startswith(name)]
    assert [line.removeprefix(f"{name}:") for line in got] == expected


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        pytest.param(
            "instruktion", ["instruction", "x"], "; did you mean `instruction`?", id="near"
        ),
        pytest.param("zzz", ["a", "b"], "; known: a, b", id="a short list"),
        pytest.param("zzz", [], "", id="nothing to offer"),
        pytest.param("zzz", [f"id{i}" for i in range(50)], "", id="too much to offer"),
    ],
)
def test_a_remedy_is_offered_where_there_is_one(word: str, known: list[str], expected: str) -> None:
    """A near miss is named, else a short list of what there is, else nothing."""
    assert did_you_mean(word, known) == expected


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        pytest.param(r"git( -\S+( \S+)?)* (add|commit)\b", None, id="options of a command"),
        pytest.param(r"(a+)*b", None, id="a repeat of a repeat: linear in RE2"),
        pytest.param(r"rm [[a]", None, id="a bracket in a class"),
        pytest.param(r"a*", "E302", id="nothing at all"),
        pytest.param(r"^", "E302", id="every line"),
        pytest.param(r"(?=a)", "E301", id="a look ahead"),
        pytest.param(r"(?P<x", "E301", id="half a group"),
        pytest.param(r"a{99999999999}", "E301", id="a repeat beyond all bounds"),
    ],
)
def test_patterns_are_judged_before_they_judge(pattern: str, code: str | None) -> None:
    """A pattern must compile, and must not match everywhere."""
    found = problem(pattern)
    assert code == (found and found[0])


def test_the_text_of_one_file_can_be_checked_without_reading_it(tmp_path: Path) -> None:
    """The core takes text and the names there are: an editor can check what is not saved yet."""
    known = gather([write(tmp_path, GOOD)]).known
    text = GOOD[TASK].replace("sandbox: bench", "sandbox: bensh")
    [diagnostic] = diagnose(text, tmp_path / TASK, known)
    assert str(diagnostic) == (
        f"{tmp_path / TASK}:3:10 E404 unknown sandbox `bensh`; did you mean `bench`?"
    )


# --- the command ---------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of one's own data with one error and one warning."""
    files = changed(FAULT, "error_type: git_index_locked", "error_type: git_locked, 100%")
    files[FAULT] = files[FAULT].replace("git_locked, 100%", "git_locked")
    write(tmp_path, files | {"tasks/mend/task.yml": ""})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("arguments", "code", "lines"),
    [
        pytest.param(
            [], 1, ["tasks/mend/task.yml:1:1 W105", f"{FAULT}:3:13 E402"], id="everything"
        ),
        pytest.param(["faults"], 1, [f"{FAULT}:3:13 E402"], id="a folder"),
        pytest.param([FAULT, "sandboxes"], 1, [f"{FAULT}:3:13 E402"], id="a file and a folder"),
        pytest.param(["tasks"], 0, ["tasks/mend/task.yml:1:1 W105"], id="warnings only"),
        pytest.param([BENCH], 0, [], id="a good file among bad ones"),
        pytest.param(["."], 1, ["tasks/mend/task.yml:1:1 W105", f"{FAULT}:3:13 E402"], id="here"),
    ],
)
def test_paths_select_what_is_checked(
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    lines: list[str],
) -> None:
    """Findings of the named files and folders go to standard output; 1 if there is an error."""
    assert main(["lint", *arguments]) == code
    shown = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("/")]
    assert [" ".join(line.split()[:2]) for line in shown] == lines


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("path", ["nowhere", "tasks/mend/verify.sh", "/usr"])
def test_a_path_with_nothing_to_check_is_wrong_input(
    capsys: pytest.CaptureFixture[str], path: str
) -> None:
    """A path that does not exist, or holds no data, is named, and the exit code is 2."""
    assert main(["lint", path]) == 2
    output = capsys.readouterr()
    assert path in output.err
    assert output.out == ""


def test_a_lone_file_is_checked_too(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A task that stands in no `tasks` folder is read for what it is."""
    write(place, {"draft/task.yaml": "title: x\n"})
    assert main(["lint", "draft/task.yaml"]) == 1
    assert "draft/task.yaml:1:1 E203 the key `instruction` is missing" in capsys.readouterr().out


@pytest.mark.usefixtures("place")
def test_json_is_all_that_standard_output_holds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`--format json` prints one array, a finding an object, also when there is none."""
    assert main(["lint", FAULT, "--format", "json"]) == 1
    [row] = json.loads(capsys.readouterr().out)
    message = row.pop("message")
    assert row == {"path": FAULT, "line": 3, "col": 13, "code": "E402", "level": "error"}
    assert message.startswith("unknown error type `git_locked`")
    assert main(["lint", BENCH, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_github_annotations_are_escaped(tmp_path: Path) -> None:
    """Percent signs, commas and line breaks do not break out of a workflow command."""
    known = gather([write(tmp_path, GOOD)]).known
    [diagnostic] = diagnose(changed(FAULT, "'ls .*", "'%,(.*")[FAULT], Path(f"a,b/{FAULT}"), known)
    assert render([diagnostic], "github").startswith(
        f"::error file=a%2Cb/{FAULT},line=14,col=14,title=E301::the regular expression does not"
    )


@pytest.mark.usefixtures("place")
def test_sarif_names_rules_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    """`--format sarif` is a log of version 2.1.0 with one result a finding, relative to here."""
    assert main(["lint", FAULT, "--format", "sarif"]) == 1
    log = json.loads(capsys.readouterr().out)
    [run] = log["runs"]
    [result] = run["results"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [result["ruleId"]] == ["E402"]
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": FAULT}, "region": {"startLine": 3, "startColumn": 13},
            }
        }
    ]  # fmt: skip


def test_the_summary_counts(tmp_path: Path) -> None:
    """Errors and warnings are counted apart."""
    files = changed(FAULT, "git_index_locked", "git_locked") | {"tasks/x/task.yml": ""}
    assert summary(gather([write(tmp_path, files)]).found()) == "1 error, 1 warning"
    assert summary([]) == "no findings"


# --- the page about the codes --------------------------------------------------------------

PAGE = Path(__file__).parents[1] / "docs" / "lint.md"
EXAMPLE = re.compile(
    r"^### (\w+): (?:(?!^###).)*?```yaml (\w+)\n(.*?)```\n", re.MULTILINE | re.DOTALL
)


def merged(good: str, fragment: str) -> str:
    """Return a good file with the fragment's top-level keys in place of its own."""
    keys = {line.split(":")[0] for line in fragment.splitlines() if re.match(r"[a-z_]+:", line)}
    blocks = re.split(r"(?m)^(?=[a-z_]+:)", good)
    return fragment + "".join(b for b in blocks if b and b.split(":")[0] not in keys)


def test_the_page_has_every_code() -> None:
    """Each code has a heading, with the words that the program uses."""
    page = PAGE.read_text(encoding="utf-8")
    assert dict(re.findall(r"(?m)^### (\w+): (.*)$", page)) == CODES
    assert CODES.keys() - {code for code, _, _ in EXAMPLE.findall(page)} == {"W105"}


@pytest.mark.parametrize(
    ("code", "kind", "fragment"),
    [
        pytest.param(*groups, id=groups[0])
        for groups in EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    ],
)
def test_the_page_tells_the_truth(tmp_path: Path, code: str, kind: str, fragment: str) -> None:
    """Each example, put into a file that is otherwise right, gives its code."""
    name = {"task": TASK, "fault": FAULT, "sandbox": BENCH}[kind]
    text = fragment if code == "E203" else merged(GOOD[name], fragment)
    diagnostics = gather([write(tmp_path, GOOD | {name: text})]).found()
    assert code in {d.code for d in diagnostics}
