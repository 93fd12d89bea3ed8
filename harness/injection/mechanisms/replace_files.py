"""The distribution's own files, carried by another image, are put in place of what is there."""

from __future__ import annotations

import tarfile

from harness.containers.archive import only_file
from harness.errors import SandboxError
from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, Site
from harness.injection.mechanisms.files import Held, place, restore, same
from harness.models.nouns import Id, InnerPath, Value


class Settings(Value):
    """`files`: path in the image `image` -> path in the sandbox."""

    image: Id = "parts"
    files: dict[InnerPath, InnerPath]


available = base.available
need = base.need


def inject(site: Site) -> Facts:
    """Copy the parts in; remember what they replace."""
    wanted = _wanted(site)
    before: dict[str, Held] = {path: site.box.read(path) for path in wanted}
    place(site.box, wanted)
    return {"files": sorted(wanted), "_before": before}


def present(site: Site) -> bool | None:
    """Say whether every part is in place (unless the fault has a probe of its own)."""
    if site.fault.present is not None:
        return base.present(site)
    return all(same(site.box, path, content) for path, (content, _) in _wanted(site).items())


def heal(site: Site, facts: Facts) -> None:
    """Put back what was there before."""
    restore(site.box, facts["_before"])


def _wanted(site: Site) -> dict[str, tuple[bytes, tarfile.TarInfo]]:
    settings = Settings.model_validate(site.fault.settings)
    return {there: _part(site, settings.image, here) for here, there in settings.files.items()}


def _part(site: Site, image: str, path: str) -> tuple[bytes, tarfile.TarInfo]:
    archive = site.fetch(image, path)
    part = None if archive is None else only_file(archive)
    if part is None:
        raise SandboxError(f"{site.fault.id}: the image {image} has no file {path}")
    return part
