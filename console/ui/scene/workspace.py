"""The scene workspace's widgets: picture and time line, script and moments beside it, the strip, the bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QSizePolicy,
    QSpacerItem,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.queues import Verb
from console.domain.scenes import Scene, SceneSegment, Script
from console.domain.staff import Person
from console.ui.deciding.bar import DecisionBar
from console.ui.deciding.reasons import ReasonPanel
from console.ui.scene.delegate import CARD, CardDelegate
from console.ui.scene.model import StripModel
from console.ui.scene.moments import Deeds, MomentsPane
from console.ui.scene.thumbnails import Thumbnails
from console.ui.scene.timeline import TimeLine
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import count_of, duration, humanised, number, plain
from console.ui.widgets.buttons import KeyButton
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.prose import Prose
from console.ui.widgets.served import served_label
from console.ui.widgets.states import Skeleton, StatePanel

ROOMY = 800
"""Pixels of height at which script and reason panel stand above each other."""
RIGHT = 416
"""Pixels of the right column: the buttons that set a mark stand in one row."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the workspace paints with: colours and titles of policies by key; whose pictures are veiled."""

    severity: Callable[[str], str]
    title: Callable[[str], str]
    veiled: Callable[[SceneSegment], bool]


@dataclass(frozen=True, slots=True)
class Buttons:
    """What the workspace's own buttons do."""

    viewers: Callable[[], None]
    lock: Callable[[], None]
    leave: Callable[[], None]
    rest: Callable[[], None]
    moments: Deeds


class _Cards(QListView):
    """The strip: Left and Right go along it; letters are left to the keys of the workspace.

    Signals: `space()`.
    """

    space = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.space.emit()
            return
        if event.text().isalnum() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        super().keyPressEvent(event)


