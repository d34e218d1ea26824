"""Objects and arrays in the form: their parts as slots, a few at a time, and what could be added."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import QMargins, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.bible.editing import add, blank_element, insert
from console.bible.schema import Rule
from console.bible.values import Json, Tokens
from console.ui.bible.context import Context
from console.ui.bible.fields import kind_of_field, leaf
from console.ui.bible.naming import label_of, scalar
from console.ui.bible.slots import CONTAINERS, Holder, Slot, new_member, settle
from console.ui.bible.view import View
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import ElidedLabel, label

AT_ONCE: Final = 20
"""Parts of an object or array that are built at once; more come when they are asked for."""
FIELDS: Final = 4
FEW: Final = 12
"""An object with no more members than these may stand within its holder's page."""


def build(context: Context, tokens: Tokens, rule: Rule, value: Json, depth: int) -> View:
    """The view of a value that stands `depth` holders below its page."""
    kind = kind_of_field(value, rule)
    if kind not in CONTAINERS:
        return leaf(context, tokens, rule, kind)
    if has_own_page(value, depth, tokens):
        return OpenRow(context, tokens, rule, kind)
    return (ObjectView if kind == "object" else ArrayView)(context, tokens, rule, depth)


def has_own_page(value: Json, depth: int, tokens: Tokens) -> bool:
    """Whether a container that stands `depth` holders below a page is only named there."""
    if depth == 0:
        return False
    if depth > 3 or len(tokens) == 1:
        return True
    if isinstance(value, list):
        return not all(_is_small(part) for part in value[:AT_ONCE])
    if isinstance(tokens[-1], int):
        return not _is_small(value)
    return len(value) > FEW or any(_holds_more(part) for part in value.values())


def _is_small(part: Json) -> bool:
    """Whether an element can stand beside others: it is no container, or has a few fields that are none."""
    if isinstance(part, dict):
        return len(part) <= FIELDS and not any(isinstance(inner, dict | list) for inner in part.values())
    return not isinstance(part, list)


def _holds_more(value: Json) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(part, dict | list) for part in value[:AT_ONCE])
    )


class OpenRow(View):
    """A container that has a page of its own: its size, and the way there."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule, kind: str) -> None:
        super().__init__(context, tokens, rule, kind)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.button = QPushButton()
        self.button.setProperty("part", "row")
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.clicked.connect(lambda: self.context.editing.open(self.tokens))
        inside = QHBoxLayout(self.button)
        inside.setContentsMargins(SPACE_3, SPACE_1, SPACE_3, SPACE_1)
        self._words = ElidedLabel()
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._open = label("Open ›", "muted")
        self._open.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside.addWidget(self._words, 1)
        inside.addWidget(self._open)
        self._flag = label("")
        inside.insertWidget(1, self._flag)
        row.addWidget(self.button)
        self.setFocusProxy(self.button)

    def name(self, name: str, help: str) -> None:
        """Name the button."""
        self.button.setAccessibleName(f"Open {name}, {self._words.text}")
        self.button.setAccessibleDescription(help)

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show how much there is."""
        self.tokens = tokens
        self._words.set_text(_summary(self.context, self.rule, value))
        worst = self.context.within.get(tokens)
        self._flag.setText({"error": "✕ errors inside", "warning": "! warnings inside"}.get(worst or "", ""))
        self._flag.setProperty("part", "grave" if worst == "error" else "notable")
        self._flag.style().polish(self._flag)


def _summary(context: Context, rule: Rule, value: Json) -> str:
    """How much a container holds, and what its first parts are called."""
    if isinstance(value, list):
        names = [context.names.element(part, rule, at)[0] for at, part in enumerate(value[:4])]
        more = ", …" if len(value) > 4 else ""
        return f"{len(value):,} · {', '.join(names)}{more}" if value else "empty"
    texts = [scalar(part) for part in value.values() if isinstance(part, str) and part.strip()]
    return texts[0] if texts else scalar(value)


