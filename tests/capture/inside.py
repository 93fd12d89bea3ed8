"""Run rows of commands, each in a fresh folder, and print what each of them answered.

Runs inside a throw-away container: standard input holds the rows, standard output the answers, both
JSON.  A row's `setup` makes what its `run` fails on, unseen; `user` is who runs it.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = "/srv/app"
SECONDS = 40


def environment(home: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def prepare(row: dict[str, str]) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    Path(FOLDER).mkdir(parents=True)
    shutil.chown(FOLDER, row.get("user", "root"))
    setup = row.get("setup", "")
    if setup:
        subprocess.run(
            ["bash", "-e"], input=setup, cwd=FOLDER, text=True, env=environment("/root"),
            stdout=subprocess.DEVNULL, check=True, timeout=SECONDS * 3,
        )  # fmt: skip


def answer(row: dict[str, str]) -> dict[str, object]:
    prepare(row)
    who = pwd.getpwnam(row.get("user", "root"))
    shell = subprocess.Popen(
        ["bash", "-c", row["run"]], cwd=FOLDER, env=environment(who.pw_dir), user=who.pw_uid,
        group=who.pw_gid, extra_groups=[], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = shell.communicate(timeout=SECONDS)
        code = shell.returncode
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, 9)
        output, code = shell.communicate()[0], 124
    code = 128 - code if code < 0 else code
    return {"code": code, "output": output.decode("utf-8", "replace")[:20000]}


def main() -> None:
    answers = []
    for number, row in enumerate(json.load(sys.stdin)):
        try:
            answers.append(answer(row))
        except subprocess.SubprocessError as error:
            print(f"row {number}: {row['run']}: {error}", file=sys.stderr)
            answers.append({"code": None, "output": ""})
    json.dump(answers, sys.stdout)


main()
