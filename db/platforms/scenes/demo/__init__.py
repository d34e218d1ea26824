"""Demo data of the platform `scenes`: people, stories, reports and media, all of our own making."""

from __future__ import annotations

from db.platforms.scenes.demo.media import MediaLibrary
from db.platforms.scenes.demo.plan import Size
from db.platforms.scenes.demo.progress import Cancelled
from db.platforms.scenes.demo.seed import SeedReport, mark_review_due, seed
from db.platforms.scenes.demo.server import MediaServer

__all__ = ["Cancelled", "MediaLibrary", "MediaServer", "SeedReport", "Size", "mark_review_due", "seed"]
