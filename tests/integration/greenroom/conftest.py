"""A database as attach leaves it: a clone does not take the rights on the database itself along."""

from __future__ import annotations

import pytest

from db.greenroom.attach import attach
from db.platforms.scenes.declaration import SCENES
from tests.support.databases import Database


@pytest.fixture
def closed(attached: Database) -> Database:
    """The attached database with TEMP taken from PUBLIC again."""
    with attached.engine() as engine:
        attach(engine, SCENES)
    return attached
