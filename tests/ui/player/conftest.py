"""What the player's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from console.ui.theme.theme import Choice, Theme
from tests.support.media import MediaServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MediaServer]:
    """A media server for what the test makes."""
    (tmp_path / "www").mkdir()
    with MediaServer(tmp_path / "www") as running:
        yield running


@pytest.fixture
def theme() -> Theme:
    """The light theme."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication([])
    return Theme(application, Choice.LIGHT)
