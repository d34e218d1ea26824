"""The right of the tree: the columns of one topic or category, told of collisions while they are typed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.domain.curation import TOPIC, Columns
from console.domain.slugs import free_slug
from console.services.likeness import Likeness
from console.ui.curation.merging import TITLES
from console.ui.curation.preview import Preview
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import plain, shortened
from console.ui.widgets.buttons import key_cap, quiet_button
from console.ui.widgets.labels import ElidedLabel, label, set_tooltip
from console.ui.widgets.layouts import clear

Problems = Mapping[str, str]
DESCRIPTION_HEIGHT = 92


class Editor(QWidget):
    """Signals: `typed()` after each change, `save_wanted()`, `discard_wanted()`, `topic_wanted()` to choose
    another topic for a category, `like_chosen(UUID)` to look at a topic that is like this one.
    """

    typed = Signal()
    save_wanted = Signal()
    discard_wanted = Signal()
    topic_wanted = Signal()
    like_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._kind = TOPIC
        self._topic_id: UUID | None = None
        self._held: Columns | None = None
        self._follows = False
        self._showing = False
        self._taken: Collection[str] = ()
        self._check: Callable[[Columns], Problems] = lambda _: {}
        self._busy = False
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = label("", "section", theme.small_font)
        self._notice = label("", "notice")
        self._notice.setWordWrap(True)
        self._conflicts = QWidget()
        self._conflict_rows = QVBoxLayout(self._conflicts)
        self._conflict_rows.setContentsMargins(0, 0, 0, 0)
        self._conflict_rows.setSpacing(SPACE_1)
        self.name, self.slug, self.icon = QLineEdit(), QLineEdit(), QLineEdit()
        self.name.setMaxLength(100)
        self.slug.setMaxLength(100)
        self.icon.setMaxLength(500)
        self.icon.setPlaceholderText("https://…")
        self.description = QPlainTextEdit()
        self.description.setTabChangesFocus(True)
        self.description.setFixedHeight(DESCRIPTION_HEIGHT)
        self.active = QCheckBox("Users can choose it")
        self._topic = ElidedLabel()
        self._topic.setEnabled(True)
        self._move = quiet_button("Move…")
        self._move.setAccessibleName("Move to another topic")
        self._topic_row = QWidget()
        topic_row = QHBoxLayout(self._topic_row)
        topic_row.setContentsMargins(0, 0, 0, 0)
        topic_row.addWidget(self._topic, 1)
        topic_row.addWidget(self._move)
        self._hints: dict[str, QLabel] = {}
        self._headings: dict[str, QLabel] = {}
        self._likes = QWidget()
        self._like_rows = QVBoxLayout(self._likes)
        self._like_rows.setContentsMargins(0, 0, 0, 0)
        self._like_rows.setSpacing(0)
        self.preview = Preview(theme)
        self.save, self.discard = QPushButton("Save"), QPushButton("Discard")
        self.save.setProperty("part", "main")
        self._state = label("", "muted", theme.small_font)
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        self._move.clicked.connect(self.topic_wanted)
        self.save.clicked.connect(self.save_wanted)
        self.discard.clicked.connect(self.discard_wanted)
        self.name.textEdited.connect(self._name_edited)
        self.slug.textEdited.connect(self._slug_edited)
        self.icon.textEdited.connect(self._edited)
        self.description.textChanged.connect(self._edited)
        self.active.toggled.connect(self._edited)

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setObjectName("page")
        form = QVBoxLayout(inner)
        form.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_4)
        form.setSpacing(SPACE_1)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch()
        head.addWidget(self._state)
        form.addLayout(head)
        form.addWidget(self._notice)
        form.addWidget(self._conflicts)
        self._add_field(form, "name", self.name)
        form.addWidget(self._likes)
        self._add_field(form, "slug", self.slug)
        self._add_field(form, "topic_id", self._topic_row)
        self._add_field(form, "description", self.description)
        self._add_field(form, "icon_url", self.icon)
        form.addSpacing(SPACE_2)
        form.addWidget(self.active)
        form.addSpacing(SPACE_3)
        form.addWidget(self.preview)
        form.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        buttons.setSpacing(SPACE_2)
        buttons.addWidget(self.save)
        buttons.addWidget(key_cap(self._theme, "Ctrl+S"))
        buttons.addSpacing(SPACE_2)
        buttons.addWidget(self.discard)
        buttons.addWidget(key_cap(self._theme, "Esc"))
        buttons.addStretch()
        line = QFrame()
        line.setProperty("part", "line")
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll, 1)
        column.addWidget(line)
        column.addLayout(buttons)

    def _add_field(self, form: QVBoxLayout, name: str, widget: QWidget) -> None:
        heading = label(TITLES[name], "muted", self._theme.small_font)
        heading.setContentsMargins(0, SPACE_2, 0, 0)
        heading.setBuddy(widget)
        hint = label("", "grave", self._theme.small_font)
        hint.setWordWrap(True)
        hint.hide()
        self._headings[name], self._hints[name] = heading, hint
        widget.setAccessibleName(TITLES[name])
        for each in (heading, widget, hint):
            form.addWidget(each)

    # What is shown

    def begin(
        self,
        kind: str,
        held: Columns | None,
        columns: Columns,
        check: Callable[[Columns], Problems],
        taken: Collection[str],
        topic: str = "",
    ) -> None:
        """Edit `columns`; `held` is what the database has, None for a new entry, whose slug follows its name.

        `taken` are the slugs that others have, `check` tells what is wrong by column, `topic` names a
        category's.
        """
        self._kind, self._held, self._check, self._taken = kind, held, check, taken
        self._follows = held is None and not columns.slug
        for name in ("icon_url", "topic_id"):
            self._headings[name].setVisible((name == "icon_url") == (kind == TOPIC))
        self.icon.setVisible(kind == TOPIC)
        self._topic_row.setVisible(kind != TOPIC)
        word = "topic" if kind == TOPIC else "category"
        self._title.setText(f"New {word}" if held is None else word.capitalize())
        self.tell("")
        self.contest({}, lambda _: None)
        self.show_likes(())
        self.fill(columns, topic)

    def fill(self, columns: Columns, topic: str) -> None:
        """Put these columns into the fields."""
        self._showing = True
        self._topic_id = columns.topic_id
        for field, words in (
            (self.name, columns.name),
            (self.slug, columns.slug),
            (self.icon, columns.icon_url),
        ):
            if field.text() != words:
                field.setText(words)
        if self.description.toPlainText() != columns.description:
            self.description.setPlainText(columns.description)
        self.active.setChecked(columns.active)
        self._topic.set_text(topic)
        self._showing = False
        self.check()

    def hold(self, held: Columns) -> None:
        """The database has something else by now."""
        self._held = held
        self.check()

    def columns(self) -> Columns:
        """What the fields hold."""
        return Columns(
            self.name.text().strip(),
            self.slug.text().strip(),
            self.description.toPlainText().strip(),
            self.active.isChecked(),
            self.icon.text().strip() if self._kind == TOPIC else "",
            self._topic_id if self._kind != TOPIC else None,
        )

    @property
    def changed(self) -> bool:
        """Whether something typed is not saved."""
        columns = self.columns()
        if self._held is None:
            return bool(columns.name or columns.description or columns.icon_url)
        return columns != self._held

    def tell(self, words: str) -> None:
        """Say something above the fields; nothing takes it away."""
        self._notice.setText(words)
        self._notice.setVisible(bool(words))

    def contest(self, saved: Mapping[str, str], take: Callable[[str], None]) -> None:
        """Show what somebody else saved in these columns, each with a button that takes it over."""
        clear(self._conflict_rows)
        for name, words in saved.items():
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            told = label(f"{TITLES[name]}: “{shortened(words, 80)}”" if words else f"{TITLES[name]}: emptied")
            told.setWordWrap(True)
            button = quiet_button("Take it")
            button.setAccessibleName(f"Take the {TITLES[name].lower()} that was saved")
            button.clicked.connect(partial(self._take, take, name))
            line.addWidget(told, 1)
            line.addWidget(button)
            self._conflict_rows.addWidget(row)
        self._conflicts.setVisible(bool(saved))

    @staticmethod
    def _take(take: Callable[[str], None], name: str) -> None:
        take(name)

    def show_likes(self, likes: Sequence[Likeness]) -> None:
        """Name topics that may be the same, each with the reason."""
        clear(self._like_rows)
        for like in likes:
            button = quiet_button(f"“{shortened(like.topic.name, 34)}” · {like.reason.lower()}")
            set_tooltip(button, f"{plain(like.topic.name)} ({like.topic.slug}): {like.reason}. Look at it.")
            button.setProperty("part", "like")
            # A long one is cut; it never makes the pane wider.
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(partial(self.like_chosen.emit, like.topic.id))
            self._like_rows.addWidget(button)
        self._likes.setVisible(bool(likes))

    def wait(self, *, busy: bool) -> None:
        """While it is being saved nothing can be typed."""
        self._busy = busy
        # Not disabled: that would take the keyboard away.
        for field in (self.name, self.slug, self.icon, self.description):
            field.setReadOnly(busy)
        for widget in (self.active, self._move):
            widget.setEnabled(not busy)
        self.check()

    # Checks

    def check(self) -> None:
        """Say what is wrong, and offer what can be done."""
        problems, changed = self._check(self.columns()), self.changed
        for name, hint in self._hints.items():
            # Nobody is told that a form which was just opened is empty.
            words = problems.get(name, "") if changed else ""
            hint.setText(words)
            hint.setVisible(bool(words))
        self.save.setEnabled(changed and not problems and not self._busy)
        self.discard.setEnabled(changed and not self._busy)
        self._state.setText("Saving…" if self._busy else "Not saved" if changed else "")

    def _name_edited(self) -> None:
        if self._follows:
            name = self.name.text().strip()
            self.slug.setText(free_slug(name, self._taken) if name else "")
        self._edited()

    def _slug_edited(self) -> None:
        # A slug that was typed is the person's; an emptied one follows the name again.
        self._follows = self._held is None and not self.slug.text()
        self._edited()

    def _edited(self) -> None:
        if not self._showing:
            self.check()
            self.typed.emit()
