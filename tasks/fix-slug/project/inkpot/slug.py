"""Slugs: the part of a post's address that comes from its title."""

import re


def slugify(title):
    """Return the slug of a title; the rules are in README.md."""
    return re.sub(r"[^a-z0-9]", "-", title.lower())


def unique(slug, taken):
    """Return the slug, numbered if it is taken already."""
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"
