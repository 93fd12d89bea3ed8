"""Is version 1.4.0 with the right content in `dist/`, and was this very archive released?"""

import hashlib
import hmac
import json
import sys
import tarfile
from pathlib import Path

PROJECT, NAME = Path("/work/tidepool"), "tidepool-1.4.0"
ARCHIVE, RECEIPT = PROJECT / f"dist/{NAME}.tar.gz", PROJECT / "out/receipt.json"
SECRET = b"limpet and whelk, 1898"


def expect(name: str, fits: bool) -> None:
    """Stop with a message where something does not fit."""
    if not fits:
        sys.exit(name)


def members() -> dict[str, str]:
    """Return path -> sha256 of the archive's files."""
    try:
        with tarfile.open(ARCHIVE, "r:gz") as archive:
            files = [entry for entry in archive.getmembers() if entry.isfile() and entry.size < 1 << 20]
            return {entry.name: hashlib.sha256(archive.extractfile(entry).read()).hexdigest()
                    for entry in files}
    except (tarfile.TarError, OSError, EOFError) as error:
        sys.exit(f"{ARCHIVE}: {error}")


wanted = dict(reversed(line.split("  ")) for line in Path("members.sha256").read_text().splitlines())
expect(f"{ARCHIVE} is missing", ARCHIVE.is_file())
expect(f"{ARCHIVE} does not hold the package and the table", members() == wanted)
expect(f"{RECEIPT} is missing", RECEIPT.is_file())
try:
    number = str(json.loads(RECEIPT.read_text())["receipt"])
except (ValueError, KeyError, TypeError):
    sys.exit(f"{RECEIPT} is no receipt")
digest = hashlib.sha256(ARCHIVE.read_bytes()).hexdigest()
due = hmac.new(SECRET, f"tidepool/1.4.0 {digest}".encode(), hashlib.sha256).hexdigest()[:24]
expect(f"{RECEIPT} is not the registry's for this archive", hmac.compare_digest(number, due))