class SceneWorkspace(QWidget):
    """Signals: `segment_chosen(int)`, the place in the strip (-1: none); `left()` when Escape asks to go."""

    segment_chosen = Signal(int)
    left = Signal()

    def __init__(
        self,
        theme: Theme,
        person: Person,
        settings: QSettings,
        player: QWidget,
        thumbnails: Thumbnails,
        look: Look,
        buttons: Buttons,
    ) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._person, self._settings = person, settings
        self.model = StripModel()
        self.bar = DecisionBar(theme)
        self.reasons = ReasonPanel(theme)
        self.timeline = TimeLine(theme, look.severity)
        self.moments = MomentsPane(theme, person.login, buttons.moments, look.title)
        self._title = ElidedLabel()
        self._title.setFont(theme.title_font)
        self._facts = label("", "muted")
        self.served = served_label(theme)
        self._banner = label("", "notable")
        self._banner.setWordWrap(True)
        self._banner.hide()
        self._viewers = KeyButton(theme, "As viewers see it", "segment", "W")
        self._viewers.setCheckable(True)
        self._lock = KeyButton(theme, "Lock scene", "lock", "Shift+L")
        self._unlock = KeyButton(theme, "Unlock scene", "restore", "Shift+L")
        leave = KeyButton(theme, "Back", "undo", "Esc")
        self._rest = KeyButton(theme, "Hide from here on", "hide", "Shift+H")
        for button, run in (
            (self._viewers, buttons.viewers),
            (self._lock, buttons.lock),
            (self._unlock, buttons.lock),
            (leave, buttons.leave),
            (self._rest, buttons.rest),
        ):
            button.clicked.connect(lambda _=False, run=run: run())
        self._script = _Column(theme)
        self._beside = QSplitter(Qt.Orientation.Vertical)
        self.cards = _Cards()
        self._delegate = CardDelegate(theme, thumbnails, look.veiled, look.severity)
        self._dress_cards()
        thumbnails.arrived.connect(lambda _: self.cards.viewport().update())
        self._state = StatePanel(theme)
        self._skeleton = Skeleton(theme)
        self._stack = QStackedWidget()
        self._content = self._lay_out(player, leave)
        for page in (self._content, self._state, self._skeleton):
            self._stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self.tell("scene", "No scene is open", "O on a segment or a scene opens it here.")

    def _dress_cards(self) -> None:
        cards = self.cards
        cards.setModel(self.model)
        cards.setItemDelegate(self._delegate)
        cards.setFlow(QListView.Flow.LeftToRight)
        cards.setWrapping(False)
        cards.setUniformItemSizes(True)
        cards.setSpacing(0)
        cards.setMouseTracking(True)
        cards.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        cards.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        cards.setFixedHeight(CARD.height() + cards.horizontalScrollBar().sizeHint().height() + 2)
        cards.setAccessibleName("Segments of the scene")
        cards.selectionModel().currentChanged.connect(self._card_chosen)

    def _lay_out(self, player: QWidget, leave: QWidget) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(player, 1)
        column.addWidget(self.timeline)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.addWidget(left)
        panes.addWidget(self._lay_out_right())
        panes.setStretchFactor(0, 1)
        panes.setSizes([760, RIGHT])
        self._remember(panes, "scene/panes")
        below = QWidget()
        below.setObjectName("decisions")
        below.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(below)
        row.setContentsMargins(0, 0, SPACE_4, 0)
        row.setSpacing(SPACE_2)
        row.addWidget(self.bar, 1)
        row.addWidget(self._rest)
        content = QWidget()
        whole = QVBoxLayout(content)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self._lay_out_head(leave))
        whole.addWidget(panes, 1)
        whole.addWidget(self.cards)
        whole.addWidget(below)
        return content

    def _lay_out_head(self, leave: QWidget) -> QVBoxLayout:
        told = QVBoxLayout()
        told.setSpacing(SPACE_1)
        told.addWidget(self._title)
        told.addWidget(self._facts)
        told.addWidget(self.served)
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addLayout(told, 1)
        for button in (self._viewers, self._lock, self._unlock, leave):
            row.addWidget(button)
        head = QVBoxLayout()
        head.setContentsMargins(SPACE_4, SPACE_2, SPACE_3, SPACE_2)
        head.setSpacing(SPACE_1)
        head.addLayout(row)
        head.addWidget(self._banner)
        return head

    def _lay_out_right(self) -> QWidget:
        """The reason is asked for in place of script and moments: picture and strip stay in sight."""
        right = QWidget()
        right.setMinimumWidth(RIGHT)
        self._beside.addWidget(self._script)
        self._beside.addWidget(self.moments)
        self._beside.setSizes([300, 240])
        self._remember(self._beside, "scene/beside")
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._beside, 1)
        column.addItem(QSpacerItem(0, 0, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding))
        column.addWidget(self.reasons)
        self.reasons.installEventFilter(self)
        return right

    def _remember(self, splitter: QSplitter, key: str) -> None:
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        kept = self._settings.value(key)
        if kept is not None:
            splitter.restoreState(kept)
        splitter.splitterMoved.connect(lambda *_: self._settings.setValue(key, splitter.saveState()))

    def sizeHint(self) -> QSize:
        """Fits the smallest window."""
        return QSize(900, 620)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Make room for the reason panel while it is open."""
        if watched is self.reasons and event.type() in {QEvent.Type.ShowToParent, QEvent.Type.HideToParent}:
            asking = event.type() is QEvent.Type.ShowToParent
            # The script stays where there is room for both.
            self.moments.setVisible(not asking)
            self._beside.setVisible(not asking or self.height() >= ROOMY)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape that nobody inside has taken leads back."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    # What the presenter shows

    def tell(
        self, icon: str, title: str, text: str = "", action: tuple[str, Callable[[], None]] | None = None
    ) -> None:
        """Show a state in place of a scene."""
        self._state.tell(icon, title, text, action=action)
        self._stack.setCurrentWidget(self._state)

    def wait(self) -> None:
        """Show that a scene is on its way."""
        self._skeleton.begin()
        self._stack.setCurrentWidget(self._skeleton)

    def show_scene(self, scene: Scene, status: str) -> None:
        """Show what is known of the scene as a whole; `status` is as it is or was just decided."""
        self._title.set_text(scene.title)
        every = self.model.every
        seen = [segment for segment in every if segment.seen]
        more = "+" if scene.more else ""
        facts = [
            humanised(status),
            f"viewers see {number(len(seen))} of {count_of(len(every), 'segment')}{more}",
            duration(sum(segment.duration for segment in seen)),
            f"bible version {scene.bible_version}",
        ]
        self._facts.setText(" · ".join(facts))
        self._lock.setVisible(status != "locked")
        self._unlock.setVisible(status == "locked")
        if status in {"hidden", "removed"}:
            self.say(f"The scene is {status}: viewers see none of it")
        elif scene.more:
            self.say(f"This scene goes on: its first {number(len(every))} segments are shown")
        self._stack.setCurrentWidget(self._content)

    def say(self, sentence: str) -> None:
        """Show a sentence under the title; an empty one takes it away."""
        self._banner.setText(sentence)
        self._banner.setVisible(bool(sentence))

    @property
    def banner(self) -> str:
        """The sentence under the title."""
        return self._banner.text()

    @property
    def facts(self) -> str:
        """What is said of the scene as a whole."""
        return self._facts.text()

    @property
    def title(self) -> str:
        """The scene's title, as it is shown when there is room."""
        return self._title.text

    @property
    def state(self) -> str:
        """What is said in place of a scene; nothing while one is shown."""
        return self._state.title if self._stack.currentWidget() is self._state else ""

    @property
    def script(self) -> tuple[str, str, str]:
        """What is told of the segment's making, its script, and what the author typed."""
        return self._script.shown

    def show_script(self, segment: SceneSegment, script: Script | None, bible: int) -> None:
        """Show the texts of a segment; None while they are on their way."""
        self._script.show_script(segment, script, bible)

    def offer(self, verbs: Sequence[Verb]) -> None:
        """Offer what can be decided of the segment."""
        self.bar.offer(verbs, self._person.role)

    def forbid_lock(self, why: str) -> None:
        """Say why the scene cannot be locked by this person."""
        self._lock.forbid(why)
        self._unlock.forbid(why)

    def show_viewers(self, *, on: bool) -> None:
        """Show whether only what viewers see is played."""
        self._viewers.setChecked(on)
        self._viewers.arm(on)

    @property
    def row(self) -> int:
        """The place of the current card; -1 where there is none."""
        return self.cards.currentIndex().row()

    def go_to(self, row: int) -> None:
        """Make a card the current one."""
        index = self.model.index(max(0, min(row, self.model.rowCount() - 1)))
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.cards.selectionModel().setCurrentIndex(index, flag)
        if index.isValid():
            self.cards.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _card_chosen(self, current: QModelIndex, _: QModelIndex) -> None:
        self.segment_chosen.emit(current.row())


