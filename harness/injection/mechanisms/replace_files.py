"""The distribution's own files, carried by another image, are put in place of what is there."""

from __future__ import annotations

import tarfile

from harness.containers.archive import only_file
from harness.errors import SandboxError
from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget, Needs
from harness.injection.mechanisms.files import Held, place, restore, same
from harness.models.fault import Fault
from harness.models.values import Frozen, Id, InnerPath


class Settings(Frozen):
    """`files`: path in the image `image` -> path in the sandbox."""

    image: Id
    files: dict[InnerPath, InnerPath]


COUNTS = False
HEALS = True
available = base.available
need = base.need
counted = base.counts_nothing
leave = base.nothing


def needs(fault: Fault) -> Needs:
    """Need the image that holds the files."""
    image = fault.settings.get("image")
    return Needs(images=(str(image),) if image else ())


def inject(target: InjectionTarget) -> Facts:
    """Copy the files in; remember what they replace."""
    wanted = _files(target)
    before: dict[str, Held] = {path: target.probes.read(path) for path in wanted}
    place(target.probes, wanted)
    return {"files": sorted(wanted), "_before": before}


def present(target: InjectionTarget) -> bool | None:
    """Say whether every file is in place (unless the fault has a probe of its own)."""
    if target.fault.present is not None:
        return base.present(target)
    return all(same(target.probes, path, content) for path, (content, _) in _files(target).items())


def heal(target: InjectionTarget, facts: Facts) -> None:
    """Put back what was there before."""
    restore(target.probes, facts["_before"])


def _files(target: InjectionTarget) -> dict[str, tuple[bytes, tarfile.TarInfo]]:
    settings = Settings.model_validate(target.fault.settings)
    return {there: _file(target, settings.image, here) for here, there in settings.files.items()}


def _file(target: InjectionTarget, image: str, path: str) -> tuple[bytes, tarfile.TarInfo]:
    archive = target.fetch(image, path)
    file = None if archive is None else only_file(archive)
    if file is None:
        raise SandboxError(f"{target.fault.id}: the image {image} has no file {path}")
    return file
