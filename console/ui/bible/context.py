"""What the form's parts share: the document as it was last read, and the one way to change it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from console.bible.editing import Edit
from console.bible.positions import PositionIndex
from console.bible.schema import AnnotatedSchema
from console.bible.values import Json, Tokens
from console.ui.bible.checking import Analysis, Mark
from console.ui.bible.naming import Names
from console.ui.bible.references import References
from console.ui.theme.theme import Theme

if TYPE_CHECKING:
    from console.ui.bible.slots import Slot

Make = Callable[[PositionIndex], list[Edit]]
"""Finds a change's edits in the text."""


class Editing(Protocol):
    """What the parts of a form ask of the editor."""

    def change(self, make: Make, *, session: Hashable = None, focus: Tokens | None = None) -> None:
        """Change the text. Changes of one `session` in a row are one step back; `focus` is edited next."""

    @property
    def is_settled(self) -> bool:
        """Whether the form shows the text as it stands."""

    def slot(self, place: Tokens | None) -> Slot | None:
        """The slot of a place; for None the one that has the keyboard, or that of the page."""

    def settled(self, act: Callable[[], None]) -> None:
        """Act as soon as the form shows the text as it stands: at once, unless something changed."""

    def open(self, tokens: Tokens) -> None:
        """Show the page of a place."""

    def show_in_text(self, tokens: Tokens) -> None:
        """Go to a place in the text."""

    def undo(self) -> None:
        """One step back, in whichever view it was made."""

    def redo(self) -> None:
        """One step forward again."""


@dataclass(slots=True)
class Context:
    """The document as the form shows it. `marks` holds the findings by the place at which they are shown."""

    theme: Theme
    schema: AnnotatedSchema
    editing: Editing
    document: Json = None
    index: PositionIndex = field(default_factory=lambda: PositionIndex("null"))
    names: Names = field(init=False)
    marks: dict[Tokens, list[Mark]] = field(default_factory=dict)
    within: dict[Tokens, str] = field(default_factory=dict)
    """The worst severity of what is found at or below a place."""
    read_only: bool = False
    _references: dict[Tokens, References] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = Names(self.document, self.schema)

    def show(self, found: Analysis) -> None:
        """Take over another state of the document."""
        self.document, self.index = found.document, found.index or PositionIndex(found.text)
        self.names = found.names or Names(found.document, self.schema)
        self.marks, self.within = {}, {}
        for mark in found.marks:
            self.marks.setdefault(mark.tokens, []).append(mark)
            for depth in range(len(mark.tokens) + 1):
                place = mark.tokens[:depth]
                if self.within.get(place) != "error":
                    self.within[place] = mark.severity

    def references(self, ref: tuple[str, ...]) -> References:
        """What may be referred to at a place: one list for all fields that refer to it."""
        known = self._references.setdefault(ref, References())
        known.show(self.names.targets(ref))
        return known