class _Column(QWidget):
    """The script beside the picture: what a job wrote, and what the author typed for it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._made = label("", "muted", theme.small_font)
        self._made.setWordWrap(True)
        self._written, self._typed = Prose(name="Script"), Prose(name="Typed by the author")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        column.setSpacing(SPACE_1)
        column.addWidget(self._made)
        column.addWidget(label("Script", "section", theme.small_font))
        column.addWidget(self._written, 3)
        column.addWidget(label("Typed by the author", "section", theme.small_font))
        column.addWidget(self._typed, 1)

    @property
    def shown(self) -> tuple[str, str, str]:
        """What it tells and shows."""
        return self._made.text(), self._written.toPlainText(), self._typed.toPlainText()

    def show_script(self, segment: SceneSegment, script: Script | None, bible: int) -> None:
        """Show one segment's texts, and which version of the bible it was made under."""
        made = f"Segment {segment.sequence}, made under bible version {segment.bible_version}"
        if segment.bible_version != bible:
            made += f" (now {bible})"
        self._made.setText(f"{made}, by {plain(segment.author or 'a person who is gone')}")
        written, typed = ("", "") if script is None else (script.written, script.typed)
        self._written.setPlainText(plain(written, lines=True))
        self._typed.setPlainText(plain(typed, lines=True))
