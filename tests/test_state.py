"""What changed in a sandbox between two steps is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.containers.state import MANY, Watcher, compare
from harness.shelltext.quoting import quote

if TYPE_CHECKING:
    from harness.containers.ports import Container

NAMES = st.text("ab /\n.", min_size=1, max_size=8).map(lambda name: "/" + name)


@given(before=st.sets(NAMES), after=st.sets(NAMES))
def test_equal_looks_differ_in_nothing(before: set[str], after: set[str]) -> None:
    """No path is named that both looks have alike, and each that only one has is."""

    def look(paths: set[str]) -> bytes:
        return b"".join(f"{path} 644 \n".encode() for path in sorted(paths) if "\n" not in path)

    told = set(compare(look(before), look(after)))
    assert told == {path for path in before ^ after if "\n" not in path}


@pytest.mark.container
def test_a_step_names_what_it_changed(container: Container) -> None:
    """Contents, modes and new files of the watched paths, and ports; nothing else."""
    container.probes.script(
        "rm -rf /srv/w && mkdir -p /srv/w && echo 1 > /srv/w/a && echo 2 > /srv/w/b", "make"
    )
    watcher = Watcher(container.probes, ("/srv/w",))
    first = watcher.look()
    assert (False, ()) == (first.changed, first.paths)
    container.probes.script(
        "echo 3 > /srv/w/a; chmod 600 /srv/w/b; touch /srv/w/c /srv/elsewhere", "change"
    )
    second = watcher.look()
    assert (True, ("/srv/w/a", "/srv/w/b", "/srv/w/c")) == (second.changed, second.paths)
    assert second.digest != first.digest
    third = watcher.look()
    assert (False, (), second.digest) == (third.changed, third.paths, third.digest)
    container.probes.script("cd /srv/w && touch $(seq 300)", "many")
    assert len(watcher.look().paths) == MANY


@pytest.mark.container
@pytest.mark.parametrize("name", ["plain", "a b", "a\nb", "back\\slash", "'quoted'", b"\xff"])
def test_only_what_changed_is_read_again(container: Container, name: str | bytes) -> None:
    """A rewrite of the same size is seen, whatever a file is called; where it moves, too."""
    text = name if isinstance(name, str) else name.decode(errors="surrogateescape")
    path = quote([f"/srv/x/{text}"])
    container.probes.script(
        f"rm -rf /srv/x && mkdir -p /srv/x && echo 1 > /srv/x/other && echo 2 > {path}", "in"
    )
    watcher = Watcher(container.probes, ("/srv/x",))
    looks = [watcher.look()]
    for change in (f"echo 3 > {path}", f"mv {path} /srv/x/moved", f"mv /srv/x/moved {path}"):
        container.probes.script(change, "change")
        looks.append(watcher.look())
    assert [look.changed for look in looks] == [False, True, True, True]
    assert looks[3].digest == looks[1].digest
    assert looks[3].digest == Watcher(container.probes, ("/srv/x",)).look().digest


@pytest.mark.container
def test_a_large_tree_is_seen_whole(container: Container) -> None:
    """What is told of 20,000 files is more than a shell's answer may be long."""
    container.probes.script(
        "rm -rf /srv/y && mkdir -p /srv/y && cd /srv/y && touch $(seq 20000)", "make"
    )
    watcher = Watcher(container.probes, ("/srv/y",))
    watcher.look()
    container.probes.script("echo 1 > /srv/y/10000", "change")
    assert watcher.look().paths == ("/srv/y/10000",)
    container.probes.script("rm -rf /srv/y", "remove")
