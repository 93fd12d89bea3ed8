"""A run on disk: what was asked, and a folder for each trial.

RUN/run.json                      what was asked, by which version, who owns the run
RUN/trials/<trial>/spec.json      before the trial starts
RUN/trials/<trial>/events.jsonl   while it runs
RUN/trials/<trial>/verdict.json   last, whole or not at all: a trial that has it is finished
RUN/trials/<trial>/artifacts/     large outputs and logs, named by their sha256
RUN/index.sqlite                  the verdicts as a table, rebuilt from the files at will
RUN/log.jsonl                     what the machinery did meanwhile, for people
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Self, TextIO

from pydantic import ValidationError
from structlog.typing import FilteringBoundLogger

import harness
from harness.errors import HarnessError, InputError
from harness.history import index, reader
from harness.history.events import Event
from harness.history.owner import Owner, myself
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome, Verdict

FORMAT = 2


class TrialFolder:
    """One trial's folder: the spec first, then the events, the verdict last."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def trial(self) -> str:
        """The trial's id."""
        return self.path.name

    def write_spec(self, spec: TrialSpec) -> None:
        """Write down what the trial will be."""
        write_whole(self.path / "spec.json", spec.model_dump_json(by_alias=True, indent=1) + "\n")

    def events(self) -> IO[str]:
        """Open the history for writing; the caller closes it."""
        return (self.path / "events.jsonl").open("w", encoding="utf-8", errors="backslashreplace")

    def artifact(self, data: bytes) -> str:
        """Keep `data`; return its sha256 (hex), which is its name under `artifacts/`."""
        name = hashlib.sha256(data).hexdigest()
        folder = self.path / "artifacts"
        folder.mkdir(exist_ok=True)
        if not (folder / name).exists():
            write_whole(folder / name, data)
        return name

    def finish(self, verdict: Verdict) -> None:
        """Write the verdict, which makes the trial finished; its history is safe before it is."""
        if (self.path / "events.jsonl").exists():
            _sync(self.path / "events.jsonl")
        write_whole(self.path / "verdict.json", verdict.model_dump_json(indent=1) + "\n")

    def read_spec(self) -> TrialSpec:
        """Return the stored spec."""
        path = self.path / "spec.json"
        try:
            return TrialSpec.model_validate_json(path.read_bytes(), extra="ignore")
        except (OSError, ValidationError) as error:
            raise HarnessError(f"{path}: no readable spec: {error}") from error

    def read_events(self) -> list[Event]:
        """Return the stored history, without a torn last line; empty where there is none."""
        path = self.path / "events.jsonl"
        try:
            return reader.read(path)
        except FileNotFoundError:
            return []
        except ValueError as error:
            raise HarnessError(f"{path}: damaged history: {error}") from error

    def read_verdict(self) -> Verdict | None:
        """Return the stored verdict; None while the trial is not finished."""
        try:
            data = (self.path / "verdict.json").read_bytes()
            return Verdict.model_validate_json(data, extra="ignore")
        except (FileNotFoundError, ValidationError):
            return None


