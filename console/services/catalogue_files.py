"""Topics and categories as CSV and JSON files: written, read, and planned before anything is sent.

A row is known by its slug, a category by its topic and its own. A file adds and changes; what it does not
name stays as it is, and so does a column that it does not have. Nothing here reads or writes a file.
"""

from __future__ import annotations

import csv
import io
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from console.bible.positions import PositionIndex
from console.bible.reading import BrokenDocument, read
from console.domain.curation import CATEGORY, TOPIC, Columns, CurationChange, Entry, created, edited
from console.domain.slugs import slug_of, slug_problem
from console.services.spreadsheets import armed, defused

COLUMNS = ("kind", "topic", "slug", "name", "description", "icon_url", "active")
"""The header of a CSV file. `topic` is the slug of a category's topic; a topic's row has none."""
MOST_CHANGES = 5_000
MOST_BYTES = 32 * 1024 * 1024
_LONGEST = {"name": 100, "slug": 100, "description": 10_000, "icon_url": 500}
_TRUE, _FALSE = {"true", "yes", "1", "active"}, {"false", "no", "0", "retired"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line of the file, from 1."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a line of the file would do."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A dry run: with problems nothing can be sent."""

    changes: tuple[CurationChange, ...]
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    kind: str
    topic: str
    values: Mapping[str, str | bool]


def to_csv(entries: Sequence[Entry]) -> str:
    """Each topic before its categories, as they are given; formulas are defused."""
    slugs = {entry.id: entry.columns.slug for entry in entries if entry.kind == TOPIC}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in entries:
        columns = entry.columns
        topic = "" if columns.topic_id is None else slugs[columns.topic_id]
        active = "yes" if columns.active else "no"
        texts = (topic, columns.slug, columns.name, columns.description, columns.icon_url)
        writer.writerow((entry.kind, *map(defused, texts), active))
    return out.getvalue()


def to_json(entries: Sequence[Entry]) -> str:
    """Topics with their categories inside."""
    topics: dict[UUID, dict[str, object]] = {}
    below: dict[UUID, list[dict[str, object]]] = {}
    for entry in entries:
        columns = entry.columns
        fields: dict[str, object] = {
            "slug": columns.slug,
            "name": columns.name,
            "description": columns.description,
            "active": columns.active,
        }
        if columns.topic_id is None:
            below[entry.id] = []
            topics[entry.id] = fields | {"icon_url": columns.icon_url, "categories": below[entry.id]}
        else:
            below[columns.topic_id].append(fields)
    return json.dumps({"topics": list(topics.values())}, ensure_ascii=False, indent=2) + "\n"


def plan(source: bytes, entries: Sequence[Entry]) -> Plan:
    """What a file would do to what is there: CSV, or JSON where its first sign is a bracket."""
    if len(source) > MOST_BYTES:
        return _failed(1, f"The file is larger than {MOST_BYTES // 1024 // 1024} MB")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _failed(source[: error.start].count(b"\n") + 1, "This is no UTF-8 text")
    problems: list[Problem] = []
    if text.lstrip()[:1] in ("{", "["):
        rows = list(_json_rows(text, problems))
    else:
        rows = list(_csv_rows(text, problems))
    return _planned(rows, problems, entries)


def _failed(line: int, words: str) -> Plan:
    return Plan((), (), (Problem(line, words),), 0)


# CSV


def _csv_rows(text: str, problems: list[Problem]) -> Iterator[_Row]:
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not names:
                names = [cell.strip().lower() for cell in cells]
                problem = _header_problem(names)
                if problem:
                    problems.append(Problem(line, problem))
                    return
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                problems.append(Problem(line, f"{len(cells)} cells where the header has {len(names)}"))
                continue
            found = dict(zip(names, (armed(cell).strip() for cell in cells), strict=True))
            row = _csv_row(line, found, problems)
            if row is not None:
                yield row
    except csv.Error as error:
        problems.append(Problem(before + 1, f"This is no CSV: {error}"))


def _header_problem(names: list[str]) -> str:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        return f"Unknown column “{unknown[0][:40]}”; these are known: {', '.join(COLUMNS)}"
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        return f"The column “{twice}” stands there twice"
    lacking = [name for name in ("kind", "name") if name not in names]
    return f"The column “{lacking[0]}” is missing" if lacking else ""


def _csv_row(line: int, found: dict[str, str], problems: list[Problem]) -> _Row | None:
    kind = found.pop("kind").lower()
    topic = found.pop("topic", "")
    if kind not in (TOPIC, CATEGORY):
        problems.append(Problem(line, f"“{kind[:40]}” is no kind: topic or category"))
        return None
    values: dict[str, str | bool] = dict(found)
    active = found.get("active", "").lower()
    values.pop("active", None)
    if active in _TRUE | _FALSE:
        values["active"] = active in _TRUE
    elif active:
        problems.append(Problem(line, f"“{active[:40]}” is no yes or no"))
        return None
    return _Row(line, kind, topic, values)


# JSON


def _json_rows(text: str, problems: list[Problem]) -> Iterator[_Row]:
    try:
        document = read(text)
    except BrokenDocument as error:
        problems.extend(Problem(each.line, each.message) for each in error.problems)
        return
    places = PositionIndex(text)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def line_of(offset: int | None) -> int:
        return bisect_right(starts, offset or 0)

    root = places.root
    topics = document.get("topics") if isinstance(document, dict) else None
    if not isinstance(topics, list) or root is None or not isinstance(document, dict) or len(document) > 1:
        problems.append(Problem(1, "The file holds one object with a list “topics”"))
        return
    listed = next(child for child in places.children(root) if child.token in {"topics"}).start
    for topic, place in zip(topics, _elements(places, listed), strict=True):
        line = line_of(place)
        row = _json_row(line, TOPIC, "", topic, problems)
        if row is None or not isinstance(topic, dict):
            continue
        yield row
        below = topic.get("categories", [])
        if not isinstance(below, list):
            problems.append(Problem(line, "“categories” is a list"))
            continue
        if not below:
            continue
        member = next(child for child in places.children(place) if child.token in {"categories"}).start
        slug = str(row.values.get("slug") or slug_of(str(row.values.get("name", ""))))
        for category, at in zip(below, _elements(places, member), strict=True):
            inner = _json_row(line_of(at), CATEGORY, slug, category, problems)
            if inner is not None:
                yield inner


def _elements(places: PositionIndex, at: int | None) -> list[int]:
    return [child.start or 0 for child in places.children(at or 0)]


def _json_row(line: int, kind: str, topic: str, found: object, problems: list[Problem]) -> _Row | None:
    if not isinstance(found, dict):
        problems.append(Problem(line, f"A {kind} is an object"))
        return None
    known = {"slug", "name", "description", "active"} | (
        {"icon_url", "categories"} if kind == TOPIC else set()
    )
    values: dict[str, str | bool] = {}
    for name, value in found.items():
        if name not in known:
            problems.append(Problem(line, f"Unknown field “{name[:40]}” of a {kind}"))
            return None
        if name == "categories":
            continue
        if not isinstance(value, bool if name == "active" else str):
            problems.append(Problem(line, f"“{name}” is {'true or false' if name == 'active' else 'a text'}"))
            return None
        values[name] = value if isinstance(value, bool) else str(value).strip()
    return _Row(line, kind, topic, values)


# The dry run


def _planned(rows: list[_Row], problems: list[Problem], entries: Sequence[Entry]) -> Plan:
    topics = {entry.columns.slug: entry for entry in entries if entry.kind == TOPIC}
    ids = {slug: entry.id for slug, entry in topics.items()}
    known = {("", slug): entry for slug, entry in topics.items()}
    slugs = {entry.id: slug for slug, entry in topics.items()}
    for entry in entries:
        if entry.columns.topic_id is not None:
            known[slugs[entry.columns.topic_id], entry.columns.slug] = entry
    changes: list[CurationChange] = []
    steps: list[Step] = []
    seen: dict[tuple[str, str], int] = {}
    unchanged = 0
    # Topics first: a category may stand above its topic in the file.
    for row in sorted(rows, key=lambda each: each.kind != TOPIC):
        name = str(row.values.get("name", ""))
        slug = str(row.values.get("slug") or slug_of(name))
        key = (row.topic, slug)
        words = _row_problem(row, name, slug, ids)
        if not words and key in seen:
            words = f"“{slug}” stands in line {seen[key]} already"
        if words:
            problems.append(Problem(row.line, words))
            continue
        seen[key] = row.line
        held = known.get(key)
        if held is None:
            id = uuid4()
            columns = Columns(name, slug, "", active=True, topic_id=ids[row.topic] if row.topic else None)
            changes.append(created(row.kind, id, _with(columns, row)))
            steps.append(Step(row.line, f"Create {row.kind} “{name}”"))
            if row.kind == TOPIC:
                ids[slug] = id
            continue
        change = edited(held, _with(held.columns, row))
        if change is None:
            unchanged += 1
            continue
        changes.append(change)
        steps.append(Step(row.line, f"Edit {row.kind} “{held.columns.name}”: {_columns_of(change)}"))
    if len(changes) > MOST_CHANGES:
        problems.append(
            Problem(1, f"{len(changes):,} changes: a file makes at most {MOST_CHANGES:,} at once")
        )
    return Plan(
        () if problems else tuple(changes),
        tuple(sorted(steps, key=lambda each: each.line)),
        tuple(sorted(problems, key=lambda each: each.line)),
        unchanged,
    )


def _row_problem(row: _Row, name: str, slug: str, topics: Mapping[str, UUID]) -> str:
    if not name:
        return "A name is needed"
    for column, longest in _LONGEST.items():
        value = row.values.get(column, "")
        if isinstance(value, str) and len(value) > longest:
            return f"The {column} has more than {longest:,} characters"
    if row.kind == CATEGORY and row.topic not in topics:
        return f"There is no topic “{row.topic[:100]}”" if row.topic else "A category names its topic"
    if row.kind == TOPIC and row.topic:
        return "A topic stands in no other topic"
    icon = str(row.values.get("icon_url", ""))
    if icon and row.kind == CATEGORY:
        return "A category has no icon"
    if icon and not icon.lower().startswith(("http://", "https://")):
        return "An icon is an http or https address"
    problem = slug_problem(slug)
    return f"The slug “{slug[:60]}”: {problem[0].lower()}{problem[1:]}" if problem else ""


def _with(columns: Columns, row: _Row) -> Columns:
    values: dict[str, Any] = {name: value for name, value in row.values.items() if name != "slug"}
    if row.kind == CATEGORY:
        values.pop("icon_url", None)
    return replace(columns, **values)


def _columns_of(change: CurationChange) -> str:
    named = {
        "name": change.name,
        "description": change.description,
        "icon": change.icon_url,
        "active": change.active,
    }
    return ", ".join(name for name, value in named.items() if value is not None)
