"""A command as one text in which a file has its whole path, and git its folder."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

_OPERANDS = {
    **dict.fromkeys(["cp", "ln", "mv", "rm", "rmdir", "shred", "tee"], (0, None)),
    **dict.fromkeys(["touch", "truncate", "unlink"], (0, None)),
    **dict.fromkeys(["chgrp", "chmod", "chown"], (1, None)),
    "sqlite3": (0, 1),
}
"""Which of a program's words, options apart, are files: from the first to before the last."""
_OPEN = re.compile(r"[$`*?\[{]|\A~")
"""What a shell puts something else for."""


def resolve(path: str, folder: str | None) -> str | None:
    """Return the whole path of a file named in a folder; None where it cannot be known.

    >>> resolve("../b", "/work/a"), resolve("$X/b", "/work/a"), resolve("b", None)
    ('/work/b', None, None)
    """
    if not path or _OPEN.search(path) or (folder is None and not path.startswith("/")):
        return None
    whole = posixpath.normpath(posixpath.join(folder or "/", path))
    return f"/{whole.lstrip('/')}"


def settle(words: Sequence[str], folder: str | None) -> str:
    """Return a command as patterns see it: words joined by single blanks, options first.

    Files are whole paths where the program is known to take files and the path can be known;
    git's folder is said by `-C`, right behind `git`, and its other general options stand last.

    >>> settle(["rm", "a.db", "-f"], "/work/x")
    'rm -f /work/x/a.db'
    >>> settle(["git", "-c", "a=b", "-C", "sub", "reset", "--hard"], "/work/x")
    'git -C /work/x/sub reset --hard -c a=b'
    """
    if words and words[0] == "git":
        return " ".join(_git(words, folder))
    if not words or words[0] not in _OPERANDS:
        return " ".join(words)
    bare = words.index("--") if "--" in words else len(words)
    options = [word for word in words[1:bare] if _is_option(word)]
    operands = [word for word in words[1:bare] if not _is_option(word)] + [*words[bare + 1 :]]
    first, last = _OPERANDS[words[0]]
    chosen = range(len(operands))[first:last]
    whole = [resolve(word, folder) or word for word in operands]
    files = [whole[i] if i in chosen else word for i, word in enumerate(operands)]
    return " ".join([words[0], *options, *files])


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _git(words: Sequence[str], folder: str | None) -> list[str]:
    kept: list[str] = []
    at = 1
    while at < len(words) and words[at].startswith("-"):
        name, equals, value = words[at].partition("=")
        valued = name in {"-C", "-c", "--git-dir", "--work-tree"} and not equals
        value = "".join(words[at + 1 : at + 2]) if valued else value
        if name in {"-C", "--git-dir", "--work-tree"}:
            folder = (resolve(value, folder) or value).removesuffix("/.git") or "/"
        else:
            kept += words[at : at + 1 + valued]
        at += 1 + valued
    return ["git", *(["-C", folder] if folder else []), *words[at:], *kept]
