"""Work on a document that is kept in versions: drafts that survive, and what each version changed."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from console.bible.blame import Attribution, Blame
from console.bible.conflicts import Decision
from console.bible.diff import Change, content, diff
from console.bible.reading import read
from console.bible.schema import AnnotatedSchema
from console.bible.values import ABSENT, Json
from console.bible.writing import arrange
from console.domain.documents import DocumentVersion
from console.domain.subjects import Subject
from console.services.ports import Documents, Journal

KEPT: Final = 3
"""Parsed versions that are kept: base, the newest, and one that is compared. 1 MB of text is 10 MB parsed."""


_PREFIX: Final = "document:"


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed and not saved: the text, the version it was made from, and when it was kept.

    `decisions` are answers to conflicts that were given while it was being merged, `note` is why it is to be
    saved.
    """

    title: str
    base: int
    at: datetime
    text: str
    decisions: tuple[Decision, ...] = ()
    note: str = ""


class Drafts:
    """Keeps one draft of this console for each document in the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def keep(self, subject: Subject, draft: Draft) -> None:
        """Keep it in place of the one before; returns once it is on disk."""
        head = {"title": draft.title, "base": draft.base, "at": draft.at.isoformat(), "note": draft.note}
        answers = [_told(decision) for decision in draft.decisions]
        # The text stands as it is below the head: nothing has to walk through megabytes at each pause.
        await self._journal.save_draft(
            _key(subject), f"{json.dumps({**head, 'answers': answers})}\n{draft.text}"
        )

    async def find(self, subject: Subject) -> Draft | None:
        """The draft of a document, if there is one."""
        kept = await self._journal.draft(_key(subject))
        return None if kept is None else _read(kept)

    async def all(self) -> list[tuple[Subject, Draft, bool]]:
        """Every draft, without its text, the latest first, and whether another living console has it."""
        found = []
        for kept in await self._journal.drafts(_PREFIX):
            _, kind, id = kept.key.split(":")
            found.append((Subject(kind, UUID(id)), _read(kept.line), kept.elsewhere))
        return sorted(found, key=lambda each: each[1].at, reverse=True)

    async def drop(self, subject: Subject) -> None:
        """It was saved, or is not wanted any more."""
        await self._journal.save_draft(_key(subject), None)


def _key(subject: Subject) -> str:
    return f"{_PREFIX}{subject.kind}:{subject.id}"


def _told(decision: Decision) -> dict[str, Any]:
    told = {"digest": decision.digest, "choice": decision.choice, "new_key": dict(decision.new_key)}
    return told if decision.value is ABSENT else {**told, "value": decision.value}


def _read(kept: str) -> Draft:
    head, _, text = kept.partition("\n")
    fields = json.loads(head)
    answers = tuple(
        Decision(each["digest"], each["choice"], each.get("value", ABSENT), each["new_key"])
        for each in fields["answers"]
    )
    at = datetime.fromisoformat(fields["at"])
    return Draft(fields["title"], fields["base"], at, text, answers, fields["note"])


class Shelf:
    """The versions of one document as they are asked for; the last few stay at hand."""

    def __init__(self, documents: Documents, subject: Subject, schema: AnnotatedSchema) -> None:
        self._documents, self._subject, self._schema = documents, subject, schema
        self._kept: OrderedDict[int, Json] = OrderedDict()

    async def version(self, number: int) -> Json:
        """One version, read and parsed aside; version 0, before the first, is an empty object."""
        if number == 0:
            return {}
        if number not in self._kept:
            text = await self._documents.document(self._subject, number)
            self._kept[number] = await asyncio.to_thread(self._read, text)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return self._kept[number]

    def _read(self, text: str) -> Json:
        # In the schema's order, which jsonb forgets: changes are told in the document's.
        return arrange(read(text), self._schema.root)


class Story:
    """What each version changed and who wrote what, found by walking the whole history once, aside.

    Attributes: `changes` has what each version that was walked changed in the one before; `blame` who wrote
    each field, None before the first step.
    """

    def __init__(self, documents: Documents, subject: Subject, schema: AnnotatedSchema) -> None:
        self._documents, self._subject, self._schema = documents, subject, schema
        self.changes: dict[int, tuple[Change, ...]] = {}
        self.blame: Blame[DocumentVersion] | None = None
        self.document: Json = {}
        self._last = 0

    async def step(self, version: DocumentVersion) -> bool:
        """Walk on to a version; False when it has been walked. They come in their order, oldest first."""
        if version.version <= self._last:
            return False
        text = await self._documents.document(self._subject, version.version)
        self.document = await asyncio.to_thread(self._walk, text, version)
        self._last = version.version
        return True

    def _walk(self, text: str, version: DocumentVersion) -> Json:
        document = read(text)
        if self.blame is None:
            self.blame = Blame(version)
            self.changes[version.version] = ()
        else:
            found = content(diff(self.document, document, self._schema), self._schema)
            self.blame.take(found, version)
            self.changes[version.version] = tuple(found)
        return document

    def authors(
        self, changes: Sequence[Change], after: int, versions: Sequence[DocumentVersion]
    ) -> list[DocumentVersion | None]:
        """Which version made each of the changes from version `after` to the last of `versions`."""
        found: Attribution[DocumentVersion] = Attribution(changes)
        for version in sorted(versions, key=lambda each: each.version):
            if version.version > after and version.version in self.changes:
                found.take(self.changes[version.version], version)
        return found.authors
