"""Topics in their order, each with the categories that were read, and which of them a filter leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from console.domain.curation import CATEGORY, TOPIC, Category, Topic


class Outline:
    """Attributes: `shown`, the ids of the topics that are shown, in order.

    Only the tree changes it: it tells its views.
    """

    def __init__(self) -> None:
        self.shown: list[UUID] = []
        self._topics: dict[UUID, Topic] = {}
        self._below: dict[UUID, list[Category]] = {}
        self._matches: dict[UUID, list[Category]] | None = None
        self._rows: dict[UUID, int] = {}
        self._topic_of: dict[UUID, UUID] = {}

    # What is known

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic, in order."""
        return tuple(self._topics.values())

    @property
    def narrowed(self) -> bool:
        """Whether a filter hides some."""
        return self._matches is not None

    def topic(self, id: UUID) -> Topic | None:
        """The topic of this id."""
        return self._topics.get(id)

    def known(self, topic: UUID) -> Sequence[Category] | None:
        """All categories of a topic; None while they were not read."""
        return self._below.get(topic)

    def read(self) -> tuple[UUID, ...]:
        """The topics whose categories were read."""
        return tuple(self._below)

    def same_rows(self, topics: Sequence[Topic], below: Mapping[UUID, list[Category]]) -> bool:
        """Whether these stand in the rows that are shown now."""
        same = [topic.id for topic in topics] == list(self._topics) and not self.narrowed
        return same and all(
            [each.id for each in below.get(topic, ())] == [each.id for each in known]
            for topic, known in self._below.items()
        )

    # What is shown

    def topic_at(self, row: int) -> Topic:
        """The topic in a row."""
        return self._topics[self.shown[row]]

    def children(self, topic: UUID) -> list[Category]:
        """The categories that are shown below a topic."""
        if self._matches is not None and topic in self._matches:
            return self._matches[topic]
        return self._below.get(topic, [])

    def shown_in_part(self, topic: UUID) -> bool:
        """Whether a topic is shown for its matching categories alone."""
        return self._matches is not None and topic in self._matches

    def row(self, topic: UUID) -> int | None:
        """The row of a topic; None where it is not shown."""
        return self._rows.get(topic)

    def rows(self, category: UUID) -> tuple[int, int] | None:
        """The row of a category's topic, and its own below that; None where it is not shown."""
        topic = self._topic_of.get(category)
        above = None if topic is None else self._rows.get(topic)
        if topic is None or above is None:
            return None
        found = (row for row, each in enumerate(self.children(topic)) if each.id == category)
        row = next(found, None)
        return None if row is None else (above, row)

    # Changes

    def fill(self, topics: Sequence[Topic], below: Mapping[UUID, list[Category]]) -> None:
        """Hold these alone and show them all."""
        self._topics = {topic.id: topic for topic in topics}
        self._below = dict(below)
        for children in below.values():
            self._know(children)
        self._matches = None
        self._show(self._topics)

    def set_categories(self, topic: UUID, categories: Sequence[Category]) -> None:
        """Hold these categories of a topic alone."""
        self._below[topic] = list(categories)
        self._know(categories)

    def narrow(self, topics: Iterable[UUID] | None, matches: Mapping[UUID, list[Category]]) -> None:
        """Show these topics whole, and of the others those that have one of the matching categories.

        None shows everything again.
        """
        if topics is None:
            self._matches = None
            self._show(self._topics)
            return
        whole = set(topics)
        self._matches = {id: list(found) for id, found in matches.items() if id not in whole}
        self._show([id for id in self._topics if id in whole or id in self._matches])
        for children in self._matches.values():
            self._know(children)

    def move_topic(self, row: int, target: int) -> None:
        """Let the topic in one row stand in another; nothing is narrowed."""
        order = list(self._topics)
        order.insert(target, order.pop(row))
        self._topics = {each: self._topics[each] for each in order}
        self._show(order)

    def move_category(self, topic: UUID, row: int, target: int) -> None:
        """Let the category in one row below a topic stand in another; nothing is narrowed."""
        below = self.children(topic)
        below.insert(target, below.pop(row))

    def _show(self, ids: Iterable[UUID]) -> None:
        self.shown = list(ids)
        self._rows = {id: row for row, id in enumerate(self.shown)}

    def _know(self, categories: Iterable[Category]) -> None:
        self._topic_of.update((category.id, category.topic_id) for category in categories)


def kind_of(entry: Topic | Category) -> str:
    """The kind of subject that an entry is."""
    return TOPIC if isinstance(entry, Topic) else CATEGORY
