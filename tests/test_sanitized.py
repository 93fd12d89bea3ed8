"""The programs in C, built with sanitizers, take whatever a sandbox may hand them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FUZZ = ROOT / "tests" / "fuzz"
FLAGS = [
    "-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror",
    "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
]  # fmt: skip
INPUTS = 2000
"""A few seconds; the same ones each time.  `tests/fuzz/driver.c` says how to play others."""

pytestmark = pytest.mark.compiler


def build(target: Path, folder: Path) -> Path:
    """Build a target with the driver; a warning is an error."""
    program = folder / target.stem
    paths = [f"-I{ROOT / 'sandboxes' / 'helpers'}", f"-I{FUZZ}"]
    command = ["gcc", *FLAGS, *paths, "-o", str(program), str(target), str(FUZZ / "driver.c")]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (0, "") == (made.returncode, made.stderr)
    return program


def play(program: Path, inputs: int) -> subprocess.CompletedProcess[str]:
    """Play made-up inputs in an empty folder."""
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}  # that takes ptrace
    return subprocess.run(
        [program, "1", "0", str(inputs)], cwd=program.parent, capture_output=True, text=True,
        timeout=120, check=False, env=environment,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["exec_filter", "file_transfer", "mount", "tunnel"])
def test_no_input_leads_astray(name: str, tmp_path: Path) -> None:
    """Neither sanitizer finds anything, and what each target promises of every input holds."""
    result = play(build(FUZZ / f"{name}.c", tmp_path), INPUTS)
    assert (0, f"{INPUTS} inputs\n") == (result.returncode, result.stderr)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param("return size && data[size - 1] == 0", "", id="all is well"),
        pytest.param("return size && !data[size]", "heap-buffer-overflow", id="a byte too many"),
        pytest.param(
            "volatile int most = 2147483647; return most + (int)size < 0",
            "overflow",
            id="arithmetic",
        ),
        pytest.param("if (size > 9) abort(); return 0", "SIGABRT", id="a promise is not kept"),
    ],
)  # fmt: skip
def test_a_planted_mistake_is_found(statement: str, expected: str, tmp_path: Path) -> None:
    """What would be wrong is seen, and a sound program passes."""
    target = tmp_path / "planted.c"
    target.write_text(
        '#include "target.h"\n#include <stdlib.h>\nTARGET_WORDS("a");\n'
        "int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) "
        f"{{ (void)data; {statement}; }}\n"
    )
    result = play(build(target, tmp_path), 50)
    assert bool(expected) == bool(result.returncode)
    assert expected in f"{result.stderr} {'SIGABRT' if result.returncode == -6 else ''}"
