"""What every view of a value in the form is, be it a field or one that holds others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from console.bible.schema import Rule
from console.bible.values import Json, Tokens
from console.ui.bible.context import Context

if TYPE_CHECKING:
    from console.ui.bible.slots import Slot


class View(QWidget):
    """Shows the value at `tokens`. `kind` says which values it can show."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule, kind: str) -> None:
        super().__init__()
        self.context, self.tokens, self.rule, self.kind = context, tokens, rule, kind

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the value as it is now; what is being typed stays."""
        raise NotImplementedError

    def name(self, name: str, help: str) -> None:
        """Tell a screen reader what this is."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Let the person edit here."""
        self.setFocus()

    def flush(self) -> None:
        """Put what is typed into the text now."""

    def slots(self) -> Sequence[Slot]:
        """The slots of its parts that are built."""
        return ()

    def reach(self, place: int) -> None:
        """Build the part at `place`, within reason."""
