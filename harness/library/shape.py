"""From YAML data to a model: every error of shape, at its place, with a remedy where one shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness.library.diagnostics import Diagnostic, did_you_mean
from harness.library.yaml_positions import Document, Loc
from harness.models import values
from harness.models.fault import Fault
from harness.models.task import Sandbox, Task

Kind = Literal["task", "fault", "sandbox"]
Model = Task | Fault | Sandbox
MODELS: dict[Kind, type[Model]] = {"task": Task, "fault": Fault, "sandbox": Sandbox}
M = TypeVar("M", bound=BaseModel)

_PATTERNS = {
    get_args(values.Id)[1].pattern: (
        "E204",
        "an id has lower-case letters, digits, `_`, `-`, `.` and begins with a letter or digit",
    ),
    get_args(values.InnerPath)[1].pattern: ("E204", "a path inside the sandbox begins with `/`"),
    get_args(values.LocalPath)[1].pattern: (
        "E408",
        "the path leaves the folder; it is relative to this file's folder, without `..`",
    ),
}
_SHAPES = {
    "string_type": "should be text; quote it",
    "bool_type": "should be true or false",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "tuple_type": "should be a list: [...] or lines that begin with `- `",
    "dict_type": "should be a mapping: lines of `key: value`",
    "model_type": "should be a mapping: lines of `key: value`",
}
_NAMED = {
    "Trigger": "a trigger is `start`, or one of {step: N}, {before: RE}, {after: RE},"
    " {seconds: T}, {file: PATH}, {during: RE, after: T}",
    "Schedule": "a schedule is until-healed, permanent, {times: N} or {seconds: T}",
}


def model(kind: Kind, name: str, document: Document) -> tuple[Model | None, list[Diagnostic]]:
    """Return the model with its id filled in, or None, and all that is wrong with its shape."""
    if document.data is None and document.found:
        return None, []
    data = document.data
    found = list(_private_keys(kind, document))
    named = {**data, "id": name} if isinstance(data, dict) else data
    made, wrong = check(MODELS[kind], named, document)
    return (None if found else made), found + wrong


def check(
    shape: type[M], data: Any, document: Document, within: Loc = (), *, strict: bool = True
) -> tuple[M | None, list[Diagnostic]]:
    """Validate `data`, which stands at `within`; when strict, nothing is converted silently."""
    try:
        return shape.model_validate_json(json.dumps(data), strict=strict), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    return None, [_diagnostic(detail, shape, document, within) for detail in details]


def _private_keys(kind: Kind, document: Document) -> Iterator[Diagnostic]:
    """Find keys that the models know and a file may not use."""
    for loc in document.keys:
        if loc == ("id",):
            holder = "file" if kind == "fault" else "folder"
            yield document.at(
                loc, "E201", f"unknown key `id`; the id is the {holder}'s name, remove it", key=True
            )
        if kind == "task" and len(loc) == 3 and loc[0] == "faults" and loc[2] in {"as_", "with_"}:  # noqa: PLR2004 - faults, index, key
            yield document.at(
                loc, "E201", f"unknown key `{loc[2]}`; did you mean `{str(loc[2])[:-1]}`?", key=True
            )


def _diagnostic(
    detail: ErrorDetails, shape: type[BaseModel], document: Document, within: Loc
) -> Diagnostic:
    """Turn one of pydantic's errors into a finding."""
    loc: Loc = (*within, *detail["loc"])
    match detail["type"]:
        case "extra_forbidden" if loc[-2:-1] == ("schedule",):
            return document.at(
                loc, "E201", f"unknown key `{loc[-1]}`; {_NAMED['Schedule']}", key=True
            )
        case "extra_forbidden":
            near = did_you_mean(str(loc[-1]), _fields(shape, detail["loc"][:-1]))
            return document.at(loc, "E201", f"unknown key `{loc[-1]}`{near}", key=True)
        case _ if loc == ("id",):
            return document.at(
                (), "E204", f"the name of the file's folder, or file: {_wrong(detail)[1]}"
            )
        case "missing":
            return document.at(loc[:-1], "E203", f"the key `{loc[-1]}` is missing")
        case _ if loc[-1:] == ("[key]",):
            code, message = _wrong(detail)
            return document.at(loc[:-1], code, f"the key `{loc[-2]}`: {message}", key=True)
        case _:
            code, message = _wrong(detail)
            name = next((f"`{part}` " for part in reversed(loc) if isinstance(part, str)), "")
            return document.at(loc, code, f"{name}{message}" if code == "E202" else message)


def _wrong(detail: ErrorDetails) -> tuple[str, str]:
    """Return code and message for a value that does not fit."""
    context = detail.get("ctx", {})
    given = detail["input"]
    match detail["type"]:
        case "model_type" if context.get("class_name") in _NAMED:
            return "E204", _NAMED[context["class_name"]]
        case kind if kind in _SHAPES:
            return "E202", _SHAPES[kind] + (
                "; it is empty" if given is None else f", not {_show(given)}"
            )
        case "string_pattern_mismatch" if context["pattern"] in _PATTERNS:
            code, rule = _PATTERNS[context["pattern"]]
            return code, f"{_show(given)}: {rule}"
        case "value_error":
            return "E204", str(context["error"])
        case kind:
            return "E204", _unfit(kind, context, given) or f"{detail['msg']}, not {_show(given)}"


def _unfit(kind: str, context: dict[str, Any], given: Any) -> str | None:
    """Return our own words for a value out of bounds, where we have any."""
    if kind == "too_short":
        return f"at least {context['min_length']} are needed, not {context['actual_length']}"
    if kind == "literal_error" and isinstance(given, str):
        known = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"unknown value `{given}`{did_you_mean(given, known)}"
    return None


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if len(text) <= 40 else f"`{text[:36]}...`"  # noqa: PLR2004 - one line


def _fields(shape: Any, loc: Loc) -> list[str]:
    """Return the keys that may stand at `loc` in a model, as YAML spells them."""
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        named = {field.alias or name: field for name, field in shape.model_fields.items()}
        if not loc:
            return sorted(named.keys() - {"id"})
        return _fields(named[str(loc[0])].annotation, loc[1:]) if loc[0] in named else []
    inner = [arg for arg in get_args(shape) if arg not in {Ellipsis, type(None)}]
    if get_origin(shape) in {tuple, dict}:
        return _fields(inner[-1], loc[1:])
    return [key for arg in inner for key in _fields(arg, loc)]
