"""Files of topics and categories: what they hold comes back, what is wrong is named by its line."""

from __future__ import annotations

import csv
import io
import json
from uuid import UUID

import pytest

from console.domain.curation import CATEGORY, TOPIC, Act, Columns, Entry
from console.services.catalogue_files import MOST_CHANGES, Plan, plan, to_csv, to_json

SEA, LAND = UUID(int=1), UUID(int=2)
ENTRIES = (
    Entry(
        TOPIC, SEA, "v1", Columns("Sea", "sea", "Salt water", active=True, icon_url="https://a.example/i.png")
    ),
    Entry(CATEGORY, UUID(int=11), "v2", Columns("Tides", "tides", "", active=False, topic_id=SEA)),
    Entry(TOPIC, LAND, "v3", Columns('=HYPERLINK("x")', "land", "-1\nsecond line, “quoted”", active=True)),
    Entry(CATEGORY, UUID(int=21), "v4", Columns("'=kept", "kept", "@x", active=True, topic_id=LAND)),
)


def csv_plan(*lines: str) -> Plan:
    return plan("\n".join(lines).encode(), ENTRIES)


def told(found: Plan) -> list[tuple[int, str]]:
    return [(each.line, each.words) for each in found.problems]


@pytest.mark.parametrize("write", [to_csv, to_json])
def test_what_was_written_changes_nothing_when_it_is_read(write: object) -> None:
    text = write(ENTRIES)  # type: ignore[operator]
    found = plan(text.encode(), ENTRIES)
    assert found == Plan((), (), (), 4)
    # A spreadsheet writes its own mark before the text.
    assert plan(b"\xef\xbb\xbf" + text.encode(), ENTRIES) == found


def test_no_cell_begins_with_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(ENTRIES))))
    assert rows[0] == ["kind", "topic", "slug", "name", "description", "icon_url", "active"]
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]


@pytest.mark.parametrize("write", [to_csv, to_json])
def test_into_nothing_everything_is_made_topics_first(write: object) -> None:
    text = write(ENTRIES)  # type: ignore[operator]
    found = plan(text.encode(), ())
    assert not found.problems
    assert [(each.act, each.kind, each.name) for each in found.changes] == [
        (Act.CREATE, TOPIC, "Sea"),
        (Act.CREATE, TOPIC, '=HYPERLINK("x")'),
        (Act.CREATE, CATEGORY, "Tides"),
        (Act.CREATE, CATEGORY, "'=kept"),
    ]
    assert found.changes[2].topic_id == found.changes[0].id
    assert found.changes[2].active is False
    assert found.changes[1].description == "-1\nsecond line, “quoted”"


def test_a_file_changes_what_it_names_and_leaves_the_rest() -> None:
    found = csv_plan("kind;name;slug;topic", "topic;Seas;sea;", "category;Tides;;sea", "category;Waves;;sea")
    assert not found.problems
    assert found.unchanged == 1
    edit, create = found.changes
    assert (edit.act, edit.id, edit.version, edit.name, edit.description) == (
        Act.EDIT,
        SEA,
        "v1",
        "Seas",
        None,
    )
    assert (create.name, create.slug, create.topic_id) == ("Waves", "waves", SEA)
    assert [(step.line, step.words) for step in found.steps] == [
        (2, "Edit topic “Sea”: name"),
        (4, "Create category “Waves”"),
    ]


def test_every_mistake_is_named_by_its_line() -> None:
    found = csv_plan(
        "kind,topic,slug,name,description,icon_url,active",
        "topic,,,Fire,,,perhaps",
        "house,,,Fire,,,",
        "topic,,,,,,",
        'category,sea,,"two',
        'lines",x,y,',
        "category,nowhere,,Coal,,,",
        "category,,,Coal,,,",
        "topic,sea,,Coal,,,",
        "topic,,Bad Slug,Coal,,,",
        f"topic,,,{'x' * 101},,,",
        "topic,,,Coal,,javascript:x,",
        "topic,,sea,Sea,,,",
        "topic,,sea,Seas,,,",
        "topic,,short",
        "",
        "topic,,fine,Fine,,,yes",
    )
    assert [line for line, _ in told(found)] == [2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 14, 15]
    words = dict(told(found))
    assert words[2] == "“perhaps” is no yes or no"
    assert words[4] == "A name is needed"
    assert words[5] == "A category has no icon"
    assert words[7] == "There is no topic “nowhere”"
    assert words[14] == "“sea” stands in line 13 already"
    assert words[15] == "3 cells where the header has 7"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"kind,colour\n", "Unknown column “colour”"),
        (b"kind,name,name\n", "twice"),
        (b"slug,name\n", "“kind” is missing"),
        (b'kind,name\ntopic,"open', "This is no CSV"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"{", ""),
        (b'{"topics": [],}', ""),
        (b'{"topics": {}}', "a list “topics”"),
        (b"[]", "a list “topics”"),
        (b'{"topics": [1]}', "A topic is an object"),
        (b'{"topics": [{"name": 1}]}', "“name” is a text"),
        (b'{"topics": [{"name": "x", "color": "y"}]}', "Unknown field “color”"),
        (b'{"topics": [{"name": "x", "active": "yes"}]}', "true or false"),
        (b'{"topics": [{"name": "x", "categories": {}}]}', "“categories” is a list"),
    ],
)
def test_a_file_of_another_kind_is_told(source: bytes, words: str) -> None:
    found = plan(source, ENTRIES)
    assert len(found.problems) == 1
    assert words in found.problems[0].words
    assert found.changes == ()


def test_a_mistake_in_json_is_named_by_its_line() -> None:
    text = json.dumps(
        {"topics": [{"name": "A", "categories": [{"name": "B"}, {"name": ""}]}, {"name": ""}]}, indent=1
    )
    assert told(plan(text.encode(), ENTRIES)) == [(9, "A name is needed"), (14, "A name is needed")]


def test_too_many_changes_at_once_are_refused() -> None:
    lines = ["kind,name", *(f"topic,T{number}" for number in range(MOST_CHANGES + 1))]
    assert "5,001 changes" in csv_plan(*lines).problems[0].words
    assert not csv_plan(*lines[:-1]).problems
