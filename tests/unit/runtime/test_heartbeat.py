"""A stall of the thread is measured, and only while the heart beats."""

from __future__ import annotations

import time

from pytestqt.qtbot import QtBot

from console.runtime.heartbeat import Heartbeat

STALL = 0.6
"""Longer than a busy machine takes the processor away."""
PATIENCE = 20_000
"""Milliseconds."""


def test_a_stall_is_as_long_as_it_was(qtbot: QtBot) -> None:
    heartbeat = Heartbeat()
    heartbeat.start()
    qtbot.waitUntil(lambda: len(heartbeat.stalls) > 3, timeout=PATIENCE)
    time.sleep(STALL)
    beats = len(heartbeat.stalls)
    qtbot.waitUntil(lambda: len(heartbeat.stalls) > beats, timeout=PATIENCE)
    assert STALL - 0.02 < max(heartbeat.stalls) < 10
    assert min(heartbeat.stalls) >= 0


def test_nothing_is_measured_before_and_after(qtbot: QtBot) -> None:
    heartbeat = Heartbeat()
    time.sleep(STALL)
    heartbeat.start()
    qtbot.wait(30)
    assert max(heartbeat.stalls) < STALL - 0.05
    heartbeat.stop()
    beats = len(heartbeat.stalls)
    qtbot.wait(30)
    assert len(heartbeat.stalls) == beats
    heartbeat.start()
    assert heartbeat.stalls == []
    heartbeat.stop()


def test_what_is_disregarded_is_no_stall(qtbot: QtBot) -> None:
    heartbeat = Heartbeat()
    heartbeat.start()
    time.sleep(STALL)
    heartbeat.disregard()
    qtbot.wait(30)
    heartbeat.stop()
    assert max(heartbeat.stalls) < STALL - 0.05
