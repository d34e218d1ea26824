"""The way of what is typed into a new version: checked, journalled, sent, merged with what was first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from console.bible.diff import Change, content, diff
from console.bible.reading import BrokenDocument, read
from console.bible.reconciling import Reconciliation, new_errors, reconcile
from console.bible.schema import AnnotatedSchema
from console.bible.validation import Surroundings
from console.bible.values import Json
from console.domain.changes import Changes
from console.domain.documents import DocumentSave, Saved
from console.domain.errors import GreenroomError, Stale
from console.runtime.bus import ChangeBus
from console.runtime.notices import Action, Notices
from console.runtime.tasks import Tasks
from console.ui.bible.banner import Deed
from console.ui.bible.open_document import Base, OpenDocument
from console.ui.bible.watching import who_saved
from console.ui.bible.workspace import Editor, Workspace
from console.ui.documents.questions import spoken
from console.ui.documents.three_way import MergeInput
from console.ui.theme.words import count_of, plain, shortened

if TYPE_CHECKING:
    from console.ui.bible.presenter import Bibles, BibleServices

LATE_SECONDS: Final = 1.0
"""After so long without an answer the person is told that the save waits."""


class Saving:
    """Saves the open document; one that was left while its save was on its way is settled all the same."""

    def __init__(
        self,
        bibles: Bibles,
        services: BibleServices,
        schema: AnnotatedSchema,
        workspace: Workspace,
        editor: Editor,
        tasks: Tasks,
        notices: Notices,
        bus: ChangeBus,
    ) -> None:
        self._bibles, self._services, self._schema = bibles, services, schema
        self._workspace, self._editor = workspace, editor
        self._tasks, self._notices, self._bus = tasks, notices, bus
        self._accepted_flaws: frozenset[tuple[str, str]] = frozenset()
        workspace.merge.accepted.connect(lambda _: self.run(self._accept))
        workspace.merge.edit_wanted.connect(lambda merged: self.run(lambda one: self._edit(one, merged)))
        workspace.merge.decided.connect(self._decided)

    # -- what a person asks for

    def save(self) -> None:
        """Save what is in the editor; asked while a save is on its way, it is saved again after it."""
        document = self._bibles.document
        if document is not None and document.sending:
            document.again = True
        else:
            self.run(self._save)

    def merge_now(self) -> None:
        """Merge what others saved into what is typed, without saving."""
        self.run(self._merge_only)

    def run(self, work: Callable[[OpenDocument], Coroutine[Any, Any, None]]) -> None:
        """Do something with the open document that ends in a save; nothing while another is on its way."""
        document = self._bibles.document
        if document is not None and not document.sending:
            document.sending = True
            self._tasks.spawn(self._guarded(document, work), "save the bible", self._workspace)

    async def _guarded(
        self, document: OpenDocument, work: Callable[[OpenDocument], Coroutine[Any, Any, None]]
    ) -> None:
        try:
            await work(document)
        except GreenroomError as error:
            # Refused for another reason than a newer version: what is typed lies in the journal.
            words = f"{error}. {error.remedy}".strip()
            if document is self._bibles.document:
                self._workspace.banner.tell(f"Not saved. {words}", problem=True)
            else:
                self._notices.failed(f"save the bible of “{document.history.title}”", error)
        finally:
            document.sending, again, document.again = False, document.again, False
            self._bibles.tell_state()
        if again and document is self._bibles.document and self._bibles.modified:
            self.save()

    # -- saving

    async def _save(self, document: OpenDocument) -> None:
        text = self._editor.text()
        await self._bibles.drafts.keep()
        try:
            mine = await asyncio.to_thread(read, text)
        except BrokenDocument as broken:
            first = broken.problems[0]
            more = f", and {len(broken.problems) - 1:,} more" if len(broken.problems) > 1 else ""
            self._refuse(f"Not saved: it is not JSON yet. {first}{more}.")
            return
        base = document.base
        if base.number:
            changes = await asyncio.to_thread(self.changes, base.document, mine)
            if not changes:
                await self._nothing_to_save(document, mine)
                return
        errors = await asyncio.to_thread(new_errors, base.document, mine, self._schema)
        if errors:
            where = spoken(errors[0].path)
            more = f", and {len(errors) - 1:,} more" if len(errors) > 1 else ""
            self._refuse(
                f"Not saved: it breaks the schema. {where}: {plain(errors[0].message)}{more}.",
                ("Go there", lambda: self._bibles.go(errors[0].path)),
            )
            return
        self._accepted_flaws = frozenset()
        try:
            saved = await self.send(document, base.number, text)
        except Stale:
            await self._merge(document, mine)
            return
        if not await self.settle(document, saved, mine, text):
            # More was typed meanwhile: that is made from what was saved.
            document.base = Base(saved.version, mine)
            document.clean = text
        self._report(document, saved)

    def changes(self, before: Json, after: Json) -> list[Change]:
        """What differs, without what every save moves."""
        return content(diff(before, after, self._schema), self._schema)

    async def _nothing_to_save(self, document: OpenDocument, mine: Json) -> None:
        if document.between(document.base.number):
            await self._merge(document, mine, send=False)
            return
        self._workspace.banner.tell(
            f"Nothing to save: this says the same as version {document.stored(document.base.number)}."
        )
        document.clean = self._editor.text()
        await self._bibles.drafts.keep()

    async def send(self, document: OpenDocument, base: int, text: str, note: str | None = None) -> Saved:
        """Journal and send; raises Stale when another version was saved first."""
        typed = self._workspace.note.text().strip() or None
        save = DocumentSave(
            uuid4(), document.subject, document.history.title, base, text, note if note is not None else typed
        )

        def tell(words: str, part: str = "muted") -> None:
            if document is self._bibles.document:
                self._workspace.state(words, part)

        tell("Saving")
        late = asyncio.get_running_loop().call_later(
            LATE_SECONDS, tell, "Waiting for the primary; kept on this machine", "notable"
        )
        try:
            saved = await self._services.submit(save)
        except GreenroomError:
            # The journal need not keep it: what is typed is kept as a draft, and the person is here.
            await self._bibles.drafts.dismiss(save.id)
            raise
        finally:
            late.cancel()
        self._bus.publish(Changes((document.subject,), save.id, "bible"))
        return saved

    async def settle(self, document: OpenDocument, saved: Saved, document_saved: Json, typed: str) -> bool:
        """A save was answered. Puts what was saved into the editor unless more than `typed` stands there.

        Returns whether it did.
        """
        document.known = max(document.known, saved.version)
        document.decisions = ()
        self._workspace.merge.forget()
        document.history = await self._services.documents.history(document.subject)
        if document is not self._bibles.document:
            await self._bibles.drafts.drop(document, typed)
            return True
        self._workspace.note.clear()
        # The database gives each version its number.
        stored = {**document_saved, "version": saved.version}
        clean = await self._bibles.written(stored)
        still = self._editor.text() == typed
        if still:
            self._bibles.put(Base(saved.version, stored), clean)
            self._workspace.banner.clear()
            await self._bibles.drafts.keep()
        self._bibles.show_history()
        return still

    def _report(self, document: OpenDocument, saved: Saved) -> None:
        if saved.unchanged:
            self._workspace.banner.tell(f"Nothing to save: version {saved.version} says the same.")
        else:
            title = shortened(document.history.title, 40)
            self._notices.done(f"Saved version {saved.version} of “{title}”", about=document.subject)

    # -- merging

    async def _merge(self, document: OpenDocument, mine: Json, *, send: bool = True) -> None:
        """Merge until it is saved, or until a person must decide."""
        while True:
            if document is not self._bibles.document:
                title = shortened(document.history.title, 40)
                self._notices.failed(
                    "save the bible",
                    Stale(f"“{title}” was not saved: somebody saved it first", "Your draft is kept."),
                    Action("Open", lambda: self._bibles.open(document.subject)),
                )
                return
            typed = self._editor.text()
            theirs, found = await self._reconciled(document, mine)
            asks = bool(found.merge.conflicts) or not self._accepts(found)
            if asks:
                self._ask(document, mine, theirs)
                return
            if not send:
                if await self._into_editor(document, theirs, found.merge.merged, typed):
                    return
                mine = await asyncio.to_thread(read, self._editor.text())
                continue
            base = document.history.base
            text = await self._bibles.written(found.merge.merged)
            try:
                saved = await self.send(document, base, text)
            except Stale:
                continue
            await self._merged(document, saved, mine, found, typed)
            return

    async def _merged(
        self, document: OpenDocument, saved: Saved, mine: Json, found: Reconciliation, typed: str
    ) -> None:
        """A merge was saved: show it, and say what it took in."""
        who, theirs = who_saved(document), document.newest
        newest = theirs.version if theirs is not None else document.base.number
        if not await self.settle(document, saved, found.merge.merged, typed):
            # More was typed meanwhile, into what was sent: it is merged with what came of that.
            document.base = Base(document.base.number, mine)
            await self._merge_only(document)
        self._bibles.show_editor()
        alone = "which does not touch yours" if len(found.theirs) == 1 else "none touch yours"
        touch = "merged as you decided" if found.merge.answered else alone
        self._notices.done(
            f"Saved version {saved.version}. Version {newest} by {who} was merged in:"
            f" {count_of(len(found.theirs), 'change')}, {touch}",
            Action("Show", lambda: self._bibles.compare(newest, saved.version)),
            about=document.subject,
        )

    async def _reconciled(self, document: OpenDocument, mine: Json) -> tuple[Json, Reconciliation]:
        """Theirs, and the merge with the newest version that the primary has."""
        document.history = await self._services.documents.history(document.subject, fresh=True)
        newest = document.newest
        document.known = newest.version if newest is not None else 0
        theirs = await document.shelf.version(document.known)
        self._bibles.show_history()
        return theirs, await asyncio.to_thread(
            reconcile,
            document.base.document,
            mine,
            theirs,
            self._schema,
            decisions=document.decisions,
            around=self._around(document),
        )

    @staticmethod
    def _around(document: OpenDocument) -> Surroundings:
        return Surroundings(None, document.segments)

    def _accepts(self, found: Reconciliation) -> bool:
        return {(flaw.kind, flaw.path) for flaw in found.flaws} <= self._accepted_flaws

    def _ask(self, document: OpenDocument, mine: Json, theirs: Json) -> None:
        if self._workspace.merging and self._workspace.merge.merges(mine):
            self._workspace.merge.rebase(theirs, who_saved(document))
            return
        self._workspace.banner.clear()
        merged = MergeInput(
            document.base.document,
            mine,
            theirs,
            self._schema,
            who_saved(document),
            self._around(document),
        )
        self._workspace.merge.begin(merged, document.decisions)
        self._workspace.show_merge()

    def _decided(self, decisions: tuple[Any, ...]) -> None:
        document = self._bibles.document
        if document is not None:
            document.decisions = decisions
            self._tasks.spawn(self._bibles.drafts.keep_answers(), "keep the answers", self._workspace)

    async def _accept(self, document: OpenDocument) -> None:
        view = self._workspace.merge
        if view.reconciliation is None or view.input is None:
            return
        # What was shown and accepted; another flaw would be asked again.
        self._accepted_flaws = frozenset((flaw.kind, flaw.path) for flaw in view.reconciliation.flaws)
        await self._merge(document, view.input.mine)

    async def _merge_only(self, document: OpenDocument) -> None:
        try:
            mine = await asyncio.to_thread(read, self._editor.text())
        except BrokenDocument as broken:
            self._refuse(f"Not merged: the text is not JSON yet. {broken.problems[0]}.")
            return
        self._accepted_flaws = frozenset()
        await self._merge(document, mine, send=False)

    async def _edit(self, document: OpenDocument, merged: Json) -> None:
        view = self._workspace.merge
        if view.input is not None:
            await self._into_editor(document, view.input.theirs, merged, self._editor.text())

    async def _into_editor(self, document: OpenDocument, theirs: Json, merged: Json, typed: str) -> bool:
        """The merged document goes on being edited, made from theirs now, unless more than `typed` stands."""
        clean, text = await self._bibles.written(theirs), await self._bibles.written(merged)
        if self._editor.text() != typed:
            return False
        document.decisions = ()
        self._bibles.put(Base(document.history.base, theirs), clean, text)
        self._workspace.merge.forget()
        self._workspace.banner.clear()
        await self._bibles.drafts.keep()
        self._bibles.show_history()
        self._bibles.show_editor()
        return True

    # -- telling

    def _refuse(self, words: str, *deeds: Deed) -> None:
        self._workspace.banner.tell(words, deeds, problem=True)
