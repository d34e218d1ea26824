"""Near-duplicate topics: what is found, in which order, and why it is said to be like."""

from __future__ import annotations

from uuid import UUID

import pytest

from console.domain.curation import Topic
from console.domain.slugs import slug_of
from console.services.likeness import TopicIndex

NAMES = (
    "Crème brûlée",
    "Sea stories",
    "Ancient cities",
    "Time travel",
    "Haunted houses",
    "Detectives",
    "Bus",
    "Glass",
    "Outer space operas",
)
DESCRIBED = "Crews far from home who trade, feud and sing between the stars of a quiet galaxy."


def topic(number: int, name: str, description: str = "", slug: str = "") -> Topic:
    return Topic(UUID(int=number), name, slug or slug_of(name), description, True, 0, 0)


TOPICS = [topic(n, name, DESCRIBED if name.startswith("Outer") else "") for n, name in enumerate(NAMES)]
INDEX = TopicIndex([*TOPICS, topic(99, "Kitchen tales", slug="cooking")])


@pytest.mark.parametrize(
    ("asked", "first", "reason"),
    [
        ("Sea stories", "Sea stories", "The same name"),
        ("SEA  Stories!", "Sea stories", "The same but for case or punctuation"),
        ("Creme brulee", "Crème brûlée", "The same but for accents"),
        ("Stories: sea", "Sea stories", "The same words in another order"),
        ("sea story", "Sea stories", "The same in singular and plural"),
        ("City, ancient", "Ancient cities", "The same in singular and plural"),
        ("Detective", "Detectives", "The same in singular and plural"),
        ("Buses", "Bus", "The same in singular and plural"),
        ("Cooking", "Kitchen tales", "The same slug"),
        ("Hunted houses", "Haunted houses", "Spelt alike (96 %)"),
        ("Travel", "Time travel", "A part of its name"),
        ("Glass houses at sea", "Glass", "It is a part of this name"),
    ],
)
def test_the_best_is_first_and_says_why(asked: str, first: str, reason: str) -> None:
    found = INDEX.like(asked)
    assert (found[0].topic.name, found[0].reason) == (first, reason)


def test_a_description_alone_is_enough() -> None:
    told = "Crews far from home that trade, feud and sing between the stars of a quiet galaxy"
    found = INDEX.like("Voidsong", told)
    assert [each.topic.name for each in found] == ["Outer space operas"]
    assert found[0].reason.startswith("Described alike (9")
    assert INDEX.like("Voidsong", "A quiet galaxy") == ()


@pytest.mark.parametrize("asked", ["Gardening", "Zebra", "", "  ", "!?", "海"])
def test_what_is_like_nothing_finds_nothing(asked: str) -> None:
    assert INDEX.like(asked) == ()


def test_a_topic_is_not_like_itself_and_the_nearer_goes_before() -> None:
    assert INDEX.like("Sea stories", but=UUID(int=1)) == ()
    near = TopicIndex([topic(1, "Seas"), topic(2, "Sea"), topic(3, "Séa"), topic(4, "Sea life")])
    assert [each.topic.name for each in near.like("Sea")] == ["Sea", "Séa", "Seas", "Sea life"]
    assert len(near.like("Sea", limit=2)) == 2
