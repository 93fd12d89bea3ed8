"""New tasks, faults, sandboxes and agents: small ones that already work, to be rewritten."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from harness.error_taxonomy import taxonomy
from harness.errors import InputError

FILES = {
    "task": {
        "task.yaml": "tasks/NAME/task.yaml",
        "verify.sh": "tasks/NAME/verify.sh",
        "text.txt": "tasks/NAME/project/text.txt",
    },
    "fault": {"fault.yaml": "faults/CATEGORY/NAME.yaml"},
    "sandbox": {
        "sandbox.yaml": "sandboxes/NAME/sandbox.yaml",
        "Dockerfile": "sandboxes/NAME/Dockerfile",
    },
    "agent": {"agent.yaml": "NAME.yaml", "agent.py": "NAME.py"},
}
"""Kind -> our file -> its place below the folder where the data lies."""


def create(kind: str, name: str, root: Path, error_type: str = "file_not_found") -> list[Path]:
    """Write what belongs to a new thing and return the paths; nothing that is there is touched.

    Raises `InputError` for an unknown error type, and where a file is already there.
    """
    words = {"NAME": name, "TYPE": error_type, "CATEGORY": _category(error_type)}
    texts = {
        root / _fill(place, words): _fill(_text(own), words) for own, place in FILES[kind].items()
    }
    there = [path for path in texts if path.exists()]
    if there:
        raise InputError(f"{there[0]} is already there: choose another name")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".sh":
            path.chmod(0o755)
    return list(texts)


def _text(own: str) -> str:
    return files(__name__).joinpath(own).read_text(encoding="utf-8")


def _fill(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _category(error_type: str) -> str:
    kinds = {kind.id: kind.category for kind in taxonomy.load().types}
    if error_type not in kinds:
        raise InputError(f"no error type is called `{error_type}` (`harness list types`)")
    return kinds[error_type]
