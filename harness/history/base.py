"""What all events are made of: their place and time, and texts that any file can hold."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Strict


def _valid_unicode(text: Any) -> Any:
    """Write lone surrogates, which no file in UTF-8 can hold, as their escapes."""
    if isinstance(text, str) and not text.isascii():
        return text.encode("utf-8", "backslashreplace").decode()
    return text


Text = Annotated[str, BeforeValidator(_valid_unicode)]
Texts = Annotated[tuple[Text, ...], Strict(strict=False)]
Numbers = Annotated[tuple[int, ...], Strict(strict=False)]


class BaseEvent(BaseModel):
    """What all events have.  `None` means that it cannot be known."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, strict=True, use_attribute_docstrings=True
    )

    seq: int = -1
    """Its place in the history, from 0; the writer fills it in."""
    t: float = 0.0
    """Seconds since hand-over; the writer fills it in."""
