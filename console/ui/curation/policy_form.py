"""The fields of one policy, and what an author would be told by it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.domain.policies import FIELDS, Policy
from console.domain.slugs import free_slug
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.widgets.buttons import key_cap
from console.ui.widgets.labels import label

SEVERITIES = ("1  minor", "2  moderate", "3  serious", "4  severe", "5  danger to people")
_TEXT_HEIGHT = 72
_SAMPLE = {"kind": "idea", "item": "The tin orchard", "action": "rejected", "date": "2026-03-01"}


class PolicyForm(QWidget):
    """Signals: `typed()` after each change, `save_wanted()`, `discard_wanted()`."""

    typed = Signal()
    save_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._held: Policy | None = None
        self._keys: Collection[str] = ()
        self._showing = False
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._heading = label("", "section", theme.small_font)
        self._notice = label("", "notice")
        self._notice.setWordWrap(True)
        self.title, self.points, self.days = QLineEdit(), QLineEdit(), QLineEdit()
        self.title.setMaxLength(100)
        self.points.setValidator(QIntValidator(0, 100, self))
        self.days.setValidator(QIntValidator(1, 3650, self))
        self.family, self.severity, self.category = QComboBox(), QComboBox(), QComboBox()
        self.family.setEditable(True)
        self.category.setEditable(True)
        for box in (self.family, self.severity, self.category):
            # The longest category is no reason for a form that is wider than its pane.
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        self.severity.addItems(list(SEVERITIES))
        self.help_text, self.example, self.statement = QPlainTextEdit(), QPlainTextEdit(), QPlainTextEdit()
        self.preview = label("", "muted", theme.small_font)
        self.preview.setWordWrap(True)
        self.active = QCheckBox("In force: it can be chosen as a reason")
        self.save, self.discard = QPushButton("Save as a new version"), QPushButton("Discard")
        self.save.setProperty("part", "main")
        self._lay_out()
        for line in (self.title, self.points, self.days):
            line.textEdited.connect(self._edited)
        for box in (self.family, self.severity, self.category):
            box.currentTextChanged.connect(self._edited)
        for text in (self.help_text, self.example, self.statement):
            text.textChanged.connect(self._edited)
        self.active.toggled.connect(self._edited)
        self.save.clicked.connect(self.save_wanted)
        self.discard.clicked.connect(self.discard_wanted)

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setObjectName("page")
        column = QVBoxLayout(inner)
        column.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_3)
        column.addWidget(self._heading)
        column.addWidget(self._notice)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_3)
        grid.setVerticalSpacing(SPACE_3)
        grid.addLayout(self._field("Title", self.title), 0, 0)
        grid.addLayout(self._field("Family", self.family), 0, 1)
        grid.addLayout(self._field("Severity", self.severity), 1, 0)
        grid.addLayout(self._field("DSA category", self.category), 1, 1)
        grid.addLayout(self._field("Points against the author (0 to 100)", self.points), 2, 0)
        grid.addLayout(self._field("They count for, in days", self.days), 2, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        for title, text in (
            ("Help for who decides", self.help_text),
            ("Example", self.example),
            ("What the author is told", self.statement),
        ):
            text.setTabChangesFocus(True)
            text.setFixedHeight(_TEXT_HEIGHT)
            column.addLayout(self._field(title, text))
        fields = ", ".join(f"{{{field}}}" for field in FIELDS)
        column.addWidget(label(f"Filled in for each item: {fields}", "muted", self._theme.small_font))
        column.addWidget(self.preview)
        column.addWidget(self.active)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        buttons.setSpacing(SPACE_2)
        buttons.addWidget(key_cap(self._theme, "Ctrl+S"))
        buttons.addWidget(self.save)
        buttons.addWidget(self.discard)
        buttons.addStretch()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        whole.addLayout(buttons)

    def _field(self, title: str, widget: QWidget) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SPACE_1)
        heading = label(title, "muted", self._theme.small_font)
        heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column.addWidget(heading)
        widget.setAccessibleName(title)
        if isinstance(widget, QComboBox) and (line := widget.lineEdit()) is not None:
            line.setAccessibleName(title)
        column.addWidget(widget)
        return column

    def offer(self, policies: Sequence[Policy]) -> None:
        """What families and categories there are, and which keys are taken."""
        self._showing = True
        self._keys = {policy.key for policy in policies}
        for box, values in (
            (self.family, {policy.family for policy in policies}),
            (self.category, {policy.dsa_category or "" for policy in policies}),
        ):
            typed = box.currentText()
            box.clear()
            box.addItems(sorted(values))
            box.setEditText(typed)
        self._showing = False

    def show_policy(self, held: Policy, typed: Policy | None = None) -> None:
        """Show a policy as it is held, or what was typed over it; version 0 is a new one."""
        self._showing = True
        self._held, shown = held, typed or held
        self._heading.setText(f"{held.key}, version {held.version}" if held.version else "New policy")
        self.title.setText(shown.title)
        self.family.setEditText(shown.family)
        self.severity.setCurrentIndex(shown.severity - 1)
        self.category.setEditText(shown.dsa_category or "")
        for box in (self.family, self.category):
            if (line := box.lineEdit()) is not None:
                # What is longer than the field is read from its beginning.
                line.setCursorPosition(0)
        self.points.setText(str(shown.points))
        self.days.setText(str(shown.points_days))
        self.help_text.setPlainText(shown.help_text)
        self.example.setPlainText(shown.example)
        self.statement.setPlainText(shown.statement)
        self.active.setChecked(shown.active)
        self._showing = False
        self.tell("")
        self._allow()

    def tell(self, sentence: str) -> None:
        """Say what became of a save."""
        self._notice.setText(sentence)
        self._notice.setVisible(bool(sentence))

    @property
    def notice(self) -> str:
        """What is said of the save."""
        return self._notice.text()

    @property
    def held(self) -> Policy | None:
        """The policy as the database has it."""
        return self._held

    @property
    def policy(self) -> Policy | None:
        """What stands in the fields."""
        if self._held is None:
            return None
        title = self.title.text().strip()
        return Policy(
            self._held.key or free_slug(title, self._dashed()).replace("-", "_")[:50],
            self._held.version,
            title,
            self.family.currentText().strip(),
            self.severity.currentIndex() + 1,
            self.help_text.toPlainText().strip(),
            self.category.currentText().strip() or None,
            self.example.toPlainText().strip(),
            self.statement.toPlainText().strip(),
            int(self.points.text() or 0),
            int(self.days.text() or 0),
            self.active.isChecked(),
        )

    @property
    def changed(self) -> bool:
        """Whether something was typed that is not saved."""
        policy = self.policy
        if policy is None or self._held is None:
            return False
        return (policy if self._held.version else self._without_key(policy)) != self._held

    def _without_key(self, policy: Policy) -> Policy:
        return Policy("", 0, *(getattr(policy, name) for name in Policy.__slots__[2:]))

    def _dashed(self) -> set[str]:
        return {key.replace("_", "-") for key in self._keys}

    def _edited(self) -> None:
        if not self._showing:
            self._allow()
            self.typed.emit()

    def _allow(self) -> None:
        policy = self.policy
        whole = policy is not None and bool(
            policy.title and policy.family and policy.statement and policy.points_days
        )
        self.save.setEnabled(whole and self.changed)
        self.discard.setEnabled(self.changed)
        told = "" if policy is None else policy.statement
        for field, value in (_SAMPLE | {"policy": self.title.text().strip()}).items():
            told = told.replace(f"{{{field}}}", value)
        self.preview.setText(f"An author reads: {told}" if told else "")
