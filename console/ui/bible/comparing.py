"""Comparing versions with each other, and with what is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from console.bible.diff import Change, content, diff
from console.bible.reading import BrokenDocument, read
from console.bible.schema import AnnotatedSchema
from console.bible.values import Json
from console.domain.documents import DocumentVersion
from console.domain.errors import GreenroomError
from console.runtime.tasks import Tasks
from console.services.documents import Draft
from console.ui.bible.history import made_by, told
from console.ui.bible.open_document import OpenDocument
from console.ui.bible.workspace import Editor, Workspace
from console.ui.theme.words import ago

if TYPE_CHECKING:
    from console.ui.bible.presenter import Bibles

Documents = tuple[Json, Json]


class Comparing:
    """Fills the comparison. `before` is the earlier version that it shows, None where it is none."""

    def __init__(
        self, bibles: Bibles, schema: AnnotatedSchema, workspace: Workspace, editor: Editor, tasks: Tasks
    ) -> None:
        self._bibles, self._schema = bibles, schema
        self._workspace, self._editor, self._tasks = workspace, editor, tasks
        self._running: asyncio.Task[None] | None = None
        self.before: int | None = None

    def compare(self, older: int, newer: int) -> None:
        """Show what lies between two versions; 0 is before the first."""
        if (document := self._bibles.document) is None:
            return

        async def both() -> Documents:
            return await document.shelf.version(older), await document.shelf.version(newer)

        def authors(changes: Sequence[Change]) -> list[str]:
            versions = document.history.versions
            spanned = [each for each in versions if older < each.version <= newer]
            if len(spanned) < 2:
                return []
            return [_by(each) for each in document.story.authors(changes, older, spanned)]

        title = f"{self._name(document, older)} → {self._name(document, newer)}"
        self._start(title, both, authors, older if older else None)

    def compare_with_text(self, version: int) -> None:
        """Show what differs between a version and what is in the editor."""
        if (document := self._bibles.document) is None:
            return
        text = self._editor.text()

        async def both() -> Documents:
            return await document.shelf.version(version), await asyncio.to_thread(read, text)

        self._start(f"{self._name(document, version)} → what is in the editor", both, _nobody, version)

    def compare_texts(self, document: OpenDocument, draft: Draft) -> None:
        """Show what a draft says otherwise than the version that it was made from."""
        stored = document.stored(draft.base)

        async def both() -> Documents:
            return await document.shelf.version(stored), await asyncio.to_thread(read, draft.text)

        self._start(f"{self._name(document, stored)} → your draft", both, _nobody, None)

    def _start(
        self,
        title: str,
        both: Callable[[], Coroutine[Any, Any, Documents]],
        authors: Callable[[Sequence[Change]], list[str]],
        before: int | None,
    ) -> None:
        if self._running is not None:
            self._running.cancel()
        self.before = before
        view = self._workspace.comparison
        view.offer_restore(f"Saves a new version in which this is as in version {before}" if before else "")
        view.wait(title)
        self._workspace.show_comparison()
        work = self._compare(title, both, authors)
        self._running = self._tasks.spawn(work, "compare versions", self._workspace)

    async def _compare(
        self,
        title: str,
        both: Callable[[], Coroutine[Any, Any, Documents]],
        authors: Callable[[Sequence[Change]], list[str]],
    ) -> None:
        view = self._workspace.comparison
        try:
            documents = await both()
        except BrokenDocument as broken:
            view.fail("The text is not JSON yet", f"{broken}. Mend it, then compare.")
            return
        except GreenroomError as error:
            view.fail("The versions cannot be compared", f"{error}. {error.remedy}".strip())
            return
        changes, by = await asyncio.to_thread(self._differences, documents, authors)
        await view.compare(title, documents, changes, by)

    def _differences(
        self, documents: Documents, authors: Callable[[Sequence[Change]], list[str]]
    ) -> tuple[list[Change], list[str]]:
        changes = content(diff(*documents, self._schema), self._schema)
        return changes, authors(changes)

    @staticmethod
    def _name(document: OpenDocument, number: int) -> str:
        known = next((each for each in document.history.versions if each.version == number), None)
        name = told(known) if known is not None else "nothing"
        return f"{name[0].upper()}{name[1:]}"


def _nobody(_changes: Sequence[Change]) -> list[str]:
    return []


def _by(version: DocumentVersion | None) -> str:
    if version is None:
        return ""
    return f"{made_by(version)} · version {version.version} · {ago(version.saved_at)}"