class _Parts(View):
    """The slots of a container: no more at once than a person can look at."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule, kind: str, depth: int) -> None:
        super().__init__(context, tokens, rule, kind)
        self._depth = depth
        self._limit = AT_ONCE
        self._value: Any = None
        self.column = QVBoxLayout(self)
        indent = SPACE_4 if depth and kind == "object" and tokens and isinstance(tokens[-1], str) else 0
        self.column.setContentsMargins(indent, 0, 0, 0)
        self.column.setSpacing(SPACE_3 if kind == "object" else SPACE_2)
        self.more = quiet_button("")
        self.more.clicked.connect(self._show_more)
        self.column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def name(self, name: str, help: str) -> None:
        """The parts have names of their own."""

    def flush(self) -> None:
        """Put what is typed anywhere inside into the text."""
        for slot in self.slots():
            if slot.view is not None:
                slot.view.flush()

    def take_focus(self) -> None:
        """Let the person edit the first part."""
        view = next((slot.view for slot in self.slots() if slot.view is not None), None)
        if view is not None:
            view.take_focus()
        else:
            button = self.findChild(QPushButton)
            (button or self).setFocus()

    def reach(self, place: int) -> None:
        """Build the parts up to the one at `place`, within reason."""
        if self._limit <= place < self._limit + 10 * AT_ONCE:
            self._limit = (place // AT_ONCE + 1) * AT_ONCE
            self.refresh(self.tokens, self._value)

    def _show_more(self) -> None:
        first = self._limit
        self._limit += AT_ONCE
        self.refresh(self.tokens, self._value)
        slots = self.slots()
        if first < len(slots) and (view := slots[first].view) is not None:
            view.take_focus()

    def _tell_more(self, all: int) -> None:
        rest = all - self._limit
        self.more.setVisible(rest > 0)
        self.more.setText(f"Show {min(rest, AT_ONCE):,} more of {rest:,}")


class ObjectView(_Parts):
    """An object: its members in the schema's order, then unknown ones, then what is not set."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule, depth: int) -> None:
        super().__init__(context, tokens, rule, "object", depth)
        self._slots: dict[str, Slot] = {}
        self._absent = QWidget()
        self._flow = FlowLayout(self._absent, QMargins(0, 0, 0, 0), SPACE_1)
        self._offered: list[str] | None = None
        self.column.addWidget(self._absent)

    def slots(self) -> list[Slot]:
        """The members that are built."""
        return list(self._slots.values())

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the members as they are now; fields that stay keep the keyboard."""
        self.tokens, self._value = tokens, value
        names = [name for name in self.rule.names if name in value]
        names += [name for name in value if name not in self.rule.known]
        shown = names[: self._limit]
        for name in [name for name in self._slots if name not in shown]:
            self._slots.pop(name).deleteLater()
        holder = Holder(tokens, self.rule, array=False, size=len(value))
        ordered = {}
        for place, name in enumerate(shown):
            slot = self._slots.get(name) or Slot(self.context, build, self._depth + 1)
            ordered[name] = slot
            member = self.rule.member(name)
            slot.show_value((*tokens, name), holder, member, value[name], label_of(name, member))
            if self.column.indexOf(slot) != place:
                self.column.insertWidget(place, slot)
                settle(slot)
        self._slots = ordered
        self._tell_more(len(names))
        self._offer([name for name in self.rule.names if name not in value])

    def _offer(self, names: list[str]) -> None:
        if names == self._offered:
            return
        self._offered = names
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        may = not self.context.read_only
        for name in names:
            required = name in self.rule.required
            button = QPushButton(f"+ {label_of(name, self.rule.member(name))}")
            button.setProperty("part", "chip")
            button.setAccessibleName(
                f"Add {label_of(name, self.rule.member(name))}, not set{', required' if required else ''}"
            )
            button.setEnabled(may)
            button.clicked.connect(partial(self._add, name))
            self._flow.addWidget(button)
        if self.rule.open and may:
            self._flow.addWidget(self._field_for_names())
        self._absent.setVisible(self._flow.count() > 0)
        for at in range(self._flow.count()):
            item = self._flow.itemAt(at)
            if item is not None and (widget := item.widget()) is not None:
                widget.show()

    def _field_for_names(self) -> QLineEdit:
        line = QLineEdit()
        line.setPlaceholderText("Name of a new field")
        line.setAccessibleName("Name of a new field; Return adds it")
        line.setFixedWidth(180)
        line.returnPressed.connect(lambda: self._add(line.text()) if line.text() else None)
        return line

    def _add(self, name: str, *_: object) -> None:
        def act() -> None:
            if name not in self._value:
                value = new_member(self.rule, name)
                make = partial(add, holder=self.tokens, name=name, value=value, order=self.rule.names)
                self.context.editing.change(make, focus=(*self.tokens, name))

        self.context.editing.settled(act)


class ArrayView(_Parts):
    """An array: its elements, and a button that adds one."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule, depth: int) -> None:
        super().__init__(context, tokens, rule, "array", depth)
        self._slots: list[Slot] = []
        self.add = quiet_button("+ Add")
        self.add.setEnabled(not context.read_only)
        self.add.clicked.connect(self._add)
        self.column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    def name(self, name: str, help: str) -> None:
        """Name the button that adds."""
        self.add.setAccessibleName(f"Add to {name}")
        self.add.setAccessibleDescription(help)

    def slots(self) -> list[Slot]:
        """The elements that are built."""
        return self._slots

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the elements as they are now."""
        self.tokens, self._value = tokens, value
        shown = value[: self._limit]
        while len(self._slots) > len(shown):
            slot = self._slots.pop()
            slot.hide()
            slot.deleteLater()
        holder = Holder(tokens, self.rule, array=True, size=len(value))
        for at, part in enumerate(shown):
            title = self.context.names.element(part, self.rule, at)[0]
            name = title if isinstance(part, dict | list) else f"Element {at + 1:,}"
            if at == len(self._slots):
                self._slots.append(Slot(self.context, build, self._depth + 1))
            self._slots[at].show_value((*tokens, at), holder, self.rule.element(at), part, name)
            if self.column.indexOf(self._slots[at]) < 0:
                self.column.insertWidget(at, self._slots[at])
                settle(self._slots[at])
        self._tell_more(len(value))

    def take_focus(self) -> None:
        """Let the person edit the first element, or add one."""
        if self._slots:
            super().take_focus()
        else:
            self.add.setFocus()

    def _add(self) -> None:
        def act() -> None:
            at = len(self._value)
            scalars = bool(self._value) and not isinstance(self._value[-1], dict | list)
            value = blank_element(self.rule, at, ("string",) if scalars or not self._value else ("object",))
            make = partial(insert, array=self.tokens, at=at, value=value)
            self.context.editing.change(make, focus=(*self.tokens, at))

        self.context.editing.settled(act)
