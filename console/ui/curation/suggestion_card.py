"""The suggestion that is chosen: what its user wrote, the topics it is like, and the fields of a new one."""

from __future__ import annotations

from collections.abc import Sequence, Set

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from console.domain.curation import Suggestion
from console.domain.slugs import free_slug, slug_problem
from console.services.likeness import Likeness
from console.ui.curation.suggestion_model import SURE
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import count_of, plain, shortened, since
from console.ui.widgets.buttons import key_cap
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.prose import Prose


class SuggestionCard(QWidget):
    """Signals: `promote_wanted()`, `fold_wanted()` into the topic that is chosen, `other_wanted()` to fold
    into another. Attributes: `taken`, the slugs that topics have.
    """

    promote_wanted = Signal()
    fold_wanted = Signal()
    other_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.taken: Set[str] = frozenset()
        self._found: Sequence[Likeness] = ()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = ElidedLabel()
        self._title.setFont(theme.title_font)
        self._about = label("", "muted")
        self._told = Prose("", "What the user wrote about it")
        self.name, self.slug = QLineEdit(), QLineEdit()
        self.name.setMaxLength(100)
        self.slug.setMaxLength(100)
        self.name.setAccessibleName("Name of the new topic")
        self.slug.setAccessibleName("Slug of the new topic")
        self._problem = label("", "grave", theme.small_font)
        self.likes = QListWidget()
        self.likes.setAccessibleName("Topics that may be the same")
        self._none = label("No topic is like it.", "muted")
        self.promote_button = QPushButton("Make it a topic")
        self.fold_button = QPushButton("Fold into it")
        self._other = QPushButton("Fold into another…")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_1)
        column.addWidget(self._title)
        column.addWidget(self._about)
        column.addSpacing(SPACE_2)
        column.addWidget(self._told)
        column.addSpacing(SPACE_3)
        column.addWidget(label("Topics that may be the same", "section", self._theme.small_font))
        column.addWidget(self._none)
        column.addWidget(self.likes)
        folding = QHBoxLayout()
        folding.setContentsMargins(0, SPACE_2, 0, 0)
        folding.setSpacing(SPACE_2)
        for widget in (self.fold_button, key_cap(self._theme, "F"), self._other, key_cap(self._theme, "O")):
            folding.addWidget(widget)
        folding.addStretch()
        column.addLayout(folding)
        line = QFrame()
        line.setProperty("part", "line")
        line.setFixedHeight(1)
        column.addSpacing(SPACE_3)
        column.addWidget(line)
        column.addSpacing(SPACE_3)
        column.addWidget(label("Or a topic of its own", "section", self._theme.small_font))
        for title, field in (("Name", self.name), ("Slug", self.slug)):
            heading = label(title, "muted", self._theme.small_font)
            heading.setBuddy(field)
            column.addWidget(heading)
            column.addWidget(field)
        column.addWidget(self._problem)
        making = QHBoxLayout()
        making.setContentsMargins(0, SPACE_2, 0, 0)
        making.setSpacing(SPACE_2)
        making.addWidget(self.promote_button)
        making.addWidget(key_cap(self._theme, "P"))
        making.addStretch()
        column.addLayout(making)
        column.addStretch()

    def _connect(self) -> None:
        self.promote_button.clicked.connect(self.promote_wanted)
        self.fold_button.clicked.connect(self.fold_wanted)
        self._other.clicked.connect(self.other_wanted)
        self.likes.currentRowChanged.connect(lambda _: self._offer())
        self.likes.itemActivated.connect(lambda _: self.fold_wanted.emit())
        self.name.textEdited.connect(lambda _: self._named())
        self.slug.textEdited.connect(lambda _: self._offer())

    def show_suggestion(self, suggestion: Suggestion, likes: Sequence[Likeness]) -> None:
        """Show a suggestion with the topics that it is like, the most like first."""
        self._title.set_text(suggestion.name)
        waits = "" if suggestion.status == "approved" else " It was not approved yet: this approves it."
        self._about.setText(f"Suggested by {plain(suggestion.author)} {since(suggestion.at)}.{waits}")
        self._told.setPlainText(plain(suggestion.description, lines=True) or "Nothing was written about it.")
        self._told.updateGeometry()
        self.name.setText(suggestion.name)
        self.slug.setText(free_slug(suggestion.name, self.taken))
        for field in (self.name, self.slug):
            field.setCursorPosition(0)
        self._show_likes(likes)
        self._offer()

    def like(self) -> Likeness | None:
        """The topic that is chosen among those that may be the same."""
        row = self.likes.currentRow()
        return self._found[row] if 0 <= row < len(self._found) else None

    def _show_likes(self, likes: Sequence[Likeness]) -> None:
        self._found = likes
        self.likes.blockSignals(True)
        self.likes.clear()
        for like in likes:
            topic = like.topic
            retired = "" if topic.active else " · retired"
            self.likes.addItem(
                f"{shortened(topic.name, 60)}{retired}\n{like.reason} · {count_of(topic.scenes, 'scene')}"
            )
        self.likes.setFixedHeight(min(5, len(likes)) * 42 + 2 * SPACE_1)
        self.likes.setVisible(bool(likes))
        self._none.setVisible(not likes)
        self.likes.setCurrentRow(0 if likes else -1)
        self.likes.blockSignals(False)

    def _named(self) -> None:
        self.slug.setText(free_slug(self.name.text(), self.taken))
        self._offer()

    def _offer(self) -> None:
        name, slug = self.name.text().strip(), self.slug.text().strip()
        problem = "A name is needed" if not name else slug_problem(slug)
        if not problem and slug in self.taken:
            problem = "This slug is taken"
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        like = self.like()
        sure = like is not None and like.score >= SURE
        self.promote_button.setEnabled(not problem)
        self.fold_button.setEnabled(like is not None)
        words = "Fold into it" if like is None else f"Fold into “{shortened(like.topic.name, 24)}”"
        self.fold_button.setText(words)
        for button, main in ((self.fold_button, sure), (self.promote_button, not sure)):
            button.setProperty("part", "main" if main else "")
            button.style().unpolish(button)
            button.style().polish(button)
