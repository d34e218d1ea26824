"""The bracket that belongs to the one at the cursor."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QTextBlock

from console.ui.bible.highlight import brackets

MOST_LINES: Final = 2_000
"""Lines that are looked through: one key must not wait for a walk through 10 MB."""


def partner(block: QTextBlock, column: int) -> tuple[int, int] | None:
    """Positions in the document of the bracket left of `column` (or right of it) and of its partner."""
    signs = {at: sign for at, sign in brackets(block.text()) if at in (column - 1, column)}
    if not signs:
        return None
    at = min(signs)
    start = block.position() + at
    forward = signs[at] in "[{"
    depth, here = 0, block
    for _ in range(MOST_LINES):
        if not here.isValid():
            return None
        found = list(brackets(here.text()))
        for place, sign in found if forward else reversed(found):
            if here == block and (place < at if forward else place > at):
                continue
            depth += 1 if (sign in "[{") == forward else -1
            if depth == 0:
                return start, here.position() + place
        here = here.next() if forward else here.previous()
    return None
