"""The frame around a value in the form: its name, what is wrong with it, and what can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.bible.editing import blank, blank_element, insert, move, put, remove, rename
from console.bible.schema import Rule
from console.bible.values import Json, Tokens, pointer
from console.ui.bible.context import Context
from console.ui.bible.fields import kind_of_field
from console.ui.bible.keys import OwnKeys
from console.ui.bible.view import View
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3
from console.ui.widgets.labels import ElidedLabel, label, set_tooltip

Build = Callable[[Context, Tokens, Rule, Json, int], View]
"""Makes the view of a value: context, place, rule, value, how many holders lie between it and the page."""

CONTAINERS: Final = ("object", "array")


@dataclass(frozen=True, slots=True)
class Holder:
    """What holds the slot: its place and rule, whether it is an array, and how many parts it has."""

    tokens: Tokens
    rule: Rule
    array: bool
    size: int


class _Title(ElidedLabel):
    """As wide as its words where there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The words, and what rounding may take."""
        hint = super().sizeHint()
        return QSize(hint.width() + SPACE_1, hint.height())

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()


class Slot(QFrame):
    """One member or element. Its keys: Alt+Up and Alt+Down move an element, Ctrl+Return adds one below,
    Ctrl+Shift+Delete removes, Alt+Return opens the menu of all that can be done."""

    def __init__(self, context: Context, build: Build, depth: int, *, page: bool = False) -> None:
        super().__init__()
        self._context, self._build, self._depth, self._page = context, build, depth, page
        self.tokens: Tokens = ()
        self.view: View | None = None
        self.holder = Holder((), context.schema.root, array=False, size=0)
        self._rule = context.schema.root
        self._name = ""
        self._by_menu = False
        self._title = _Title()
        self._help = ElidedLabel()
        self._help.setProperty("part", "muted")
        self.more = QToolButton()
        self.more.setText("⋯")
        self.more.setProperty("part", "quiet")
        self.more.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.more.clicked.connect(self._menu)
        set_tooltip(self.more, "What can be done with this (Alt+Return)")
        self._head = QHBoxLayout()
        self._head.setContentsMargins(0, 0, 0, 0)
        self._head.setSpacing(SPACE_2)
        self._head.addWidget(self._title)
        self._head.addWidget(self._help, 1)
        self._body = QHBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(SPACE_1)
        self._problems: list[QLabel] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_1)
        self._column.addLayout(self._head)
        self._column.addLayout(self._body)
        self._acts: dict[str, Callable[[], None]] = {
            "Alt+Return": self._menu,
            "Ctrl+Shift+Del": self._remove,
            "Alt+Up": partial(self.shift, -1),
            "Alt+Down": partial(self.shift, 1),
            "Ctrl+Return": partial(self.insert, 1),
        }
        self.keys = OwnKeys(self, self._acts)

    # -- showing

    def show_value(self, tokens: Tokens, holder: Holder, rule: Rule, value: Json, name: str) -> None:
        """Show a value with its name, which an element has not unless it is a container."""
        self.tokens, self.holder, self._rule, self._name = tokens, holder, rule, name
        kind = kind_of_field(value, rule)
        if self.view is None or self.view.kind != kind or self.view.rule is not rule:
            self._replace(self._build(self._context, tokens, rule, value, self._depth))
        view = self.view
        if view is None:
            return
        view.refresh(tokens, value)
        if self._body.indexOf(view) < 0:
            # Only when it is whole: Qt styles all that is in it anew whenever it gets another parent.
            self._body.insertWidget(0, view, 1)
            settle(view)
        help = rule.keyword("description")
        help = help if isinstance(help, str) else ""
        view.name(name, help)
        self.more.setAccessibleName(f"Actions for {name}")
        contained = kind in CONTAINERS
        bare = holder.array and not contained
        self._title.setVisible(not bare)
        self._help.setVisible(not bare)
        self._title.set_text(name)
        part = "title" if self._page else "heading" if contained else ""
        if part != self._title.property("part"):
            self._title.setProperty("part", part)
            self._title.style().polish(self._title)
        self._help.set_text(self._shown_help(help))
        (self._body if bare else self._head).addWidget(self.more)
        card = holder.array and contained and not self._page
        self.setProperty("part", "card" if card else "")
        margin = SPACE_3 if card else 0
        self._column.setContentsMargins(margin, margin - SPACE_1 if margin else 0, margin, margin)
        self._column.setSpacing(SPACE_3 if self._page else SPACE_1)
        self._tell()

    def _shown_help(self, help: str) -> str:
        known = self.holder.array or not self.holder.rule.names or self._name_known()
        return help if known else "the schema does not know this field"

    def _name_known(self) -> bool:
        return not self.tokens or self.holder.rule.open or str(self.tokens[-1]) in self.holder.rule.known

    def _replace(self, view: View) -> None:
        had_focus = self.view is not None and self.view.isAncestorOf(_focus() or self)
        if self.view is not None:
            self.view.hide()
            self.view.deleteLater()
        self.view = view
        if had_focus:
            QTimer.singleShot(0, view, view.take_focus)

    def _tell(self) -> None:
        found = self._context.marks.get(self.tokens, [])
        while len(self._problems) > len(found):
            self._problems.pop().deleteLater()
        while len(self._problems) < len(found):
            told = label("")
            told.setWordWrap(True)
            self._problems.append(told)
            self._column.addWidget(told)
        for told, mark in zip(self._problems, found, strict=True):
            told.setText(f"{'✕' if mark.severity == 'error' else '!'}  {mark.message}")
            told.setProperty("part", "grave" if mark.severity == "error" else "notable")
            told.style().polish(told)

    def inner(self, tokens: Tokens) -> Slot | None:
        """The built slot of a place at or within this one, or the nearest around it."""
        if tokens[: len(self.tokens)] != self.tokens:
            return None
        for slot in self.view.slots() if self.view is not None else ():
            found = slot.inner(tokens)
            if found is not None:
                return found
        return self

    def reach(self, place: int) -> None:
        """Build the part at `place`."""
        if self.view is not None:
            self.view.reach(place)

    def element(self) -> Slot:
        """The element of an array that this is or stands in; this one where there is none."""
        widget: QWidget | None = self
        while widget is not None:
            if isinstance(widget, Slot) and widget.holder.array:
                return widget
            widget = widget.parentWidget()
        return self

    # -- doing

    def act(self, key: str) -> None:
        """Do what one of the keys does."""
        self._acts[key]()

    def _menu(self) -> None:
        menu = QMenu(self)
        for words, keys, act, possible in self._actions():
            action = menu.addAction(f"{words}\t{keys}" if keys else words)
            action.setEnabled(possible)
            action.triggered.connect(partial(self._chosen, act))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def _chosen(self, act: Callable[[], None], *_: object) -> None:
        self._by_menu = True
        act()
        self._by_menu = False

    def _actions(self) -> list[tuple[str, str, Callable[[], None], bool]]:
        may = not self._context.read_only
        edit = self._context.editing
        at = self.tokens[-1] if self.tokens else 0
        actions: list[tuple[str, str, Callable[[], None], bool]] = []
        if self.holder.array and isinstance(at, int):
            actions = [
                ("Move up", "Alt+Up", partial(self.shift, -1), may and at > 0),
                ("Move down", "Alt+Down", partial(self.shift, 1), may and at < self.holder.size - 1),
                ("Add above", "", partial(self.insert, 0), may),
                ("Add below", "Ctrl+Return", partial(self.insert, 1), may),
            ]
        elif not self._name_known() or self.holder.rule.open:
            actions.append(("Rename…", "", self._rename, may))
        if self.view is not None and self.view.kind != "null":
            actions.append(("Set to null", "", self._set_null, may))
        actions.append(("Remove", "Ctrl+Shift+Del", self._remove, may))
        actions.append(("Show in the text", "", lambda: edit.show_in_text(self.tokens), True))
        copy = partial(QGuiApplication.clipboard().setText, pointer(self.tokens))
        actions.append(("Copy pointer", "", copy, True))
        return actions

    def _when_settled(self, act: Callable[[Slot], None]) -> None:
        """Act on this slot; or, when the text has changed meanwhile, on the one that is meant then.

        Keys in a row mean what has the keyboard by then, a menu the place it was opened at.
        """
        editing = self._context.editing
        if self._context.read_only:
            return
        if self.view is not None:
            self.view.flush()
        if editing.is_settled:
            act(self)
        else:
            place = self.tokens if self._by_menu else None
            editing.settled(lambda: act(slot) if (slot := editing.slot(place)) is not None else None)

    def shift(self, by: int) -> None:
        """Let the element stand one place up (-1) or down (1)."""

        def act(slot: Slot) -> None:
            element = slot.element()
            *array, at = element.tokens or ("",)
            if element.holder.array and isinstance(at, int) and 0 <= at + by < element.holder.size:
                make = partial(move, array=tuple(array), at=at, to=at + by)
                self._context.editing.change(make, focus=(*array, at + by))

        self._when_settled(act)

    def insert(self, below: int) -> None:
        """Add an element above this one (0) or below it (1)."""

        def act(slot: Slot) -> None:
            element = slot.element()
            *array, at = element.tokens or ("",)
            if element.holder.array and isinstance(at, int):
                held = element.view is not None and element.view.kind in CONTAINERS
                value = blank_element(element.holder.rule, at, ("object",) if held else ("string",))
                make = partial(insert, array=tuple(array), at=at + below, value=value)
                self._context.editing.change(make, focus=(*array, at + below))

        self._when_settled(act)

    def _remove(self) -> None:
        def act(slot: Slot) -> None:
            if slot.tokens:
                *holder, at = slot.tokens
                last = slot.holder.size - 2
                after = (*holder, min(at, last)) if isinstance(at, int) and last >= 0 else tuple(holder)
                self._context.editing.change(partial(remove, tokens=slot.tokens), focus=after)

        self._when_settled(act)

    def _set_null(self) -> None:
        self._when_settled(
            lambda slot: self._context.editing.change(
                partial(put, tokens=slot.tokens, value=None), focus=slot.tokens
            )
        )

    def _rename(self) -> None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Rename field")
        dialog.setLabelText("Name")
        dialog.setTextValue(str(self.tokens[-1]))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(self._renamed)
        dialog.open()

    def _renamed(self, name: str) -> None:
        make = partial(rename, tokens=self.tokens, name=name)
        self._when_settled(lambda _: self._context.editing.change(make, focus=(*self.tokens[:-1], name)))


def settle(widget: QWidget) -> None:
    """Let the layouts around a widget that was built by itself know its size in the window's style."""
    if widget.window().isVisible():
        for part in (*widget.findChildren(QWidget), widget):
            part.ensurePolished()
            part.updateGeometry()


def _focus() -> QWidget | None:
    return QApplication.focusWidget()


def new_member(holder: Rule, name: str) -> Json:
    """What a member that is added begins with."""
    return blank(holder.member(name), ("string",))
