"""What people write, in cells: no spreadsheet may take it for a formula."""

from __future__ import annotations

import re

# A spreadsheet takes these for the beginning of a formula; a quote before them makes them text again.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def defused(text: str) -> str:
    """The text as a cell of a CSV file."""
    return f"'{text}" if _FORMULA.match(text) else text


def armed(text: str) -> str:
    """The text that was defused."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
