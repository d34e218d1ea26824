"""However consoles come, die and come again, each entry is one console's, and none is lost or changed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from console.domain.servers import Position
from console.services.ports import JournalEntry
from db.journal import SqliteJournal
from tests.integration.test_journal import a_decision
from tests.support.folders import quick_folder

T = TypeVar("T")

NAMES = ("one", "other")


@dataclass
class Kept:
    """What an entry should be: `owner` is the run of the console that sees to it."""

    state: str
    owner: object
    timeline: int | None = None


class JournalMachine(RuleBasedStateMachine):
    """Two consoles of one login on one file, over many runs and several timelines."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.ending = ExitStack()
        self.path = self.ending.enter_context(quick_folder()) / "journal.sqlite3"
        self.living: dict[str, SqliteJournal] = {}
        self.kept: dict[UUID, Kept] = {}
        # By the console that has it: the living one, or None for each that ended, the newest last.
        self.drafts: list[tuple[str, object, str]] = []

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def journal(self, name: str) -> SqliteJournal:
        """The living console of that name; started, if need be."""
        if name not in self.living:
            self.living[name] = SqliteJournal(self.path)
        return self.living[name]

    def mine(self, journal: SqliteJournal) -> set[UUID]:
        """What belongs to this console or to none that lives."""
        others = [each for each in self.living.values() if each is not journal]
        return {id for id, kept in self.kept.items() if kept.owner not in others}

    @rule(name=st.sampled_from(NAMES))
    def append(self, name: str) -> None:
        journal, work = self.journal(name), a_decision()
        for _ in range(2):  # Once more changes nothing.
            self.do(journal.append(work))
        self.kept[work.id] = Kept("waiting", journal)

    @precondition(lambda self: self.living)
    @rule(name=st.sampled_from(NAMES), orderly=st.booleans())
    def end(self, name: str, orderly: bool) -> None:
        journal = self.living.pop(name, None)
        if journal is None:
            return
        if orderly:
            self.do(journal.close())
            return
        # As for a process that is killed: its files are closed, and its lease stays where it lies.
        if journal._connection is not None:
            journal._connection.close()
        if journal._lease is not None:
            journal._lease._file.close()
        journal._thread.shutdown()

    @rule(name=st.sampled_from(NAMES), data=st.data(), timeline=st.integers(1, 2), refused=st.booleans())
    def answer(self, name: str, data: st.DataObject, timeline: int, refused: bool) -> None:
        """The primary of a timeline answers an entry that this console has sent, now or before."""
        journal = self.journal(name)
        sent = [id for id, kept in self.kept.items() if kept.owner is journal and kept.state == "waiting"]
        if not sent:
            self.append(name)
            sent = [next(reversed(self.kept))]
        id = data.draw(st.sampled_from(sent))
        if refused:
            self.do(journal.refused(id, "Somebody was first"))
            self.kept[id] = Kept("refused", journal)
        else:
            self.do(journal.done(id, Position("7", timeline, 100)))
            self.kept[id] = Kept("done", journal, timeline)

    @rule(name=st.sampled_from(NAMES))
    def take_up_what_was_left(self, name: str) -> None:
        journal = self.journal(name)
        mine = self.mine(journal)
        expected = [
            id for id, kept in self.kept.items() if id in mine and kept.state in {"waiting", "refused"}
        ]
        assert _ids(self.do(journal.unsettled())) == expected
        for id in expected:
            if self.kept[id].state == "waiting":
                self.kept[id].owner = journal

    @rule(name=st.sampled_from(NAMES), timeline=st.integers(1, 2), data=st.data())
    def fail_over(self, name: str, timeline: int, data: st.DataObject) -> None:
        """Another timeline is met: some of what was answered elsewhere is there, the rest waits again."""
        journal, now = self.journal(name), Position("7", timeline, 7)
        mine = self.mine(journal)
        expected = [
            id
            for id, kept in self.kept.items()
            if id in mine and kept.state == "done" and kept.timeline != timeline
        ]
        assert _ids(self.do(journal.answered_elsewhere(now))) == expected
        there = [id for id in expected if data.draw(st.booleans())]
        lost = [id for id in expected if id not in there]
        self.do(journal.found(there, now))
        self.do(journal.reopen(lost))
        for id in expected:
            self.kept[id] = Kept("done", journal, timeline) if id in there else Kept("waiting", journal)

    @precondition(lambda self: self.kept)
    @rule(name=st.sampled_from(NAMES), data=st.data())
    def dismiss(self, name: str, data: st.DataObject) -> None:
        """Only a refusal goes."""
        id = data.draw(st.sampled_from(list(self.kept)))
        self.do(self.journal(name).dismiss(id))
        if self.kept[id].state == "refused":
            del self.kept[id]

    @rule(name=st.sampled_from(NAMES), key=st.sampled_from("ab"), text=st.text(max_size=20))
    def type_something(self, name: str, key: str, text: str) -> None:
        journal = self.journal(name)
        if not text:
            self.adopt(journal, key)
        self.do(journal.save_draft(key, text))
        self.drafts = [each for each in self.drafts if each[:2] != (key, journal)]
        if text:
            self.drafts.append((key, journal, text))

    @rule(name=st.sampled_from(NAMES), key=st.sampled_from("ab"))
    def open_what_was_typed(self, name: str, key: str) -> None:
        """One's own, else what an ended console left last: never what another window is typing."""
        journal = self.journal(name)
        self.adopt(journal, key)
        expected = [text for place, owner, text in self.drafts if (place, owner) == (key, journal)]
        assert self.do(journal.draft(key)) == (expected[0] if expected else None)
        others = [owner in self.living.values() and owner is not journal for _, owner, _ in self.drafts]
        listed = self.do(journal.drafts(""))
        assert sorted(each.elsewhere for each in listed) == sorted(others)

    def adopt(self, journal: SqliteJournal, key: str) -> None:
        if any(each[:2] == (key, journal) for each in self.drafts):
            return
        left = [each for each in self.drafts if each[0] == key and each[1] not in self.living.values()]
        if left:
            self.drafts[self.drafts.index(left[-1])] = (key, journal, left[-1][2])

    @invariant()
    def the_file_holds_what_it_should(self) -> None:
        if not self.path.exists():
            assert not self.kept
            return
        with closing(sqlite3.connect(self.path)) as file:
            rows = file.execute("SELECT id, state FROM entries ORDER BY rowid").fetchall()
            drafts = file.execute("SELECT key, text FROM drafts ORDER BY at").fetchall()
        assert [(UUID(id), state) for id, state in rows] == [
            (id, kept.state) for id, kept in self.kept.items()
        ]
        assert drafts == [(key, text) for key, _, text in self.drafts]

    def teardown(self) -> None:
        for journal in self.living.values():
            self.do(journal.close())
        self.loop.close()
        self.ending.close()


def _ids(entries: Any) -> list[UUID]:
    found: list[JournalEntry] = list(entries)
    return [entry.id for entry in found]


JournalMachine.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestJournal = JournalMachine.TestCase