class Run:
    """A run's folder.  Reading needs no leave; a writer owns it, in a `with`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None
        self._log: TextIO | None = None

    @classmethod
    def create(cls, path: Path, asked: dict[str, Any]) -> Self:
        """Make the folder of a new run, owned by this process; `asked` is kept as it is."""
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise InputError(
                f"{path} is there already: name another folder with -o, or go on with --resume"
            )
        try:
            (path / "trials").mkdir(parents=True)
        except OSError as error:
            raise InputError(f"{path}: cannot be made: {error}") from error
        run = cls(path)
        run.own({"format": FORMAT, **_origin(path), "asked": asked})
        return run

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return a run that exists, for reading."""
        if not (path / "run.json").is_file():
            raise InputError(
                f"{path} is no run (no run.json): name a folder that `harness run` wrote"
            )
        return cls(path)

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Return a run that exists, owned by this process; its former owner must be gone."""
        run = cls.open(path)
        run.own(run.facts())
        return run

    def own(self, facts: dict[str, Any]) -> None:
        """Take the run for this process, or fail, and put down `facts` as its run.json."""
        lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise InputError(f"{self.path} is being written by {_name(facts)}") from None
        self._lock = lock
        self._write({**facts, "owner": myself()})

    def facts(self) -> dict[str, Any]:
        """Return run.json: format, id, created, version, platform, asked, owner."""
        path = self.path / "run.json"
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: not readable: {error}") from error
        if not isinstance(facts, dict):
            raise InputError(f"{path}: not an object")
        return facts

    def trial(self, spec: TrialSpec) -> TrialFolder:
        """Return an empty folder for a trial that is to be run, with its spec written.

        What a killed run left behind goes; so does an invalid trial, which says nothing.
        """
        folder = self.folder(spec.trial)
        verdict = folder.read_verdict()
        if verdict is not None and verdict.outcome is not Outcome.INVALID:
            raise HarnessError(f"{folder.path} is finished already: {verdict.outcome}")
        if folder.path.exists():
            shutil.rmtree(folder.path)
        folder.path.mkdir(parents=True)
        folder.write_spec(spec)
        return folder

    @cached_property
    def log(self) -> FilteringBoundLogger:
        """The run's log, which its owner adds to."""
        from harness.history.log import open_log  # noqa: PLC0415 - readers of runs do without

        self._log = (self.path / "log.jsonl").open("a", encoding="utf-8", errors="backslashreplace")
        return open_log(self._log, pid=os.getpid())

    def folder(self, trial: str) -> TrialFolder:
        """Return the folder of a trial, which need not exist."""
        if trial in {"", ".", ".."} or "/" in trial or "\0" in trial:
            raise HarnessError(f"{trial!r} cannot be a trial's id")
        return TrialFolder(self.path / "trials" / trial)

    def folders(self) -> list[TrialFolder]:
        """Return all trials begun, ordered by id (attempt 10 after attempt 9)."""
        begun = self.path.glob("trials/*/spec.json")
        return [TrialFolder(p.parent) for p in sorted(begun, key=lambda p: _order(p.parent.name))]

    def finished(self) -> dict[str, Verdict]:
        """Return the verdicts of the finished trials by trial id."""
        verdicts = {folder.trial: folder.read_verdict() for folder in self.folders()}
        return {trial: verdict for trial, verdict in verdicts.items() if verdict is not None}

    def specs(self) -> dict[str, TrialSpec]:
        """Return the specs of all trials begun by trial id."""
        return {folder.trial: folder.read_spec() for folder in self.folders()}

    def reindex(self) -> Path:
        """Rebuild index.sqlite from the files and return its path."""
        path = self.path / "index.sqlite"
        index.write(path, {folder.trial: folder.read_verdict() for folder in self.folders()})
        return path

    def close(self) -> None:
        """Give the run up, if this process owns it."""
        if self._lock is not None:
            self._write({**self.facts(), "owner": None})
            os.close(self._lock)
            self._lock = None
        if self._log is not None:
            self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, facts: dict[str, Any]) -> None:
        write_whole(self.path / "run.json", json.dumps(facts, indent=1) + "\n")


def write_whole(path: Path, data: str | bytes) -> None:
    """Make the file appear whole or not at all: write aside, fsync, rename."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(data.encode() if isinstance(data, str) else data)
    _sync(aside)
    aside.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _origin(path: Path) -> dict[str, Any]:
    created = datetime.now(UTC).isoformat(timespec="microseconds")
    name = f"{platform.node()} {path.resolve()} {created}"
    return {
        "id": hashlib.sha256(name.encode()).hexdigest()[:12],
        "created": created,
        "version": harness.__version__,
        "platform": f"{platform.platform()}, Python {platform.python_version()}",
    }


def _name(facts: dict[str, Any]) -> str:
    owner: Owner | None = facts.get("owner")
    return f"process {owner['pid']} on {owner['host']}" if owner else "another process"


def _order(trial: str) -> tuple[str, int, str]:
    rest, _, attempt = trial.rpartition("+")
    return (rest, int(attempt) if attempt.isdecimal() else 0, attempt)
