"""An old version, or one thing of it, as a new version."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from console.bible.diff import Change, diff
from console.bible.rendering import sentences
from console.bible.restore import restore
from console.bible.schema import AnnotatedSchema
from console.bible.values import Json
from console.domain.errors import Stale
from console.runtime.notices import Action, Notices
from console.services.ports import Documents
from console.ui.bible.open_document import OpenDocument
from console.ui.bible.saving import Saving
from console.ui.bible.workspace import Editor, Workspace
from console.ui.theme.words import shortened

if TYPE_CHECKING:
    from console.ui.bible.presenter import Bibles

LONGEST_NOTE: Final = 300


class Restoring:
    """Restoring is a save of its own: what is typed stays as it is."""

    def __init__(
        self,
        bibles: Bibles,
        saving: Saving,
        documents: Documents,
        schema: AnnotatedSchema,
        workspace: Workspace,
        editor: Editor,
        notices: Notices,
    ) -> None:
        self._bibles, self._saving, self._documents = bibles, saving, documents
        self._schema, self._workspace, self._editor = schema, workspace, editor
        self._notices = notices

    def version(self, number: int) -> None:
        """Save a new version that says what an old one says."""
        self._saving.run(lambda document: self._restore_version(document, number))

    def change(self, change: Change, version: int | None) -> None:
        """Save a new version in which one thing is as it was in an old one."""
        if version is not None:
            self._saving.run(lambda document: self._restore_change(document, change, version))

    async def _restore_version(self, document: OpenDocument, number: int) -> None:
        newest = document.newest
        if newest is None:
            return
        old = await document.shelf.version(number)
        await self._restore(document, lambda _now: old, f"Restored version {number}")

    async def _restore_change(self, document: OpenDocument, change: Change, version: int) -> None:
        old = await document.shelf.version(version)

        def restored(now: Json) -> Json:
            # The newest version may stand elsewhere than the one that was compared.
            changes = diff(old, now, self._schema)
            exact = [each for each in changes if (each.path, each.kind) == (change.path, change.kind)]
            near = [each for each in changes if f"{each.path}/".startswith(f"{change.path}/")]
            for each in (exact or near)[:1]:
                return restore(now, old, each, self._schema)
            return now

        what = shortened(sentences([change])[0], LONGEST_NOTE)
        await self._restore(document, restored, f"Restored from version {version}: {what}")

    async def _restore(self, document: OpenDocument, make: Callable[[Json], Json], note: str) -> None:
        """Save what `make` makes of the newest version; made anew when another was saved first."""
        typed, unsaved = self._editor.text(), self._bibles.modified
        while True:
            newest = document.newest
            before = newest.version if newest is not None else 0
            now = await document.shelf.version(before)
            made = await asyncio.to_thread(make, now)
            if not await asyncio.to_thread(self._saving.changes, now, made):
                self._workspace.banner.tell(f"Nothing to restore: version {before} says the same.")
                return
            text = await self._bibles.written(made)
            try:
                saved = await self._saving.send(document, document.history.base, text, note)
            except Stale:
                document.history = await self._documents.history(document.subject, fresh=True)
                continue
            break
        if unsaved or not await self._saving.settle(document, saved, made, typed):
            document.history = await self._documents.history(document.subject)
            document.known = max(document.known, saved.version)
            self._bibles.show_history()
            self._bibles.tell_newer()
        self._bibles.show_editor()
        self._notices.done(
            f"{note}, as version {saved.version}",
            Action("Undo", lambda: self.version(before)),
            about=document.subject,
        )
