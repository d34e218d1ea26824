"""What is typed and not saved: it lies in the journal within a second, and is offered again later."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from console.bible.diff import content, diff
from console.bible.reading import BrokenDocument, read
from console.bible.schema import AnnotatedSchema
from console.bible.values import Json
from console.domain.documents import DocumentSave
from console.domain.subjects import Subject
from console.runtime.tasks import Tasks
from console.services.documents import Draft, Drafts
from console.ui.bible.comparing import Comparing
from console.ui.bible.open_document import Base, OpenDocument
from console.ui.bible.workspace import Editor, Workspace
from console.ui.theme.words import shortened, since

if TYPE_CHECKING:
    from console.ui.bible.presenter import Bibles, BibleServices

DRAFT_SECONDS: Final = 0.4
"""Between two drafts while keys come: what is typed is on disk within a second of the last one."""


class Drafting:
    """Keeps the draft of the open document, and what was refused of it, until it is saved or thrown away."""

    def __init__(
        self,
        bibles: Bibles,
        comparing: Comparing,
        services: BibleServices,
        schema: AnnotatedSchema,
        workspace: Workspace,
        editor: Editor,
        tasks: Tasks,
    ) -> None:
        self._bibles, self._comparing, self._services = bibles, comparing, services
        self._schema, self._workspace, self._editor, self._tasks = schema, workspace, editor, tasks
        self._drafts = Drafts(services.journal)
        self._keeping: asyncio.Task[None] | None = None
        editor.edited.connect(self._edited)

    # -- what there is

    async def rows(self) -> list[tuple[str, str]]:
        """The drafts of every document: a key, and words for it."""
        return [
            (
                f"{subject.kind} {subject.id}",
                f"{shortened(draft.title)} · made from {_of(draft)} · {since(draft.at)}"
                + (" · in another window of yours" if elsewhere else ""),
            )
            for subject, draft, elsewhere in await self._drafts.all()
        ]

    async def find(self, subject: Subject) -> Draft | None:
        """The draft of a document, or else the last save of it that was refused."""
        return await self._drafts.find(subject) or await self._refused(subject)

    async def _refused(self, subject: Subject) -> Draft | None:
        """A save that was refused after its draft had gone (a failover lost it, another came first)."""
        for entry in reversed(await self._services.journal.refusals()):
            work = entry.work
            if isinstance(work, DocumentSave) and work.subject == subject:
                return Draft(work.title, work.base, entry.at, work.text)
        return None

    # -- taken up, or thrown away

    async def offer(self, document: OpenDocument, draft: Draft) -> None:
        """A draft lies in the journal: take it up, or throw it away; it cannot be typed over unseen."""
        document.kept = draft.text
        same = await asyncio.to_thread(self._says, draft.text, document.base.document)
        if same:
            await self._forget(document)
            return
        document.offered = True
        self._editor.set_read_only(True, "Read only until you choose")
        self._workspace.banner.tell(
            f"You typed something that was not saved, {since(draft.at)}. It was made from {_of(draft)}.",
            (
                ("Continue", lambda: self._spawn(self._continue(document, draft), "take up the draft")),
                ("What differs", lambda: self._comparing.compare_texts(document, draft)),
                ("Discard", lambda: self._spawn(self._discard(document), "discard the draft")),
            ),
        )
        self._workspace.banner.focus_first()

    def _says(self, text: str, document: Json) -> bool:
        try:
            return not content(diff(document, read(text), self._schema), self._schema)
        except BrokenDocument:
            return False

    async def _continue(self, document: OpenDocument, draft: Draft) -> None:
        stored = document.stored(draft.base)
        base = Base(draft.base, await document.shelf.version(stored))
        document.offered, document.decisions = False, draft.decisions
        # A draft of its own first; then what was refused is kept twice for a moment, never not at all.
        await self._drafts.keep(document.subject, draft)
        await self._dismiss_refused(document.subject)
        self._workspace.banner.clear()
        self._editor.set_read_only(False, "")
        self._bibles.put(
            base, await self._bibles.written(base.document) if stored else "", draft.text, new=True
        )
        self._workspace.note.setText(draft.note)
        self._bibles.show_editor()
        self._bibles.tell_newer()

    async def _discard(self, document: OpenDocument) -> None:
        document.offered = False
        await self._forget(document)
        self._workspace.banner.clear()
        self._editor.set_read_only(False, "")
        self._bibles.show_editor()
        self._bibles.tell_state()

    async def _forget(self, document: OpenDocument) -> None:
        """Drop the draft, and what was refused of this document."""
        document.kept = ""
        await self._drafts.drop(document.subject)
        await self._dismiss_refused(document.subject)

    async def _dismiss_refused(self, subject: Subject) -> None:
        for entry in await self._services.journal.refusals():
            if isinstance(entry.work, DocumentSave) and entry.work.subject == subject:
                await self.dismiss(entry.id)

    # -- kept

    def _edited(self) -> None:
        if self._bibles.document is None or self._bibles.document.offered:
            return
        self._workspace.state("Unsaved changes", "notable")
        if self._keeping is None or self._keeping.done():
            self._keeping = self._spawn(self._keep_soon(), "keep the draft")

    async def _keep_soon(self) -> None:
        await asyncio.sleep(DRAFT_SECONDS)
        await self.keep()

    async def keep(self) -> None:
        """Write what is in the editor to the journal, or drop the draft when it is nothing new."""
        document = self._bibles.document
        while document is not None and document is self._bibles.document and not document.offered:
            text = self._editor.text()
            if text == document.clean:
                if document.kept:
                    await self._drafts.drop(document.subject)
                document.kept = ""
            elif text != document.kept:
                await self._drafts.keep(document.subject, self._draft(document, text))
                document.kept = text
            if text == self._editor.text():
                self._bibles.tell_state()
                return
            await asyncio.sleep(DRAFT_SECONDS)

    async def keep_answers(self) -> None:
        """Write the answers given while merging beside the draft."""
        document = self._bibles.document
        if document is not None and document.kept:
            await self._drafts.keep(document.subject, self._draft(document, document.kept))

    def _draft(self, document: OpenDocument, text: str) -> Draft:
        title, base = document.history.title, document.base.number
        return Draft(title, base, datetime.now(UTC), text, document.decisions, self._workspace.note.text())

    async def flush(self) -> None:
        """Let nothing that is typed wait in memory."""
        if self._keeping is not None and not self._keeping.done():
            self._keeping.cancel()
            await self.keep()

    async def drop(self, document: OpenDocument, text: str) -> None:
        """It was saved after it was left: its draft goes, unless more was typed there by now."""
        draft = await self._drafts.find(document.subject)
        if draft is not None and draft.text == text:
            await self._drafts.drop(document.subject)

    async def dismiss(self, id: UUID) -> None:
        """What was refused is in the person's hands: the list of what was refused need not keep it."""
        await self._services.journal.dismiss(id)
        self._services.dismissed()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return self._tasks.spawn(work, name, self._bibles)


def subject_of(key: str) -> Subject:
    """The document that a row's key stands for."""
    kind, _, id = key.partition(" ")
    return Subject(kind, UUID(id))


def _of(draft: Draft) -> str:
    return f"version {draft.base}" if draft.base else "no earlier version"
