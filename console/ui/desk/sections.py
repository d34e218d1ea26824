"""The inspector's blocks as widgets: one builder a shape, none knows a platform."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from difflib import SequenceMatcher
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication, QTextCharFormat
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.domain.blocks import (
    Block,
    DiffBlock,
    FactsBlock,
    HistoryBlock,
    ImageBlock,
    JsonBlock,
    MediaBlock,
    RelatedBlock,
    ReportsBlock,
    TextBlock,
)
from console.domain.media import CAREFUL
from console.domain.queues import Item
from console.domain.subjects import Subject
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_4, severity_colour
from console.ui.theme.words import duration, exact, humanised, plain, shortened, shown
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import ElidedLabel, label, moment_label, set_tooltip
from console.ui.widgets.prose import Prose

Open = Callable[[Subject], None]


class Pictures(Protocol):
    """Who makes the widgets of still pictures."""

    def __call__(self, url: str, name: str, *, careful: bool) -> QWidget:
        """The picture at an address; `careful`: concealed until the person wants to see it."""


class Sections:
    """Builds the widget of a block. `open_subject` is called for links, `severities` colours reasons.

    `video` makes the widget that plays one, `pictures` those of stills; without them, addresses are shown.
    """

    def __init__(
        self,
        theme: Theme,
        open_subject: Open,
        severities: Callable[[], Mapping[str, int]],
        video: Callable[[MediaBlock], QWidget] | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        self._theme = theme
        self._open = open_subject
        self._severities = severities
        self._video, self._pictures = video, pictures

    def build(self, block: Block, item: Item) -> QWidget:
        """The widget of one block of an item."""
        match block:
            case TextBlock(text):
                return Prose(text) if text else label("Nothing written", "muted")
            case FactsBlock():
                return self._facts(block)
            case MediaBlock():
                return self._media(block)
            case ImageBlock(url, caption):
                return self._image(url, caption, item) if url else label("No picture", "muted")
            case JsonBlock(text):
                return _fixed(Prose(text)) if text else label("No version saved yet", "muted")
            case DiffBlock(before, after):
                return _compared(before, after, self._theme)
            case ReportsBlock():
                return self._reports(block)
            case HistoryBlock():
                return self._history(block)
            case RelatedBlock():
                return self._related(block)

    def _facts(self, block: FactsBlock) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_4)
        grid.setVerticalSpacing(SPACE_1)
        known = [fact for fact in block.facts if fact.value is not None and fact.value != ()]
        half = (len(known) + 1) // 2
        for place, fact in enumerate(known):
            row, column = place % half, place // half * 2
            grid.addWidget(label(fact.label, "muted"), row, column)
            words = shown(fact.value, fact.type)
            if fact.subject is not None:
                grid.addWidget(self._link(words, fact.subject), row, column + 1)
            else:
                value = ElidedLabel(words)
                if isinstance(fact.value, datetime):
                    value.setToolTip(exact(fact.value))
                grid.addWidget(value, row, column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        return box

    def _link(self, words: str, subject: Subject) -> QPushButton:
        link = quiet_button(shortened(words, 44))
        link.setProperty("part", "link")
        set_tooltip(link, plain(words))
        link.setAccessibleDescription(f"Opens this {subject.kind}")
        link.clicked.connect(lambda: self._open(subject))
        return link

    def _media(self, block: MediaBlock) -> QWidget:
        if self._video is not None:
            return self._video(block)
        length = "" if block.duration is None else f"{duration(block.duration)} of video"
        return self._address(length, block.url)

    def _image(self, url: str, caption: str, item: Item) -> QWidget:
        address = self._address(plain(caption), url)
        if self._pictures is None:
            return address
        box, column = _column()
        column.addWidget(self._pictures(url, plain(caption) or "Picture", careful=self._grave(item)))
        column.addWidget(address)
        return box

    def _grave(self, item: Item) -> bool:
        """Whether the item was reported for something that nobody should have to see unprepared.

        Keys of policies are looked for in all its lists, and before policies are known everything is grave:
        that conceals too much, never too little.
        """
        severities = self._severities()
        named = (key for cell in item.cells if isinstance(cell, tuple) for key in cell)
        return not severities or any(severities.get(key, 1) >= CAREFUL for key in named)

    def _address(self, words: str, url: str) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(words))
        row.addWidget(ElidedLabel(url, Qt.TextElideMode.ElideMiddle), 1)
        copy = quiet_button("Copy URL")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(url))
        row.addWidget(copy)
        return box

    def _reports(self, block: ReportsBlock) -> QWidget:
        box, column = _column()
        severities = self._severities()
        for report in block.reports:
            severity = severities.get(report.reason, 1)
            head = QHBoxLayout()
            head.setSpacing(SPACE_2)
            bar = QFrame()
            bar.setFixedSize(3, 14)
            bar.setStyleSheet(f"background: {severity_colour(self._theme.tokens, severity)}; border: none;")
            head.addWidget(bar)
            head.addWidget(label(humanised(report.reason), font=self._theme.strong_font))
            head.addWidget(label(f"severity {severity}", "muted", self._theme.small_font))
            who = plain(report.reporter) if report.reporter else "automatic detection"
            if report.status == "reviewing":
                head.addWidget(label("escalated", "notable"))
            record = f" ({report.reporter_record})" if report.reporter_record else ""
            by = ElidedLabel(f"by {who}{record}")
            by.setProperty("part", "muted")
            head.addWidget(by, 1)
            head.addWidget(moment_label(report.created_at))
            column.addLayout(head)
            if report.description:
                words = label(plain(report.description, lines=True))
                words.setWordWrap(True)
                words.setContentsMargins(SPACE_2 + 3, 0, 0, SPACE_1)
                words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(words)
        if not block.reports:
            column.addWidget(label("No open flags", "muted"))
        if block.more:
            column.addWidget(label("More flags follow; a decision settles the ones shown here", "notable"))
        return box

    def _history(self, block: HistoryBlock) -> QWidget:
        box, column = _column()
        for event in block.events:
            row = QHBoxLayout()
            row.setSpacing(SPACE_2)
            words = f"{event.what} by {plain(event.who)}" + (f" · {event.reason}" if event.reason else "")
            row.addWidget(label(words + (" · undone" if event.undone else "")))
            row.addStretch()
            row.addWidget(moment_label(event.at))
            column.addLayout(row)
            if event.note:
                note = label(plain(event.note, lines=True), "muted")
                note.setWordWrap(True)
                column.addWidget(note)
        if not block.events:
            column.addWidget(label("No earlier decisions", "muted"))
        return box

    def _related(self, block: RelatedBlock) -> QWidget:
        box, column = _column()
        for related in block.items:
            row = QHBoxLayout()
            row.setSpacing(SPACE_2)
            row.addWidget(self._link(related.title or "(untitled)", related.subject))
            row.addStretch()
            facts = " · ".join(humanised(each) for each in (related.status, related.detail) if each)
            row.addWidget(label(facts, "muted"))
            column.addLayout(row)
        if not block.items:
            column.addWidget(label("None", "muted"))
        return box


def _column() -> tuple[QWidget, QVBoxLayout]:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACE_1)
    return box, column


def _fixed(prose: Prose) -> Prose:
    prose.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return prose


def _compared(before: str, after: str, theme: Theme) -> Prose:
    """Both texts in one, word by word: what went is struck out, what came is underlined."""
    shown_text = Prose(name="Changes")
    gone, came = QTextCharFormat(), QTextCharFormat()
    gone.setFontStrikeOut(True)
    gone.setForeground(QColor(theme.tokens.grave))
    came.setFontUnderline(True)
    came.setForeground(QColor(theme.tokens.good))
    cursor = shown_text.textCursor()
    for kind, words in changed_words(before, after):
        cursor.insertText(words, {"gone": gone, "came": came}.get(kind, QTextCharFormat()))
    return shown_text


def changed_words(before: str, after: str) -> list[tuple[str, str]]:
    """What two texts share and where they differ, in order, as ("same" | "gone" | "came", words)."""
    old, new = (re.findall(r"\s*\S+|\s+$", plain(text, lines=True)) for text in (before, after))
    parts: list[tuple[str, str]] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(new[k:m])))
        else:
            changed = (("gone", "".join(old[i:j])), ("came", "".join(new[k:m])))
            parts.extend(part for part in changed if part[1])
    return parts
