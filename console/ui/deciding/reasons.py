"""The reason panel: a policy, a note, Enter. It opens above the bar, never as a dialog."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.domain.policies import Policy
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.widgets.buttons import key_cap, quiet_button
from console.ui.widgets.labels import ElidedLabel, label, tooltip

_POLICY = Qt.ItemDataRole.UserRole
DIGITS = 9


class ReasonPanel(QWidget):
    """Signals: `confirmed(str | None, str)` with policy key and note, `cancelled()`, `note_changed(str)`,
    `policy_chosen(str | None)` with the key of the policy that stands under the cursor.
    """

    confirmed = Signal(object, str)
    cancelled = Signal()
    note_changed = Signal(str)
    policy_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("decisions")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._policies: tuple[Policy, ...] = ()
        self._required = True
        self._note_alone = False
        self._title = ElidedLabel()
        self._title.setFont(theme.strong_font)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Type to find a policy, or press 1–9")
        self.search.setAccessibleName("Find a policy")
        self.list = QListWidget()
        self.list.setAccessibleName("Policies")
        self.list.setMaximumHeight(188)
        self.note = QLineEdit()
        self.note.setPlaceholderText("Note for the record (optional)")
        self.note.setAccessibleName("Note")
        self.note.setMaxLength(2000)
        self._reach = label("", "notable")
        self._reach.setWordWrap(True)
        self._ready = True
        self._help = label("", "muted", theme.small_font)
        self._help.setWordWrap(True)
        self._consequence = label("", "notable", theme.small_font)
        self._consequence.setWordWrap(True)
        self._confirm = QPushButton("Decide")
        self._confirm.setProperty("part", "main")
        self._cancel = quiet_button("Cancel")
        self._lay_out(theme)
        for field in (self.search, self.note):
            field.installEventFilter(self)
            field.returnPressed.connect(self._try)
        self.search.textChanged.connect(self._fill)
        self.note.textChanged.connect(self.note_changed)
        self.note.textChanged.connect(lambda _: self._allow())
        self.list.currentItemChanged.connect(self._explain)
        self.list.itemDoubleClicked.connect(lambda _: self._try())
        self._confirm.clicked.connect(self._try)
        self._cancel.clicked.connect(self.cancelled)

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(key_cap(theme, "Enter"))
        head.addWidget(self._confirm)
        head.addWidget(key_cap(theme, "Esc"))
        head.addWidget(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_2)
        column.addLayout(head)
        column.addWidget(self._reach)
        column.addWidget(self.search)
        column.addWidget(self.list)
        column.addWidget(self._help)
        column.addWidget(self._consequence)
        column.addWidget(self.note)

    def begin(self, title: str, policies: Sequence[Policy] | None, *, required: bool, note: str = "") -> None:
        """Ask for a policy and a note; without policies for a note, which then must be written."""
        self._policies = tuple(policies or ())
        self._required = required
        self._note_alone = policies is None
        self.search.setVisible(policies is not None)
        self.list.setVisible(policies is not None)
        self._help.setVisible(policies is not None)
        self._consequence.setVisible(policies is not None)
        self.tell_consequence("")
        self.note.setPlaceholderText("Note" if policies is None else "Note for the record (optional)")
        self._title.set_text(title)
        self._confirm.setText(title)
        self.tell_reach("", ready=True)
        self.search.clear()
        self.note.setText(note)
        self._fill("")
        self.setVisible(True)
        first = self.note if self._note_alone else self.search
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def tell_reach(self, sentence: str, *, ready: bool) -> None:
        """Say what the decision is about; until that is `ready` it cannot be confirmed."""
        self._reach.setText(sentence)
        self._reach.setVisible(bool(sentence))
        self._ready = ready
        self._allow()

    def tell_consequence(self, sentence: str) -> None:
        """Say what the policy chosen would mean for the author. Its line stays, so that nothing moves."""
        self._consequence.setText(sentence)

    @property
    def consequence(self) -> str:
        """What the policy chosen would mean for the author."""
        return self._consequence.text()

    @property
    def policy(self) -> str | None:
        """The key of the policy chosen."""
        policy = self._chosen()
        return policy.key if policy else None

    @property
    def reach(self) -> str:
        """What the decision is about, where it is about more than the item shown."""
        return self._reach.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Digits choose, arrows move in the list, Escape leaves."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return True
        if key in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            step = 1 if key == Qt.Key.Key_Down else -1
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
            return True
        if watched is self.search and event.text() in set("123456789"):
            row = int(event.text()) - 1
            if row < self.list.count():
                self.list.setCurrentRow(row)
                self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
        return super().eventFilter(watched, event)

    def _fill(self, wanted: str) -> None:
        words = wanted.lower().split()
        self.list.clear()
        for policy in self._policies:
            haystack = f"{policy.title} {policy.family} {policy.key}".lower()
            if all(word in haystack for word in words):
                number = self.list.count() + 1
                key = f"{number}   " if number <= DIGITS else "     "
                row = QListWidgetItem(f"{key}{policy.title}   ·  {policy.family}, severity {policy.severity}")
                row.setData(_POLICY, policy)
                row.setToolTip(tooltip(policy.help_text))
                self.list.addItem(row)
        if self.list.count() and (words or self._required):
            self.list.setCurrentRow(0)
        self._explain()

    def _explain(self) -> None:
        policy = self._chosen()
        self._help.setText(policy.help_text if policy else "No policy of that name")
        self._allow()
        self.policy_chosen.emit(self.policy)

    def _allow(self) -> None:
        self._confirm.setEnabled(self._complete)

    @property
    def _complete(self) -> bool:
        if self._note_alone:
            return bool(self.note.text().strip())
        return self._ready and (self._chosen() is not None or not self._required)

    def _chosen(self) -> Policy | None:
        policy = self.list.currentIndex().data(_POLICY)
        return policy if isinstance(policy, Policy) else None

    def _try(self) -> None:
        policy = self._chosen()
        if self._complete:
            self.confirmed.emit(policy.key if policy else None, self.note.text().strip())
