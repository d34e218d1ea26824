"""The bible as a form that is made from its schema: an outline, and the page of one part at a time."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from PySide6.QtCore import QMargins, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QScrollArea,
    QScrollBar,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.bible.matching import key_of
from console.bible.schema import Rule
from console.bible.values import ABSENT, Json, Tokens, resolve
from console.ui.bible.containers import AT_ONCE, build, has_own_page
from console.ui.bible.context import Context
from console.ui.bible.keys import OwnKeys
from console.ui.bible.naming import label_of
from console.ui.bible.outline import OutlineView
from console.ui.bible.slots import Holder, Slot, settle
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_4, SPACE_6
from console.ui.theme.words import shortened
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import label
from console.ui.widgets.states import Skeleton, StatePanel

PAGE_WIDTH: Final = 760
"""Pixels of a page at most: longer lines are hard to read."""


class Form(QWidget):
    """Shows a document's parts and lets them be edited. `focused` is the place that is being edited."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._page: Tokens = ()
        self._keys: dict[int, Hashable] = {}
        self._slot: Slot | None = None
        self.outline = OutlineView(context)
        self._trail = QWidget()
        self._crumbs = FlowLayout(self._trail, QMargins(SPACE_4, SPACE_2, SPACE_4, 0), SPACE_1)
        self._area = QScrollArea()
        self._sheet = QWidget()
        self._column = QVBoxLayout(self._sheet)
        right = self._paper()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        self.outline.setMinimumWidth(140)
        self._split.addWidget(self.outline)
        self._split.addWidget(right)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes([230, 700])
        self.banner = label("", "banner")
        self.banner.setWordWrap(True)
        self.banner.setAccessibleName("Why the form waits")
        self.banner.hide()
        self._nothing = StatePanel(context.theme)
        self._reading = Skeleton(context.theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._reading)
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._split)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.banner)
        whole.addWidget(self._stack, 1)
        self.outline.chosen.connect(self._go)
        self.outline.entered.connect(self._enter)
        self._outline_keys = OwnKeys(
            self.outline,
            {
                "Alt+Up": lambda: self._act("Alt+Up"),
                "Alt+Down": lambda: self._act("Alt+Down"),
                "Ctrl+Return": lambda: self._act("Ctrl+Return"),
                "Ctrl+Shift+Del": lambda: self._act("Ctrl+Shift+Del"),
                "Alt+Return": lambda: self._act("Alt+Return"),
            },
        )

    def _paper(self) -> QWidget:
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._sheet.setObjectName("surface")
        self._sheet.setMaximumWidth(PAGE_WIDTH)
        self._column.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_6)
        self._column.addStretch()
        self._area.setWidget(self._sheet)
        right = QFrame()
        right.setObjectName("surface")
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._trail)
        column.addWidget(self._area, 1)
        return right

    # -- the state of the document

    def begin(self) -> None:
        """Another document is on its way."""
        self._page, self._keys = (), {}
        self._slot_gone()
        self._stack.setCurrentWidget(self._reading)
        self._reading.begin()
        self.banner.hide()

    def refresh(self, focus: Tokens | None = None) -> None:
        """Show the document as the context has it now, and let `focus` be edited next."""
        self.banner.hide()
        self._split.setEnabled(True)
        self._stack.setCurrentWidget(self._split)
        self.outline.outline.show()
        self._page = self._followed()
        if focus is not None:
            in_outline = self.outline.hasFocus()
            self.go_to(focus, take_focus=not in_outline)
        else:
            self._show_page()

    def wait(self, why: str) -> None:
        """The text cannot be read: keep what was last shown, greyed, and say why."""
        self.banner.setText(why)
        self.banner.show()
        self._split.setEnabled(False)
        if self._slot is None:
            self._nothing.tell("warning", "The text cannot be read", why)
            self._stack.setCurrentWidget(self._nothing)

    def rebuild(self) -> None:
        """Build the page anew, since what may be edited changed."""
        if self._slot is not None:
            self._show_page(anew=True)

    def flush(self) -> None:
        """Put what is being typed into the text."""
        if self._slot is not None and self._slot.view is not None:
            self._slot.view.flush()

    # -- going places

    @property
    def focused(self) -> Tokens:
        """The place that has the keyboard, or the page's."""
        widget = QApplication.focusWidget()
        while widget is not None and widget is not self:
            if isinstance(widget, Slot):
                return widget.tokens
            widget = widget.parentWidget()
        return self._page

    def go_to(self, tokens: Tokens, *, take_focus: bool = True) -> None:
        """Show the page on which a place stands, and let it be edited."""
        self._page = self._page_of(tokens)
        self._show_page()
        slot = self.slot_at(tokens)
        if slot is None:
            return
        if take_focus and slot.view is not None:
            slot.view.take_focus()
        # What was just built has no place yet; after the next layout it has.
        if slot is not self._slot:
            QTimer.singleShot(0, slot, lambda: self._area.ensureWidgetVisible(slot, 0, SPACE_6))

    def _go(self, tokens: Tokens) -> None:
        self._page = tokens
        self._show_page()

    def _enter(self) -> None:
        if self._slot is not None and self._slot.view is not None:
            self._slot.view.take_focus()

    def _act(self, key: str) -> None:
        if self._slot is not None:
            self._slot.act(key)

    def _page_of(self, tokens: Tokens) -> Tokens:
        """The page on which a place stands: the same steps that the views take to show it."""
        page: Tokens = ()
        value, rule = self._context.document, self._context.schema.root
        for depth, token in enumerate(tokens, start=1):
            value, rule = _step(value, rule, token)
            if not isinstance(value, dict | list):
                break
            far = isinstance(token, int) and token >= 10 * AT_ONCE
            if far or has_own_page(value, depth - len(page), tokens[:depth]):
                page = tokens[:depth]
        return page

    @property
    def page(self) -> Tokens:
        """The place whose page is shown."""
        return self._page

    @property
    def scroll_bar(self) -> QScrollBar:
        """How far the page is scrolled."""
        return self._area.verticalScrollBar()

    def slot_at(self, tokens: Tokens) -> Slot | None:
        """The slot of a place on the page, or of the nearest around it."""
        if self._slot is None:
            return None
        for depth in range(len(self._page), len(tokens)):
            slot = self._slot.inner(tokens[:depth])
            token = tokens[depth]
            if slot is not None and isinstance(token, int):
                slot.reach(token)
        return self._slot.inner(tokens)

    def _followed(self) -> Tokens:
        """The page's place by now: its elements may have moved, and it may have gone."""
        value, rule, found = self._context.document, self._context.schema.root, []
        for depth, token in enumerate(self._page):
            step: str | int = token
            if isinstance(value, list) and isinstance(token, int):
                step = self._place(value, rule, token, self._keys.get(depth))
            inside, inner = _step(value, rule, step)
            if inside is ABSENT or not isinstance(inside, dict | list):
                break
            found.append(step)
            value, rule = inside, inner
        return tuple(found)

    @staticmethod
    def _place(array: list[Json], rule: Rule, at: int, key: Hashable) -> int:
        if key is None or (at < len(array) and key_of(array[at], rule) == key):
            return at
        return next((place for place, part in enumerate(array) if key_of(part, rule) == key), at)

    # -- the page

    def _show_page(self, *, anew: bool = False) -> None:
        value, rule = self._context.document, self._context.schema.root
        holder = Holder((), rule, array=False, size=0)
        name = "Overview"
        self._keys = {}
        for depth, token in enumerate(self._page):
            array = isinstance(value, list)
            holder = Holder(self._page[:depth], rule, array=array, size=len(value))
            if array and isinstance(token, int):
                self._keys[depth] = key_of(value[token], rule)
                name = self._context.names.element(value[token], rule, token)[0]
            value, rule = _step(value, rule, token)
            name = name if array else label_of(str(token), rule)
        known = self._slot is not None and self._slot.tokens == self._page and not anew
        slot = self._slot if known and self._slot is not None else Slot(self._context, build, 0, page=True)
        slot.show_value(self._page, holder, rule, value, name)
        if not known:
            self._replace(slot)
        self._show_trail()
        self.outline.choose(self._page)

    def _slot_gone(self) -> None:
        if self._slot is not None:
            self._slot.hide()
            self._slot.deleteLater()
            self._slot = None

    def _replace(self, slot: Slot) -> None:
        self._slot_gone()
        self._slot = slot
        self._column.insertWidget(0, slot)
        settle(slot)
        self._area.verticalScrollBar().setValue(0)

    def _show_trail(self) -> None:
        while (item := self._crumbs.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        names = ["Overview", *self._context.names.trail(self._page)]
        for depth, name in enumerate(names[:-1]):
            place = self._page[:depth]
            crumb = quiet_button(f"{shortened(name, 40)}  ›")
            crumb.setAccessibleName(f"Go up to {name}")
            crumb.clicked.connect(lambda _=False, place=place: self.go_to(place))
            self._crumbs.addWidget(crumb)
            crumb.show()
        self._trail.setVisible(bool(self._page))
        self._trail.updateGeometry()


def _step(value: Json, rule: Rule, token: str | int) -> tuple[Json, Rule]:
    inside = resolve(value, (token,))
    return inside, rule.element(int(token)) if isinstance(value, list) else rule.member(str(token))
