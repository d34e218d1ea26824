"""The platform's reads, gathered for the reader."""

from __future__ import annotations

from db.platforms.scenes.bibles import SceneBibles
from db.platforms.scenes.blocks import read_block
from db.platforms.scenes.catalogue import ScenesCatalogue
from db.platforms.scenes.declaration import SCENES
from db.platforms.scenes.films import SceneFilms
from db.platforms.scenes.operations import ScenesOperations
from db.platforms.scenes.search import find
from db.platforms.scenes.sources import SOURCES
from db.reader import PlatformReads

READS = PlatformReads(
    SCENES, SOURCES, read_block, find, SceneFilms, ScenesCatalogue, SceneBibles, ScenesOperations
)
