"""Which pictures are shown, and when they stand, without VLC."""

from __future__ import annotations

import pytest

from console.ui.player.frames import SLOTS
from console.ui.player.pictures import Pictures, Want

FRAME = 0.04


@pytest.fixture
def pictures() -> Pictures:
    """Of a medium that begins at 0, a picture for 40 ms."""
    made = Pictures()
    made.load(0.0)
    made.clock.frame_seconds = FRAME
    return made


class Vlc:
    """Shows pictures 40 ms from one another, and says which of them were told, at which second."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self.now = 100.0

    def show(self, *, same: bool = False, after: float = FRAME) -> float | None:
        self.now += after
        shown = self.pictures.displayed(same=same, now=self.now)
        return round(self.pictures.told(), 3) if shown else None


def test_while_it_plays_every_picture_is_shown_in_its_place(pictures: Pictures) -> None:
    vlc = Vlc(pictures)
    assert [vlc.show() for _ in range(3)] == [0.0, 0.04, 0.08]
    # So soon it can only be the next one, which looks the same; later it may be that one again.
    assert vlc.show(same=True) == 0.12
    assert vlc.show(same=True, after=0.06) is None
    assert vlc.show() == 0.16


def test_what_runs_on_after_a_pause_waits_for_a_step_or_for_going_on(pictures: Pictures) -> None:
    vlc = Vlc(pictures)
    assert vlc.show() == 0.0
    pictures.stand()
    assert [vlc.show() for _ in range(3)] == [None] * 3
    assert [vlc.show(same=True, after=0.06) for _ in range(2)] == [None] * 2
    assert pictures.still == 2
    first = pictures.latest - 2
    assert pictures.step() == first
    assert round(pictures.told(), 3) == 0.04
    assert pictures.step() == first + 1
    assert round(pictures.told(), 3) == 0.08
    pictures.go_on()
    assert vlc.show() == 0.16


def test_a_step_shows_one_picture_even_where_vlc_goes_two_on(pictures: Pictures) -> None:
    vlc = Vlc(pictures)
    vlc.show()
    pictures.stand()
    assert pictures.step() is None
    assert vlc.show(same=True, after=0.06) is None
    assert vlc.show() == 0.04
    assert vlc.show() is None
    assert pictures.step() == pictures.latest
    assert round(pictures.told(), 3) == 0.08


def test_slots_that_were_written_over_are_not_shown(pictures: Pictures) -> None:
    vlc = Vlc(pictures)
    vlc.show()
    pictures.stand()
    for _ in range(SLOTS - 1):
        vlc.show()
    assert not pictures.passed
    vlc.show()
    assert pictures.passed


def test_a_seek_leaves_out_what_is_on_the_way_and_does_not_take_a_repeat_for_it(pictures: Pictures) -> None:
    vlc = Vlc(pictures)
    vlc.show()
    pictures.stand()
    pictures.seek(2.0, discarding=True)
    assert vlc.show() is None
    pictures.discarding = False
    assert vlc.show(same=True, after=0.06) is None
    assert vlc.show() == 2.0
    assert pictures.want is Want.NOTHING
    assert vlc.show() is None


def test_a_stray_picture_after_a_seek_while_it_plays_is_followed_by_the_right_one(pictures: Pictures) -> None:
    vlc = Vlc(pictures)
    vlc.show()
    pictures.seek(2.0, discarding=True)
    pictures.discarding = False
    assert vlc.show() == 2.0
    assert vlc.show(after=0.01) == 2.0
    assert vlc.show() == 2.04


def test_the_first_picture_is_shown_though_it_looks_like_the_last_of_another_medium(
    pictures: Pictures,
) -> None:
    vlc = Vlc(pictures)
    vlc.show()
    pictures.load(0.0)
    assert vlc.show(same=True, after=0.2) == 0.0
