"""Secrets taken out of texts that leave the house.  Pure.

A secret is recognised by its own form (keys with known beginnings, key blocks), by what stands
before it (`password=`, `Authorization:`) or by its place in a URL; only the value goes.
"""

from __future__ import annotations

import re

MARK = "[redacted]"

_FORMS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[\w-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\bxox[abprs]-[\w-]{10,}"
    r"|\bhf_[A-Za-z0-9]{20,}|\bey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}\.[\w-]+",
    re.DOTALL,
)
_NAMED = re.compile(
    r"(?i)((?:[\w-]*(?:password|passwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token"
    r"|access[_-]?token|private[_-]?key)[\w-]*|\w+_(?:token|pass|pwd|key))"
    r"[\"']?\s*[=:]\s*[\"']?)(?![$({<]|\[redacted)([^\s\"'`;&|,)}\]]{6,})"
)
_HEADER = re.compile(
    r"(?i)(\b(?:authorization|x-api-key|cookie)[\"']?\s*:\s*(?:(?:bearer|basic|token) )?+)"
    r"(?!\[redacted)([^\s'\"]{6,})"
)
_URL = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]+:)(?!\[redacted)([^\s/@]+)(?=@)")


def redact(text: str) -> str:
    """Return the text with every secret's value replaced by `[redacted]`; it does so once."""
    text = _FORMS.sub(MARK, text)
    for pattern in (_NAMED, _HEADER, _URL):
        text = pattern.sub(rf"\g<1>{MARK}", text)
    return text
