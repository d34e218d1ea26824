"""Slugs of topics and categories: the name in small letters, without its accents, words joined by hyphens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

LONGEST = 100
"""Characters that the platform's column holds."""
_MADE = 90
"""What is made of a name is shorter, so that a number can follow."""

_BARRED = str.maketrans("øØłŁđĐıħĦŧŦ", "oOlLdDihHtT") | {ord("ß"): "ss", ord("æ"): "ae", ord("œ"): "oe"}
_MARKS = re.compile("[\u0300-\u036f]")
_OTHER = re.compile("[^a-z0-9]+")
_SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


def slug_of(name: str) -> str:
    """The slug of a name, as the database's greenroom.slug() makes it; "topic" where nothing is left."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", name)).translate(_BARRED)
    return _OTHER.sub("-", bare.lower()).lstrip("-")[:_MADE].strip("-") or "topic"


def free_slug(name: str, taken: Collection[str]) -> str:
    """The slug of a name, with the first number that makes it differ from those taken."""
    slug = made = slug_of(name)
    number = 1
    while made in taken:
        number += 1
        made = f"{slug}-{number}"
    return made


def slug_problem(slug: str) -> str:
    """Why the text is no slug, as a sentence; nothing where it is one."""
    if not slug:
        return "A slug is needed"
    if len(slug) > LONGEST:
        return f"A slug has at most {LONGEST} characters"
    if not _SLUG.fullmatch(slug):
        return "Small letters, digits and single hyphens only"
    return ""
