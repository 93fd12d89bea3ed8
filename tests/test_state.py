"""What changed in a sandbox between two steps is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sandbox.state import MANY, Watcher, differing

if TYPE_CHECKING:
    from harness.sandbox.container import Box

NAMES = st.text("ab /\n.", min_size=1, max_size=8).map(lambda name: "/" + name)


@given(before=st.sets(NAMES), after=st.sets(NAMES))
def test_equal_looks_differ_in_nothing(before: set[str], after: set[str]) -> None:
    """No path is named that both looks have alike, and each that only one has is."""

    def look(paths: set[str]) -> bytes:
        return b"".join(f"{path} 644 \n".encode() for path in sorted(paths) if "\n" not in path)

    told = set(differing(look(before), look(after)))
    assert told == {path for path in before ^ after if "\n" not in path}


@pytest.mark.container
def test_a_step_names_what_it_changed(box: Box) -> None:
    """Contents, modes and new files of the watched paths, and ports; nothing else."""
    box.script("rm -rf /srv/w && mkdir -p /srv/w && echo 1 > /srv/w/a && echo 2 > /srv/w/b", "make")
    watcher = Watcher(box, ("/srv/w",))
    first = watcher.look()
    assert (False, ()) == (first.changed, first.paths)
    box.script("echo 3 > /srv/w/a; chmod 600 /srv/w/b; touch /srv/w/c /srv/elsewhere", "change")
    second = watcher.look()
    assert (True, ("/srv/w/a", "/srv/w/b", "/srv/w/c")) == (second.changed, second.paths)
    assert second.digest != first.digest
    third = watcher.look()
    assert (False, (), second.digest) == (third.changed, third.paths, third.digest)
    box.script("cd /srv/w && touch $(seq 300)", "many")
    assert len(watcher.look().paths) == MANY
