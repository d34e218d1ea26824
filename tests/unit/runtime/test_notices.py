"""The world's failures and our own bugs are told apart, each with what to do about it."""

from __future__ import annotations

import pytest

from console.domain.errors import (
    ConfigurationError,
    NotPermitted,
    Refused,
    Stale,
    Taken,
    TooSlow,
    Unavailable,
)
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
    (notice,) = posted
    assert (notice.level, notice.text, notice.remedy, notice.action) == (
        Level.UNAVAILABLE,
        "The server is away",
        "Wait a little.",
        again,
    )


@pytest.mark.parametrize(
    ("error", "level", "title"),
    [
        (Unavailable("away"), Level.UNAVAILABLE, "Server out of reach"),
        (TooSlow("slow"), Level.UNAVAILABLE, "Took too long"),
        (Stale("The content changed"), Level.STALE, "Changed meanwhile"),
        (
            Taken("max has it", subject=None, holder="max", since=None),
            Level.REFUSED,
            "somebody else holds it",
        ),
        (NotPermitted("Admins can"), Level.REFUSED, "not permitted"),
        (ConfigurationError("The disk is full"), Level.PROBLEM, "This did not work"),
        (ValueError("ours"), Level.BUG, "A mistake of ours"),
    ],
)
def test_each_kind_of_failure_is_told_as_what_it_is(
    notices: tuple[Notices, list[Notice]], error: Exception, level: Level, title: str
) -> None:
    bridge, posted = notices
    bridge.failed("decide", error, what="Approve “A tide”", kept="Your note is kept: Seen before")
    (notice,) = posted
    assert notice.level is level
    assert title in notice.title
    assert "Approve “A tide”" in notice.text
    assert {"Your note is kept: Seen before", notice.title, notice.text} <= set(notice.details.splitlines())
    if isinstance(error, Refused):
        assert f"rule: {error.rule}" in notice.details


def test_of_many_reads_that_find_no_server_the_last_is_told(
    notices: tuple[Notices, list[Notice]],
) -> None:
    bridge, posted = notices
    bridge.failed("read counts", Unavailable("away"))
    bridge.failed("read the queue", Unavailable("away"))
    bridge.failed("write", Unavailable("away"), kept="Your note is kept: x")
    assert posted[0].about == posted[1].about is not None
    assert posted[2].about is None


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
