"""Pack the wheelhouse: every folder of wheels/ becomes a wheel, every one of sdists/ a source archive.

The arguments: the folder of both, the wheelhouse, and the archive that keeps a copy of each.
"""

import io
import sys
import tarfile
import zipfile
from pathlib import Path

TIME = 1706778000


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their names in it."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def wheel(folder: Path) -> bytes:
    """Return a folder as a wheel, with a RECORD of its files."""
    held = files(folder)
    record = f"{folder.name}.dist-info/RECORD"
    held[record] = "".join(f"{name},,\n" for name in [*held, record]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 2, 1, 9, 0, 0)), content)
    return buffer.getvalue()


def sdist(folder: Path) -> bytes:
    """Return a folder as a source archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files(folder).items():
            info = tarfile.TarInfo(f"{folder.name}/{name}")
            info.size, info.mtime = len(content), TIME
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


stock, *targets = map(Path, sys.argv[1:])
made = {f"{folder.name}-py3-none-any.whl": wheel(folder) for folder in (stock / "wheels").iterdir()}
made |= {f"{folder.name}.tar.gz": sdist(folder) for folder in (stock / "sdists").iterdir()}
for target in targets:
    target.mkdir(parents=True)
    for name, content in made.items():
        (target / name).write_bytes(content)
