"""What happens around an open bible: it is opened, its history is told, its commands are carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from console.bible.editing import Edit, blank
from console.bible.schema import AnnotatedSchema
from console.bible.values import Json
from console.bible.writing import write
from console.domain.documents import DocumentSave, Saved
from console.domain.errors import GreenroomError
from console.domain.subjects import Subject
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.documents import Shelf, Story
from console.services.ports import Documents, Journal
from console.ui.bible.authors import fields_of
from console.ui.bible.comparing import Comparing
from console.ui.bible.drafting import Drafting, subject_of
from console.ui.bible.history import made_by
from console.ui.bible.open_document import Base, OpenDocument
from console.ui.bible.restoring import Restoring
from console.ui.bible.saving import Saving
from console.ui.bible.watching import Watching
from console.ui.bible.workspace import Editor, Workspace
from console.ui.theme.words import ago, exact, plain
from console.ui.widgets.served import tell_served

KEY = "bibles"

AT_ONCE: Final = 500_000
"""Characters that are replaced while the person waits."""

Submit = Callable[[DocumentSave], Awaitable[Saved]]


@dataclass(frozen=True, slots=True)
class BibleServices:
    """What the workspace reads from and writes to; `submit` is the way of a decision.

    `dismissed` is called when something that was refused is no longer among what was refused.
    """

    documents: Documents
    journal: Journal
    submit: Submit
    dismissed: Callable[[], None] = lambda: None


class Bibles(QObject):
    """Drives a workspace. Signals: `opened()` when a document stands in the editor.

    `drafts` keeps what is typed in the document that is open.
    """

    opened = Signal()

    def __init__(
        self,
        services: BibleServices,
        schema: AnnotatedSchema,
        workspace: Workspace,
        editor: Editor,
        tasks: Tasks,
        notices: Notices,
        bus: ChangeBus,
    ) -> None:
        super().__init__()
        self._documents, self._schema = services.documents, schema
        self._workspace, self._editor = workspace, editor
        self._tasks, self._notices = tasks, notices
        self.document: OpenDocument | None = None
        self._opening: asyncio.Task[None] | None = None
        self._walking: asyncio.Task[None] | None = None
        self._saving = Saving(self, services, schema, workspace, editor, tasks, notices, bus)
        self._restoring = Restoring(
            self, self._saving, services.documents, schema, workspace, editor, notices
        )
        self._comparing = Comparing(self, schema, workspace, editor, tasks)
        self.drafts = Drafting(self, self._comparing, services, schema, workspace, editor, tasks)
        self._watching = Watching(self, services.documents, schema, workspace, editor, tasks, bus)
        workspace.save_wanted.connect(self.save)
        workspace.draft_chosen.connect(lambda key: self.open(subject_of(key)))
        workspace.comparison.left.connect(self.show_editor)
        workspace.merge.left.connect(self.show_editor)
        workspace.history.left.connect(self.show_editor)
        workspace.fields.left.connect(self.show_editor)
        workspace.fields.go_wanted.connect(self.go)
        workspace.history.compare_wanted.connect(self._comparing.compare)
        workspace.history.compare_with_text_wanted.connect(self._comparing.compare_with_text)
        workspace.history.restore_wanted.connect(self._restoring.version)
        workspace.comparison.restore_wanted.connect(
            lambda change: self._restoring.change(change, self._comparing.before)
        )

    # -- opening

    def open(self, subject: Subject) -> None:
        """Open the bible of a scene, or of the scene that a segment belongs to."""
        if self._opening is not None:
            self._opening.cancel()
        self._opening = self._spawn(self._open(subject), "open the bible")

    def open_latest(self) -> None:
        """The screen comes to the front: offer what may be taken up again when nothing is open."""
        if self.document is not None:
            self._watching.look_soon()
        elif self._opening is None or self._opening.done():
            self._spawn(self._offer_drafts(), "list the drafts")

    async def _offer_drafts(self) -> None:
        rows = await self.drafts.rows()
        if self.document is None and (self._opening is None or self._opening.done()):
            self._workspace.show_start(rows)

    async def _open(self, subject: Subject) -> None:
        await self.drafts.flush()
        self._workspace.wait()
        try:
            home = await self._documents.home(subject)
            if home is None:
                self.document = None
                self._workspace.fail(
                    f"This {subject.kind} has no bible", "Scenes have one, and their segments."
                )
                return
            history = await self._documents.history(home)
            served = self._documents.served
            shelf = Shelf(self._documents, home, self._schema)
            newest = history.versions[0].version if history.versions else 0
            document = await shelf.version(newest)
            draft = await self.drafts.find(home)
        except GreenroomError as error:
            self.document = None
            words = f"{error}. {error.remedy}".strip()
            self._workspace.fail("The bible cannot be opened", words, lambda: self.open(subject))
            return
        opened = OpenDocument(
            home,
            history,
            shelf,
            Story(self._documents, home, self._schema),
            Base(history.base, document),
            known=newest,
        )
        self.document = opened
        tell_served(self._workspace.served, served)
        if newest:
            self.put(opened.base, await self.written(document), new=True)
        else:
            # A first version that is not saved yet.
            self.put(opened.base, "", await self.written(blank(self._schema.root)), new=True)
        self.show_history()
        self._workspace.note.clear()
        self._workspace.merge.forget()
        self.show_editor()
        if draft is not None:
            await self.drafts.offer(opened, draft)
        self.opened.emit()

    async def written(self, document: Json) -> str:
        """The document as text, made aside."""
        return await asyncio.to_thread(write, document, self._schema)

    def put(self, base: Base, clean: str, text: str | None = None, *, new: bool = False) -> None:
        """Show a text that is made from `base`, which reads `clean`; without a text, `clean` itself.

        A `new` document has no way back to the one before; else it is one step back, unless it is so long
        that the person would wait for it.
        """
        document = self.document
        if document is None:
            return
        document.base = base
        shown = clean if text is None else text
        version = max(1, base.number)
        if new or max(len(shown), len(self._editor.text())) > AT_ONCE:
            self._editor.load(shown, version=version, segments=document.history.last_entry)
        else:
            self._editor.set_surroundings(version=version, segments=document.history.last_entry)
            self._editor.change(lambda index: [Edit(0, len(index.text), shown)])
            if self._editor.text() != shown:
                # An editor that is still loading takes no change; what is shown has to be what `base` says.
                self._editor.load(shown, version=version, segments=document.history.last_entry)
        document.clean = clean
        if text is None:
            document.clean = self._editor.text()
            self._editor.mark_saved()
        self.tell_state()

    @property
    def saving(self) -> bool:
        """Whether an answer to a save is on its way."""
        return self.document is not None and self.document.sending

    @property
    def modified(self) -> bool:
        """Whether the editor says something that is not saved."""
        return self.document is not None and self._editor.text() != self.document.clean

    # -- what is told

    def tell_state(self) -> None:
        """Say which version is open, and how what is typed stands."""
        document = self.document
        if document is None:
            return
        base = next((v for v in document.history.versions if v.version <= document.base.number), None)
        if base is None:
            facts, exactly = "no version yet", "The first save makes version 1"
        else:
            facts = f"version {base.version} · {made_by(base)} · {ago(base.saved_at)}"
            exactly = f"Saved {exact(base.saved_at)}"
        self._workspace.name(plain(document.history.title), facts, exactly)
        if document.sending:
            return
        if self._workspace.merging:
            self._workspace.state("Not saved yet: it wants your decisions", "notable")
        elif not self.modified:
            self._workspace.state("Saved" if base is not None else "Nothing typed yet")
        elif document.kept:
            self._workspace.state("Unsaved, kept on this machine", "notable")
        else:
            self._workspace.state("Unsaved changes", "notable")

    def show_editor(self) -> None:
        """Go back to the editor; an unfinished merge goes on with the next save."""
        if self.document is None:
            return
        self._workspace.show_editor()
        self.tell_state()

    def show_history(self) -> None:
        """List the versions as they are known, and read aside what each changed."""
        document = self.document
        if document is None:
            return
        self._workspace.history.model.show(document.history.versions, document.stored(document.base.number))
        if self._walking is not None:
            self._walking.cancel()
        self._walking = self._spawn(self._walk(document), "read the history")

    async def _walk(self, document: OpenDocument) -> None:
        model = self._workspace.history.model
        story = document.story
        for version in reversed(document.history.versions):
            await story.step(version)
            if document is not self.document:
                return
            model.count(version.version, len(story.changes.get(version.version, ())))
        if story.blame is not None:
            fields = await asyncio.to_thread(fields_of, story.blame)
            if document is self.document:
                self._workspace.fields.show_fields(fields, len(document.history.versions))

    def go(self, path: str) -> None:
        """Move to what a pointer names."""
        self.show_editor()
        self._editor.go_to(path)

    # -- commands

    def save(self) -> None:
        """Save what is in the editor, or the merge that is in front."""
        if self.document is None or self.document.offered:
            self._workspace.banner.focus_first()
        elif self._workspace.merging:
            self._workspace.merge.accept.click()
        else:
            self._saving.save()

    def merge_now(self) -> None:
        """Merge what others saved into what is typed, without saving."""
        self._saving.merge_now()

    def compare(self, older: int, newer: int) -> None:
        """Show what lies between two versions."""
        self._comparing.compare(older, newer)

    def compare_unsaved(self) -> None:
        """Show what is typed and not saved."""
        document = self.document
        if document is not None and (stored := document.stored(document.base.number)):
            self._comparing.compare_with_text(stored)

    def tell_newer(self) -> None:
        """Tell at once what is newer than what is edited."""
        self._watching.compare_with_newest()

    def side(self, place: int) -> None:
        """Give the keyboard to the versions (0) or the fields (1)."""
        if self.document is not None:
            if self._workspace.merging:
                self.show_editor()
            self._workspace.show_side(place)

    @property
    def deeds(self) -> tuple[tuple[str, tuple[str, ...], Callable[[], None]], ...]:
        """The commands of the screen: title, keys, what it does."""
        return (
            ("Save the bible", ("Ctrl+S",), self.save),
            ("Go to the editor", ("Alt+1",), self.show_editor),
            ("Go to the versions", ("Alt+2",), lambda: self.side(0)),
            ("Go to the fields and who changed them", ("Alt+3",), lambda: self.side(1)),
            ("What is not saved yet", ("Alt+4",), self.compare_unsaved),
        )

    async def left(self) -> None:
        """The session ends: begin nothing more, and let nothing that is typed wait in memory."""
        self._watching.close()
        await self.drafts.flush()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return self._tasks.spawn(work, name, self)
