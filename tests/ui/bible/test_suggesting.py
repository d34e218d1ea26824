"""What can stand at a place, also while the text is broken there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from console.bible.schema import bible_schema
from console.ui.bible.editor_bar import Shown
from console.ui.bible.naming import Names
from console.ui.bible.suggesting import explain, suggest
from console.ui.keyboard import press, type_text
from tests.support.waiting import until
from tests.ui.bible.test_editor import document, editing
from tests.ui.bible.test_text import CONTROL


def offered(text: str) -> list[str]:
    """What is suggested at the sign |."""
    schema = bible_schema()
    offset = text.index("|")
    _place, found = suggest(text.replace("|", ""), offset, schema, Names(document(), schema))
    return [each.literal for each in found]


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        ('{"version": 1, "ti|', ['"timeline": ', '"setting": ']),
        ('{"version": 1, "ti|": {}}', ['"timeline"', '"setting"']),
        (
            '{"version": 1, |}',
            ['"characters": ', '"setting": ', '"timeline": ', '"plotThreads": ', '"styleGuide": '],
        ),
        ('{"plotThreads": [{"status": |}]}', ['"active"', '"resolved"', '"abandoned"']),
        ('{"plotThreads": [{"id": 1}, {"status": "re|"}]}', ['"resolved"']),
        ('{"plotThreads": [{"status": "re|', ['"resolved"']),
        ('{"characters": [{"relationships": [{"targetEntityId": "|"}]}]}', ['"char_a"', '"char_b"']),
        ('{"characters": [{"relationships": [{"targetEntityId": "be|\n', ['"char_b"']),
        ('{"characters": [{"isActive": |', ["true", "false"]),
        ('{"characters": [{"canonicalName": "a|"}]}', []),
        ('{"setting": {"locations": [{"name": "x"}, {"|"}]}}', ['"name": ', '"description": ']),
        ('{"nothing": {"a|"}}', []),
        ("|", []),
        ('{"version"|: 1}', []),
    ],
)
def test_what_can_stand_at_a_place(text: str, literals: list[str]) -> None:
    assert offered(text) == literals


def test_the_schema_explains_keys_and_values() -> None:
    schema = bible_schema()
    text = '{"characters": [{"entityId": "a", "odd": 1}], "plotThreads": [{"status": "x"}]}'
    told = explain(text, text.index("entityId"), schema)
    assert "Stable entity ID" in told
    assert "Pattern: ^char_" in told
    assert "One of: active, resolved, abandoned" in explain(text, text.index('"x"') + 1, schema)
    assert "does not know" in explain(text, text.index("odd"), schema)
    assert explain(text, 0, schema) == ""


@pytest.mark.qt_log_ignore("does not support", extend=True)
async def test_the_list_opens_while_typing_and_return_takes() -> None:
    async with editing() as widget:
        widget.show_views(Shown.TEXT)
        widget.pane.text.setFocus()
        completion = widget.pane.completion
        await widget.pane.text.go_to_place(("plotThreads", 0, "status"))
        await press(Qt.Key.Key_Right)
        await press(Qt.Key.Key_Space, CONTROL)
        await until(lambda: bool(completion.offered))
        assert [each.name for each in completion.offered] == ["active", "resolved", "abandoned"]
        await type_text("re")
        await until(lambda: [each.name for each in completion.offered] == ["resolved"])
        await press(Qt.Key.Key_Backspace)
        await press(Qt.Key.Key_Backspace)
        for _ in range(6):
            await press(Qt.Key.Key_Delete)
        await type_text("ab")
        await until(lambda: [each.name for each in completion.offered] == ["abandoned"])
        await press(Qt.Key.Key_Return)
        assert '"status": "abandoned"' in widget.text()
        assert not completion.offered
