"""What others save while a bible is open: heard of by the feed, and looked for, since jobs tell nobody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from console.bible.reading import BrokenDocument, read
from console.bible.reconciling import Reconciliation, reconcile
from console.bible.schema import AnnotatedSchema
from console.bible.validation import Surroundings
from console.bible.values import Json
from console.domain.changes import ChangeBatch, Event
from console.domain.errors import GreenroomError
from console.runtime.bus import ChangeBus
from console.runtime.tasks import Tasks
from console.services.ports import Documents
from console.ui.bible.history import made_by
from console.ui.bible.open_document import Base, OpenDocument
from console.ui.bible.workspace import Editor, Workspace
from console.ui.theme.words import count_of

if TYPE_CHECKING:
    from console.ui.bible.presenter import Bibles

POLL_SECONDS: Final = 3.0
"""A job's save is known after so long; a colleague's at once."""


def who_saved(document: OpenDocument) -> str:
    """Who saved since the base: one name, or the last and how many others."""
    names = list(dict.fromkeys(made_by(each) for each in document.between(document.base.number)))
    if not names:
        return "somebody"
    return names[0] if len(names) == 1 else f"{names[0]} and {count_of(len(names) - 1, 'other')}"


class Watching:
    """Looks for newer versions until it is closed, and tells what they have to do with what is typed."""

    def __init__(
        self,
        bibles: Bibles,
        documents: Documents,
        schema: AnnotatedSchema,
        workspace: Workspace,
        editor: Editor,
        tasks: Tasks,
        bus: ChangeBus,
    ) -> None:
        self._bibles, self._documents, self._schema = bibles, documents, schema
        self._workspace, self._editor, self._tasks, self._bus = workspace, editor, tasks, bus
        self._bus.heard.connect(self._hear)
        self._looking = asyncio.Lock()
        self._poll = tasks.spawn(self._keep_looking(), "look for newer versions", workspace)

    def close(self) -> None:
        """Look no more."""
        self._bus.heard.disconnect(self._hear)
        self._poll.cancel()

    def _hear(self, batch: ChangeBatch) -> None:
        document = self._bibles.document
        if document is not None and any(
            change.event is Event.SAVED and change.subject == document.subject for change in batch.changes
        ):
            self.look_soon()

    def look_soon(self) -> None:
        """Ask at once."""
        self._tasks.spawn(self.look(), "look for a newer version", self._workspace)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            # Of hundreds of consoles only those ask whose bible is looked at.
            if self._workspace.isVisible():
                await self.look()

    async def look(self) -> None:
        """Ask once; what is newer is listed and told."""
        async with self._looking:
            document = self._bibles.document
            if document is None or document.offered or self._bibles.saving:
                return
            try:
                newest = await self._documents.newest(document.subject)
                if newest is None or newest.version <= document.known:
                    return
                history = await self._documents.history(document.subject, fresh=True)
            except GreenroomError:
                # The status line tells which server is out of reach; the next beat asks again.
                return
            if document is not self._bibles.document or self._bibles.saving:
                return
            document.history = history
            document.known = max(document.known, history.versions[0].version)
            self._editor.set_surroundings(version=max(1, document.base.number), segments=history.last_entry)
            self._bibles.show_history()
            await self._tell(document)

    def compare_with_newest(self) -> None:
        """Tell at once what is newer than the base, if anything is."""
        document = self._bibles.document
        if document is not None and document.between(document.base.number):
            self._tasks.spawn(self._tell(document), "compare with the newest version", self._workspace)

    async def _tell(self, document: OpenDocument) -> None:
        newest = document.newest
        if newest is None or not document.between(document.base.number):
            return
        theirs = await document.shelf.version(newest.version)
        if self._workspace.merging:
            # The person is deciding: merge anew, every answer whose question is the same counts.
            self._workspace.merge.rebase(theirs, who_saved(document))
            return
        text = self._editor.text()
        found = await asyncio.to_thread(self._weigh, document, text, theirs)
        if document is not self._bibles.document or document.offered:
            return
        who = who_saved(document)
        head = f"{who[0].upper()}{who[1:]} saved version {newest.version}"
        changed = ("What changed", lambda: self._bibles.compare(document.base.number, newest.version))
        if found is None:
            self._workspace.banner.tell(f"{head}. Mend the text to see whether it touches yours.", (changed,))
            return
        many = count_of(len(found.theirs), "change")
        if not self._bibles.modified:
            show = ("Show it", lambda: self._spawn_show(document, Base(document.history.base, theirs)))
            self._workspace.banner.tell(f"{head}: {many}.", (show, changed))
            return
        touching = len(found.merge.conflicts) + len(found.merge.answered)
        alone = "which does not touch yours" if len(found.theirs) == 1 else "none touch yours"
        touch = f"{touching} touching yours" if touching else alone
        merge = ("Merge now", self._bibles.merge_now)
        self._workspace.banner.tell(f"{head}: {many}, {touch}.", (merge, changed))

    def _spawn_show(self, document: OpenDocument, base: Base) -> None:
        async def show() -> None:
            clean = await self._bibles.written(base.document)
            if document is self._bibles.document and not self._bibles.modified:
                self._bibles.put(base, clean)
                self._workspace.banner.clear()
                self._bibles.show_history()
                self._bibles.show_editor()

        self._tasks.spawn(show(), "show the newest version", self._workspace)

    def _weigh(self, document: OpenDocument, text: str, theirs: Json) -> Reconciliation | None:
        try:
            mine = read(text)
        except BrokenDocument:
            return None
        around = Surroundings(None, document.segments)
        return reconcile(document.base.document, mine, theirs, self._schema, around=around)
