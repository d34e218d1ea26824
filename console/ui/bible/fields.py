"""Which field shows a value, and the two that edit none in place: null, and what no field keeps as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from console.bible.editing import blank, put
from console.bible.schema import Rule
from console.bible.values import Json, Tokens, is_number
from console.ui.bible.choice_fields import BooleanField, ChoiceField, ReferenceField
from console.ui.bible.context import Context
from console.ui.bible.typed_fields import LineField, NumberField, ProseField
from console.ui.bible.view import View
from console.ui.theme.tokens import SPACE_2
from console.ui.theme.words import shortened
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label

LONGEST: Final = 20_000
"""Characters of a string that a field shows: Qt lays a longer one out at each key."""

_CHANGED_BY_QT: Final = re.compile("[\x00-\x09\x0b-\x1f\u2028\u2029\ufdd0\ufdd1]")


def kind_of_field(value: Json, rule: Rule) -> str:
    """Which field shows a value."""
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if is_number(value):
        return "number"
    if len(value) > LONGEST or _CHANGED_BY_QT.search(value):
        return "fixed"
    choices = rule.keyword("enum")
    if isinstance(choices, list) and all(isinstance(choice, str) for choice in choices):
        return "choice"
    if rule.ref is not None:
        return "reference"
    return "prose" if rule.sentences or "\n" in value else "line"


class NullField(View):
    """Null: something that is there and is nothing."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule) -> None:
        super().__init__(context, tokens, rule, "null")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        row.addWidget(label("null", "key", context.theme.fixed_font))
        self.button = quiet_button("Set a value")
        self.button.setEnabled(not context.read_only)
        self.button.clicked.connect(self._set)
        row.addWidget(self.button)
        row.addStretch()
        self.setFocusProxy(self.button)

    def name(self, name: str, help: str) -> None:
        """Name the button."""
        self.button.setAccessibleName(f"{name} is null: set a value")
        self.button.setAccessibleDescription(help)

    def refresh(self, tokens: Tokens, value: Json) -> None:  # noqa: ARG002 - there is one null
        """Null is null."""
        self.tokens = tokens

    def _set(self) -> None:
        self.context.editing.change(
            partial(put, tokens=self.tokens, value=blank(self.rule, ("string",))), focus=self.tokens
        )


class FixedField(View):
    """A string that no field can show as it is; it is edited in the text."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule) -> None:
        super().__init__(context, tokens, rule, "fixed")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        self._shown = label("", "muted")
        self._shown.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._shown, 1)
        self.button = quiet_button("Edit in the text")
        self.button.clicked.connect(lambda: self.context.editing.show_in_text(self.tokens))
        row.addWidget(self.button)
        self.setFocusProxy(self.button)

    def name(self, name: str, help: str) -> None:
        """Name the button."""
        self.button.setAccessibleName(f"{name}: edit in the text")
        self.button.setAccessibleDescription(help)

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the beginning, and why the whole is not here."""
        self.tokens = tokens
        why = f"{len(value):,} characters" if len(value) > LONGEST else "with characters that no field keeps"
        self._shown.setText(f"{shortened(json.dumps(value[:200], ensure_ascii=False), 60)} · {why}")


def leaf(context: Context, tokens: Tokens, rule: Rule, kind: str) -> View:
    """The field for a value that holds no others."""
    fields: dict[str, Callable[[Context, Tokens, Rule], View]] = {
        "line": LineField,
        "prose": ProseField,
        "number": NumberField,
        "choice": ChoiceField,
        "boolean": BooleanField,
        "reference": ReferenceField,
        "null": NullField,
        "fixed": FixedField,
    }
    return fields[kind](context, tokens, rule)
