"""What all nouns are made of: frozen values, names, paths and patterns.

Times are seconds, sizes are bytes, paths inside a sandbox are absolute POSIX paths.  `None` means
"we cannot know", never "no".  Texts marked *template* may hold `{{name}}`; the names come from the
fault's `params`, filled by the pair's `with` (`harness.library.templates`).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from harness import patterns

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=80)]
"""Lower-case letters, digits, `_`, `-`, `.`: safe in file names, labels and trial ids."""

InnerPath = Annotated[str, StringConstraints(pattern=r"^/[^\x00]*$")]
"""An absolute path inside a sandbox."""

_PART = r"(\.|\.?[^/.\x00][^/\x00]*|\.\.[^/\x00]+)"
LocalPath = Annotated[str, StringConstraints(pattern=rf"^{_PART}(/{_PART})*/?$")]
"""A path relative to the folder of the file that names it; it cannot leave that folder."""

Regex = Annotated[str, StringConstraints(min_length=1)]
"""A regular expression as RE2 reads it (`^`, `$`: lines); it must compile and not match ''."""

CheckedRegex = Annotated[Regex, AfterValidator(patterns.check)]
"""One that holds no template: it must compile where it stands."""

Params = dict[Id, str]


class Frozen(BaseModel):
    """A frozen value: unknown keys are errors, no silent conversions."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True
    )
