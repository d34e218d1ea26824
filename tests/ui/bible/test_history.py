"""The lists at the side: versions, and who last changed each field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.bible.blame import blame
from console.domain.documents import DocumentVersion
from console.ui.bible.authors import FieldsPane, fields_of
from console.ui.bible.history import HistoryPane, told
from console.ui.theme.theme import Choice, Theme
from tests.unit.bible.annotated import SCHEMA

NOW = datetime.now(UTC)
NONE = Qt.KeyboardModifier.NoModifier


def version(number: int, author: str | None = None, note: str | None = None) -> DocumentVersion:
    made_by = "" if author or number == 1 else f"job of segment {number}"
    return DocumentVersion(number, NOW - timedelta(hours=20 - number), author, made_by, note, 100)


VERSIONS = (version(4, "mia", "why <b>not</b>"), version(3), version(2, "max"), version(1))


@contextmanager
def panes() -> Iterator[tuple[HistoryPane, FieldsPane]]:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme = Theme(application, Choice.LIGHT)
    history, fields = HistoryPane(theme), FieldsPane(theme)
    for pane in (history, fields):
        QAbstractItemModelTester(pane.model, QAbstractItemModelTester.FailureReportingMode.Warning, pane)
        pane.resize(280, 500)
        pane.show()
    try:
        yield history, fields
    finally:
        for pane in (history, fields):
            pane.close()
            pane.deleteLater()
        theme.deleteLater()


def spoken(pane: HistoryPane | FieldsPane) -> list[str]:
    """What a screen reader says of each row."""
    model = pane.list.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(model.index(row, 0).data(role)) for row in range(model.rowCount())]


def test_each_version_tells_who_when_how_much_and_why() -> None:
    with panes() as (history, _):
        history.model.show(VERSIONS, 4)
        history.model.count(4, 2)
        history.model.count(2, 0)
        assert spoken(history) == [
            "version 4 (mia, 16 h ago), 2 changes, why <b>not</b>, in the editor",
            "version 3 (job of segment 3, 17 h ago), ",
            "version 2 (max, 18 h ago), no changes",
            "version 1 (the platform, 19 h ago), the first",
        ]
        # Painted, with what is chosen and what is not.
        history.list.selectAll()
        history.grab()
        later = (version(5), *VERSIONS)
        history.list.setCurrentIndex(history.model.index(1))
        history.model.show(later, 5)
        # What was chosen is still chosen, and what was counted is still known.
        assert history.chosen == [3]
        assert history.model.counts == {4: 2, 2: 0}
        # Another document's versions are others.
        history.model.show((version(1),), None)
        assert history.model.counts == {}
        assert told(version(1), NOW + timedelta(days=800))[:24] == "version 1 (the platform,"


def test_keys_of_the_versions() -> None:
    with panes() as (history, _):
        history.model.show(VERSIONS, 4)
        asked: list[Any] = []
        history.compare_wanted.connect(lambda older, newer: asked.append((older, newer)))
        history.compare_with_text_wanted.connect(lambda number: asked.append(("text", number)))
        history.restore_wanted.connect(lambda number: asked.append(("restore", number)))
        history.left.connect(lambda: asked.append("left"))
        history.take_focus()
        for key, modifier in (
            (Qt.Key.Key_Return, NONE),
            (Qt.Key.Key_R, NONE),
            (Qt.Key.Key_Down, NONE),
            (Qt.Key.Key_C, NONE),
            (Qt.Key.Key_R, NONE),
            (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier),
            (Qt.Key.Key_Return, NONE),
            (Qt.Key.Key_R, NONE),
            (Qt.Key.Key_End, NONE),
            (Qt.Key.Key_Return, NONE),
            (Qt.Key.Key_Escape, NONE),
        ):
            QTest.keyClick(history.list, key, modifier)
        # The newest is not restored, nor are two at once; the first is compared with nothing.
        assert asked == [(3, 4), ("text", 3), ("restore", 3), (2, 3), (0, 1), "left"]


def test_fields_are_narrowed_and_lead_to_their_place() -> None:
    documents: list[tuple[DocumentVersion, Any]] = [
        (version(1), {"people": [{"id": "a", "age": 1}, {"id": "b", "age": 1}]}),
        (version(2, "max"), {"people": [{"id": "a", "age": 2}, {"id": "b", "age": 1}]}),
        (version(3), {"people": [{"id": "a", "age": 2}, {"id": "b", "age": 3}], "free": {"\u202ex": 1}}),
    ]
    with panes() as (_, fields):
        fields.show_fields(fields_of(blame(documents, SCHEMA)), 3)
        assert [each.split(": ")[0] for each in spoken(fields)] == [
            "free",
            "people › b › age",
            "people › a › age",
            "all the rest",
        ]
        assert fields.state.text() == "3 fields changed in 3 versions"
        fields.grab()
        gone: list[str] = []
        fields.go_wanted.connect(gone.append)
        fields.take_focus()
        QTest.keyClicks(fields.filter, "AGE max")
        assert spoken(fields) == ["people › a › age: max · version 2 · 18 h"]
        QTest.keyClick(fields.filter, Qt.Key.Key_Down)
        QTest.keyClick(fields.list, Qt.Key.Key_Return)
        assert gone == ["/people/id=a/age"]
