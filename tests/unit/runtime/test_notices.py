"""The world's failures and our own bugs are told apart, each with what to do about it."""

from __future__ import annotations

import pytest

from console.domain.errors import Unavailable
from console.runtime.notices import Action, Level, Notice, Notices


@pytest.fixture
def notices() -> tuple[Notices, list[Notice]]:
    """A bridge, and what was posted on it."""
    bridge = Notices()
    posted: list[Notice] = []
    bridge.posted.connect(posted.append)
    return bridge, posted


def test_a_failure_of_the_world_is_told_with_its_remedy(notices: tuple[Notices, list[Notice]]) -> None:
    bridge, posted = notices
    again = Action("Again", lambda: None)
    bridge.failed("load ideas", Unavailable("The server is away", "Wait a little."), again)
    assert posted == [Notice(Level.PROBLEM, "The server is away", "Wait a little.", "", again)]


def test_a_bug_of_ours_names_the_task_and_keeps_the_traceback(
    notices: tuple[Notices, list[Notice]],
) -> None:
    bridge, posted = notices
    try:
        raise KeyError("missing")
    except KeyError as error:
        bridge.failed("load ideas", error)
    (notice,) = posted
    assert notice.level is Level.BUG
    assert "load ideas" in notice.text
    assert notice.remedy
    assert "KeyError: 'missing'" in notice.details
    assert "test_notices.py" in notice.details


def test_done_is_posted_with_its_undo(notices: tuple[Notices, list[Notice]]) -> None:
    bridge, posted = notices
    undo = Action("Undo", lambda: None)
    bridge.done("Approved", undo)
    assert posted == [Notice(Level.DONE, "Approved", action=undo)]
