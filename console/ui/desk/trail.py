"""The way back: items in the order they were looked at."""

from __future__ import annotations

from console.domain.subjects import Subject

KEPT = 200
"""Steps kept: more than anybody walks back."""


class Trail:
    """What was looked at, as a web browser keeps it: going on from the middle forgets what lay ahead."""

    def __init__(self) -> None:
        self._steps: list[Subject] = []
        self._place = -1

    def visit(self, subject: Subject) -> None:
        """Note that the subject is looked at now."""
        if self._steps[self._place : self._place + 1] == [subject]:
            return
        self._steps = [*self._steps[: self._place + 1], subject][-KEPT:]
        self._place = len(self._steps) - 1

    def step(self, by: int) -> Subject | None:
        """Go back (-1) or forward (1); None where the trail ends."""
        place = self._place + by
        if not 0 <= place < len(self._steps):
            return None
        self._place = place
        return self._steps[place]
