"""Both themes are legible, and colours are written in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import console.ui
from console.ui.theme.tokens import DARK, LIGHT, Tokens

TEXTS = ("text", "muted", "accent", "good", "notable", "serious", "grave")
SYNTAX = ("syntax_key", "syntax_string", "syntax_number", "syntax_word")
GROUNDS = ("ground", "surface", "raised")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_every_text_has_contrast_on_every_ground(tokens: Tokens) -> None:
    pairs = [(text, ground) for text in TEXTS + SYNTAX for ground in GROUNDS]
    pairs += [("on_accent", "accent"), ("text", "selected"), ("muted", "selected")]
    pairs += [("grave", "gone"), ("good", "came")]
    weak = [
        (text, ground, round(contrast(getattr(tokens, text), getattr(tokens, ground)), 2))
        for text, ground in pairs
        if contrast(getattr(tokens, text), getattr(tokens, ground)) < 4.5
    ]
    assert weak == []


def test_no_colour_is_written_outside_the_tokens() -> None:
    root = Path(console.ui.__path__[0])
    literal = re.compile(r"""["' ]#[0-9a-fA-F]{3,8}["';]|rgba?\(""")
    found = [
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if path.name != "tokens.py" and literal.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
