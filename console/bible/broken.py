"""Everything that is wrong with a JSON text, each at its character.

A tokenizer and a machine of five states that goes on after an error as a reader would: a comma or colon
that is missing is taken as written, a bracket closes what it fits, a string ends with its line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

MAX_DEPTH: Final = 200
"""jsonschema-rs ends at 255 levels, and a person long before."""

MAX_PROBLEMS: Final = 200
"""More help nobody."""

_TOKEN: Final = re.compile(
    r"""[ \t\n\r]*(?:
      (?P<string>"(?:[^"\\\x00-\x1f]|\\[^\n\r])*")
    | (?P<open_string>"(?:[^"\\\n\r]|\\[^\n\r])*\\?(?P<end>"?))
    | (?P<punctuation>[\[\]{},:;=])
    | (?P<comment>//[^\n\r]*|/\*(?:.|\n)*?(?:\*/|\Z)|\#[^\n\r]*)
    | (?P<single>'(?:[^'\\\n\r]|\\[^\n\r])*'?)
    | (?P<word>/|[^ \t\n\r\[\]{},:;="/]+)
    | (?P<stop>\Z)
    )""",
    re.VERBOSE,
)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_LIKE_NUMBER: Final = re.compile(r"[-+.]?[\d.][\w.+-]*", re.ASCII)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\"\\/bfnrt])|(u)|(.?))", re.DOTALL)
_ODD: Final = re.compile(r"[\x00-\x1f\ud800-\udfff]|\\")
_BEFORE_NEXT: Final = re.compile(r"[ \t]*,[ \t]*\Z")
_REAL_END: Final = re.compile(r'[^\n\r]*?"(?=[ \t]*(?:[,}\]:\n\r]|\Z))')
_SWALLOWED: Final = re.compile(r"[ \t]*[\]},]+[ \t\]},]*\Z|[ \t]+\Z")

_VALUE, _FIRST_VALUE, _KEY, _FIRST_KEY, _COLON, _COMMA = range(6)
_CLOSES: Final = {"[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a text.

    `offset` counts characters from 0; `line` and `column` count from 1, the column in characters.
    """

    message: str
    offset: int
    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line} column {self.column}: {self.message}"


def problems(text: str) -> list[Problem]:
    """All that is wrong with the text, in order of place; empty for a document that `read` takes."""
    return _Scanner(text).scan()


@dataclass(slots=True)
class _Level:
    bracket: str
    offset: int
    keys: set[str] = field(default_factory=set)


class _Scanner:
    """One pass over one text. `state` says what the innermost open bracket waits for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[int, str] = {}
        self.levels: list[_Level] = []
        self.state = _VALUE
        self.last_comma = -1
        self.last_string = (-1, -1)
        self.done = False

    def scan(self) -> list[Problem]:
        """Go over the text once and tell what was found."""
        at = 0
        if self.text.startswith("\ufeff"):
            self._report(0, "the text begins with a byte order mark; JSON has none")
            at = 1
        while len(self.found) < MAX_PROBLEMS:
            match = _TOKEN.match(self.text, at)
            if match is None or match.lastgroup == "stop":
                self._end()
                break
            kind = "open_string" if match.lastgroup == "end" else match.lastgroup or ""
            offset = match.start(kind)
            at = match.end()
            if self.done and kind != "comment":
                self._report(offset, "text after the end of the document")
                break
            at = self._token(kind, offset, at)
            if self.done and len(self.levels) > MAX_DEPTH:
                break
        lines = [0] + [match.end() for match in re.finditer("\n", self.text)]
        told = []
        for offset in sorted(self.found)[:MAX_PROBLEMS]:
            line = bisect_right(lines, offset)
            told.append(Problem(self.found[offset], offset, line, offset - lines[line - 1] + 1))
        return told

    def _token(self, kind: str, offset: int, end: int) -> int:
        piece = self.text[offset:end]
        if kind == "comment":
            self._report(offset, "a comment; JSON has none")
        elif kind == "punctuation":
            self._punctuation(piece, offset)
        elif kind == "string":
            self._characters(offset, end)
            self._string(offset, piece)
            self.last_string = (offset, end)
        elif kind == "open_string":
            end = self._open_string(offset, end)
        elif kind == "single":
            self._report(offset, "a string in single quotes; JSON has double ones")
            self._string(offset, piece)
        elif offset == self.last_string[1]:
            end = self._quote_too_many(offset)
        else:
            self._word(offset, piece)
        return end

    def _report(self, offset: int, message: str) -> None:
        self.found.setdefault(offset, message)

    # -- brackets, commas, colons

    def _punctuation(self, sign: str, offset: int) -> None:
        if sign in "[{":
            self._open(sign, offset)
        elif sign in "]}":
            self._close(sign, offset)
        elif sign in ";=":
            self._report(offset, f"“{sign}” where “{',' if sign == ';' else ':'}” must stand")
            self._punctuation("," if sign == ";" else ":", offset)
        elif sign == ":":
            if self.state == _COLON:
                self.state = _VALUE
            elif self.state in (_KEY, _FIRST_KEY):
                self._report(offset, "a key is missing before “:”")
                self.state = _VALUE
            else:
                self._report(offset, "“:” stands where none can")
                self.state = _VALUE
                self.last_comma = offset  # what is missing after it is told here, once
        elif self.state == _COMMA:
            self.state = _VALUE if self.levels[-1].bracket == "[" else _KEY
            self.last_comma = offset
        elif not self.levels:
            self._report(offset, "a value is missing before “,”")
        elif self.state == _COLON:
            self._report(offset, "“:” and a value are missing before “,”")
            self.state = _FIRST_KEY
        else:
            what = "key" if self.state in (_KEY, _FIRST_KEY) else "value"
            self._report(offset, f"a {what} is missing before “,”")
            self.state = _FIRST_VALUE if self.levels[-1].bracket == "[" else _FIRST_KEY

    def _open(self, bracket: str, offset: int) -> None:
        self._value(offset)
        self.levels.append(_Level(bracket, offset))
        self.state = _FIRST_VALUE if bracket == "[" else _FIRST_KEY
        if len(self.levels) > MAX_DEPTH:
            self._report(offset, f"more than {MAX_DEPTH} levels of brackets")
            self.done = True

    def _close(self, bracket: str, offset: int) -> None:
        if not self.levels:
            self._report(offset, f"“{bracket}” closes nothing")
            self.done = True
            return
        fitting = next(
            (
                depth
                for depth in range(len(self.levels) - 1, -1, -1)
                if _CLOSES[self.levels[depth].bracket] == bracket
            ),
            None,
        )
        inner = self.levels[-1]
        if _CLOSES[inner.bracket] != bracket:
            line = self.text.count("\n", 0, inner.offset) + 1
            wanted = _CLOSES[inner.bracket]
            self._report(
                offset, f"“{bracket}” where “{wanted}” must close the “{inner.bracket}” of line {line}"
            )
        elif self.state == _COLON:
            self._report(offset, f"“:” and a value are missing before “{bracket}”")
        elif self.state == _KEY or (self.state == _VALUE and inner.bracket == "["):
            self._report(self.last_comma, f"a comma before “{bracket}”")
        elif self.state == _VALUE:
            self._report(offset, f"a value is missing before “{bracket}”")
        del self.levels[len(self.levels) - 1 if fitting is None else fitting :]
        self._after_value()

    def _after_value(self) -> None:
        self.state = _COMMA
        self.done = not self.levels

    def _value(self, offset: int) -> None:
        """Something that begins a value stands here."""
        if self.state == _COMMA:
            self._report(offset, "“,” is missing before this")
            self.state = _VALUE if self.levels[-1].bracket == "[" else _KEY
        if self.state == _COLON:
            self._report(offset, "“:” is missing before this")
        elif self.state in (_KEY, _FIRST_KEY):
            self._report(offset, "a key in double quotes is missing before this")

    # -- strings and words

    def _string(self, offset: int, piece: str) -> None:
        if self.state == _COMMA and self.levels and self.levels[-1].bracket == "{":
            self._report(offset, "“,” is missing before this")
            self.state = _KEY
        if self.state in (_KEY, _FIRST_KEY):
            self._key(offset, piece)
        else:
            self._value(offset)
            self._after_value()

    def _key(self, offset: int, piece: str) -> None:
        name = _ESCAPE.sub(_unescape, piece.strip("\"'")) if "\\" in piece else piece.strip("\"'")
        if name in self.levels[-1].keys:
            self._report(offset, f"the key “{_shown(name)}” stands twice in one object")
        self.levels[-1].keys.add(name)
        self.state = _COLON

    def _open_string(self, offset: int, end: int) -> int:
        if self.text[end - 1] == '"' and end - offset > 1:
            self._characters(offset, end)
            self._string(offset, self.text[offset:end])
            return end
        self._report(offset, "a string without its closing quote")
        swallowed = _SWALLOWED.search(self.text, offset + 1, end)
        stop = swallowed.start() if swallowed else end
        self._characters(offset, stop)
        self._string(offset, self.text[offset:stop])
        if stop == len(self.text):
            self.done = True
            self.levels.clear()
        return stop

    def _quote_too_many(self, offset: int) -> int:
        """A word follows a string's closing quote at once: one of the quotes is missing or not escaped."""
        start, end = self.last_string
        inside = self.text[start + 1 : end - 1]
        if self.state == _COLON and ":" in inside:
            self._report(start, "a string without its closing quote")
            return start + 1 + inside.index(":")
        before_next = _BEFORE_NEXT.search(inside)
        if self.state == _COMMA and before_next:
            self._report(start, "a string without its closing quote")
            return start + 1 + before_next.start()
        self._report(end - 1, "a quote within a string needs a backslash before it")
        rest = _REAL_END.match(self.text, offset)
        if rest is None:
            return self.text.find("\n", offset) if "\n" in self.text[offset:] else len(self.text)
        self.last_string = (start, rest.end())
        return rest.end()

    def _characters(self, offset: int, end: int) -> None:
        """Report what a string may not hold."""
        at = offset
        while (odd := _ODD.search(self.text, at, end)) is not None:
            at = odd.end()
            if odd.group() == "\\":
                at = self._escape(odd.start(), end)
            elif "\udc80" <= odd.group() <= "\udcff":
                self._report(odd.start(), f"byte 0x{ord(odd.group()) - 0xDC00:02X} is no UTF-8")
            elif odd.group() >= "\ud800":
                self._report(odd.start(), "half of a surrogate pair")
            else:
                self._report(odd.start(), f"the control character U+{ord(odd.group()):04X} must be escaped")

    def _escape(self, start: int, end: int) -> int:
        match = _ESCAPE.match(self.text, start, end)
        if match is None:
            return start + 1
        code, _, broken, unknown = match.groups()
        if broken is not None:
            self._report(start, "“\\u” needs four hexadecimal digits")
        elif unknown is not None:
            self._report(start, f"“\\{_shown(unknown)}” is no escape")
        elif code is not None:
            return self._unicode(int(code, 16), start, match.end(), end)
        return match.end()

    def _unicode(self, code: int, start: int, after: int, end: int) -> int:
        if code == 0:
            self._report(start, "NUL; the database cannot keep it")
        elif 0xD800 <= code <= 0xDBFF:
            low = _ESCAPE.match(self.text, after, end)
            if low and low.group(1) and 0xDC00 <= int(low.group(1), 16) <= 0xDFFF:
                return low.end()
            self._report(start, "half of a surrogate pair; the database cannot keep it")
        elif 0xDC00 <= code <= 0xDFFF:
            self._report(start, "half of a surrogate pair; the database cannot keep it")
        return after

    def _word(self, offset: int, piece: str) -> None:
        message = _word_problem(piece)
        if self.state == _COMMA and self.levels and self.levels[-1].bracket == "{":
            self._report(offset, "“,” is missing before this")
            self.state = _KEY
        if self.state in (_KEY, _FIRST_KEY):
            utf8 = message is not None and message.startswith("byte")
            self._report(offset, message if message and utf8 else "a key must stand in double quotes")
            self._key(offset, piece)
            return
        self._value(offset)
        if message is not None:
            self._report(offset, message)
        self._after_value()

    def _end(self) -> None:
        if self.done:
            return
        end = len(self.text)
        if not self.levels:
            if not self.found:
                self._report(end, "the text is empty; a JSON value is missing")
            return
        inner = self.levels[-1]
        line = self.text.count("\n", 0, inner.offset) + 1
        more = f" and {len(self.levels) - 1} around it" if len(self.levels) > 1 else ""
        self._report(end, f"the text ends; the “{inner.bracket}” of line {line}{more} is not closed")


def _word_problem(piece: str) -> str | None:
    """Why this is no number and no literal, None if it is one."""
    if piece in {"true", "false", "null"}:
        return None
    if _NUMBER.fullmatch(piece):
        digits = sum(map(str.isdigit, piece))
        if not set(piece) & set(".eE"):
            return None if digits <= 4300 else f"a number of {digits} digits; 4,300 are the most"
        return (
            None if abs(float(piece)) != float("inf") else f"{_shown(piece)} is beyond what a number can be"
        )
    for letter in piece:
        if "\udc80" <= letter <= "\udcff":
            return f"byte 0x{ord(letter) - 0xDC00:02X} is no UTF-8"
    if piece.lstrip("+-") in {"NaN", "Infinity"}:
        return f"{piece} is no JSON number"
    if _LIKE_NUMBER.fullmatch(piece):
        return f"{_shown(piece)} is no number as JSON writes them"
    return f"{_shown(piece)} is no JSON value"


def _unescape(match: re.Match[str]) -> str:
    code, letter, _, _ = match.groups()
    if code:
        return chr(int(code, 16))
    return {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}.get(letter or "", letter or match.group())


def _shown(text: str) -> str:
    clean = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return clean if len(clean) <= 40 else f"{clean[:39]}…"
