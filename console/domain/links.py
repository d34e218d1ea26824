"""Links to an item, as colleagues send them to each other: `greenroom://item/segment/<id>`."""

from __future__ import annotations

import re
from uuid import UUID

from console.domain.errors import ConfigurationError
from console.domain.subjects import Subject

SCHEME = "greenroom://"
_ITEM = re.compile(
    r"greenroom://item/([a-z_]{1,40})/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?", re.ASCII
)


def link_to(subject: Subject) -> str:
    """The link by which any console opens the subject."""
    return f"{SCHEME}item/{subject.kind}/{subject.id}"


def linked(link: str) -> Subject:
    """The subject of a link. ConfigurationError when it is no link to an item."""
    found = _ITEM.fullmatch(link.strip().lower())
    if found is None:
        raise ConfigurationError(
            "That is no link to an item", f"A link reads {SCHEME}item/KIND/ID, as Copy link gives it."
        )
    return Subject(found[1], UUID(found[2]))
