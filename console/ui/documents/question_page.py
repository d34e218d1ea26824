"""One question of a merge, and the ways to answer it: a side, both, or an answer of one's own."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.bible.conflicts import Choice, Decision, decide
from console.bible.values import ABSENT
from console.ui.documents.own_answer import OwnAnswer
from console.ui.documents.questions import Question, answered
from console.ui.documents.sides import SideCard, spaced
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.widgets.labels import ElidedLabel, label

SIDES: Final[tuple[Choice, ...]] = ("mine", "theirs", "base")


class QuestionPage(QWidget):
    """Asks one question; without a `question` nothing can be answered.

    Signals: `answered(object)` with the Decision; `own_left()` when no own answer is typed any more.
    """

    answered = Signal(object)
    own_left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.question: Question | None = None
        self._asked, self._ask = ElidedLabel(), label("", "muted")
        self._asked.setFont(theme.title_font)
        self._ask.setWordWrap(True)
        self.cards = {
            "mine": SideCard(theme, "Yours", "1", "Take yours", "You removed it"),
            "theirs": SideCard(theme, "Theirs", "2", "Take theirs", "They removed it"),
            "base": SideCard(theme, "Before", "3", "Leave it as before", "It was not there"),
        }
        self.own = OwnAnswer(theme)
        self.both, self.edit = QPushButton("Keep both…  4"), QPushButton("Edit an own answer…  E")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_2)
        column.addWidget(self._asked)
        column.addWidget(self._ask)
        column.addLayout(spaced(*self.cards.values()), 3)
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addWidget(self.both)
        row.addWidget(self.edit)
        row.addStretch()
        column.addLayout(row)
        column.addWidget(self.own, 2)
        for choice, card in self.cards.items():
            card.chosen.connect(lambda choice=choice: self.choose(choice))
        self.both.clicked.connect(self.ask_keys)
        self.edit.clicked.connect(self.edit_own)
        self.own.edited.connect(self._take_edited)
        self.own.both.connect(self._take_both)
        self.own.left.connect(self._close_own)

    def show_question(self, asked: Question, decision: Decision | None, who: str) -> None:
        """Ask; `decision` is the answer given before, `who` made theirs."""
        self.question = asked
        self.own.hide()
        self._asked.set_text(asked.title)
        self._ask.setText(asked.ask)
        self.cards["theirs"].name(who)
        for choice, pieces in (("mine", asked.mine), ("theirs", asked.theirs), ("base", asked.base)):
            card = self.cards[choice]
            card.show_side(pieces, chosen=decision is not None and decision.choice in (choice, "both"))
        self.cards["base"].setVisible(asked.conflict.base is not ABSENT)
        self.both.setVisible(bool(asked.new_key))
        self.both.setText("✓ Both kept  4" if decision and decision.choice == "both" else "Keep both…  4")
        edited = decision is not None and decision.choice == "edited"
        self.edit.setText("✓ Your own answer  E" if edited else "Edit an own answer…  E")

    def choose(self, choice: str) -> None:
        """Answer the question shown with one of its sides."""
        asked = self.question
        known: Choice | None = next((side for side in SIDES if side == choice), None)
        if asked is not None and known is not None and self.cards[choice].isVisible():
            self.answered.emit(decide(asked.conflict, known))

    def ask_keys(self) -> None:
        """Ask for the keys under which both are kept, where both can be."""
        if (asked := self.question) is not None and asked.new_key:
            self.own.ask_keys(asked)

    def edit_own(self) -> None:
        """Let an answer of one's own be typed."""
        if (asked := self.question) is not None:
            self.own.edit(asked, asked.edited)

    def _take_edited(self, text: str) -> None:
        asked = self.question
        if asked is None:
            return
        try:
            value = answered(text, asked)
        except ValueError as error:
            self.own.problem.setText(str(error))
            return
        self.answered.emit(decide(asked.conflict, "edited", value))

    def _take_both(self, new_key: dict[str, str]) -> None:
        asked = self.question
        if asked is None:
            return
        same = all(asked.conflict.theirs.get(key) == value for key, value in new_key.items())
        if same or not all(new_key.values()):
            self.own.problem.setText("Theirs needs another key than yours")
            return
        self.answered.emit(decide(asked.conflict, "both", new_key=new_key))

    def _close_own(self) -> None:
        self.own.hide()
        self.own_left.emit()
