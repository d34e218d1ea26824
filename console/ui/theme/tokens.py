"""Colours, spaces and sizes: the only place where they are written. Both themes are made from these."""

from __future__ import annotations

from dataclasses import dataclass

SPACE_1, SPACE_2, SPACE_3, SPACE_4, SPACE_6, SPACE_8 = 4, 8, 12, 16, 24, 32
RADIUS = 6
ROW_HEIGHT = 34
TEXT_POINTS, SMALL_POINTS, TITLE_POINTS = 10.0, 8.8, 14.0
FADED = 0.6
"""How opaque the content is of what cannot be decided now."""
MOTION_MILLISECONDS = 110
SKELETON_MILLISECONDS = 150


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme's colours, as #rrggbb. Every text colour has 4.5:1 on `ground`, `surface` and `raised`.

    `gone` and `came` are the grounds of what was removed and added: `grave` and `good` stand on them.
    """

    name: str
    ground: str
    surface: str
    raised: str
    selected: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    focus: str
    good: str
    notable: str
    serious: str
    grave: str
    syntax_key: str
    syntax_string: str
    syntax_number: str
    syntax_word: str
    gone: str
    came: str


LIGHT = Tokens(
    name="light",
    ground="#f6f6f8",
    surface="#ffffff",
    raised="#eeeff3",
    selected="#e3e6fb",
    border="#dcdde3",
    text="#1a1c22",
    muted="#5a5f6c",
    accent="#4350cf",
    on_accent="#ffffff",
    focus="#4350cf",
    good="#146c3b",
    notable="#7a5200",
    serious="#a03a0d",
    grave="#b01030",
    syntax_key="#2f45b8",
    syntax_string="#176639",
    syntax_number="#8a4500",
    syntax_word="#8b2a86",
    gone="#fdeaec",
    came="#e4f4ea",
)

DARK = Tokens(
    name="dark",
    ground="#131418",
    surface="#1a1c21",
    raised="#24262d",
    selected="#2b3050",
    border="#2f323a",
    text="#e7e8ec",
    muted="#a3a8b4",
    accent="#96a1ff",
    on_accent="#14151c",
    focus="#96a1ff",
    good="#6fcb97",
    notable="#e2b45f",
    serious="#f2925f",
    grave="#ff8593",
    syntax_key="#9db4ff",
    syntax_string="#8fd3a8",
    syntax_number="#efb483",
    syntax_word="#dda0e6",
    gone="#3a2027",
    came="#1b3325",
)


def severity_colour(tokens: Tokens, severity: int) -> str:
    """The colour of a policy's severity, 1 to 5. It is never alone: a word or an icon stands beside it."""
    return (tokens.muted, tokens.muted, tokens.notable, tokens.serious, tokens.grave)[severity - 1]
