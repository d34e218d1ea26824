"""One topic or category in the fields: opened, kept while typed, saved, and met with what others saved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.curation import CATEGORY, TOPIC, Columns, CurationChange, Entry, created, edited
from console.domain.errors import GreenroomError, NotFound, Stale
from console.domain.slugs import slug_problem
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.likeness import TopicIndex
from console.ui.curation.acts import Acts, CurationServices
from console.ui.curation.editor import Editor
from console.ui.curation.merging import TITLES, merged
from console.ui.curation.tree import CurationTree
from console.ui.theme.words import plain, shortened

TYPING_MILLISECONDS = 150
DRAFT_MILLISECONDS = 400
_KEPT = "What you typed here before was not saved yet."


@dataclass(slots=True)
class _Shown:
    """What the fields show: `seen` is None for an entry to be made, `after` whom that will stand behind."""

    kind: str
    id: UUID
    seen: Entry | None
    after: UUID | None = None

    @property
    def draft(self) -> str:
        """The name that what was typed is kept under."""
        return f"curation:new:{self.kind}" if self.seen is None else f"curation:{self.kind}:{self.id}"


class Editing(QObject):
    """Signals: `shown()` when the fields show another entry or another state of it; `closed()` when a new one
    was given up; `saved(str, UUID)` with the kind and id of what was saved; `gone()` when it does not exist.
    """

    shown = Signal()
    closed = Signal()
    saved = Signal(str, object)
    gone = Signal()

    def __init__(
        self,
        editor: Editor,
        tree: CurationTree,
        services: CurationServices,
        acts: Acts,
        tasks: Tasks,
        notices: Notices,
    ) -> None:
        super().__init__(editor)
        self._editor, self._tree, self._services = editor, tree, services
        self._acts, self._tasks, self._notices = acts, tasks, notices
        self._shown: _Shown | None = None
        self._opening: asyncio.Task[None] | None = None
        self.index = TopicIndex(())
        self._typing, self._drafting = self._timer(TYPING_MILLISECONDS), self._timer(DRAFT_MILLISECONDS)
        self._typing.timeout.connect(self._show_likes)
        self._drafting.timeout.connect(self._keep_draft)
        editor.typed.connect(self._typed)
        editor.save_wanted.connect(self.save)
        editor.discard_wanted.connect(self.discard)

    @property
    def id(self) -> UUID | None:
        """What is in the fields; None for nothing and for what is not saved yet."""
        return self._shown.id if self._shown is not None and self._shown.seen is not None else None

    @property
    def kind(self) -> str:
        """The kind of what is in the fields; empty for nothing."""
        return "" if self._shown is None else self._shown.kind

    def open(self, kind: str, id: UUID) -> None:
        """Show an entry as it is by now, or what was typed there and not saved."""
        self._flush_draft()
        if self.id != id:
            self._open(self._read(kind, id))

    def new(self, kind: str, topic: UUID | None, after: UUID | None) -> None:
        """Begin another entry: a category in `topic`, behind `after`."""
        self._flush_draft()
        self._open(self._begin_new(_Shown(kind, uuid4(), None, after), topic))

    def move_to(self, topic: UUID) -> None:
        """Put another topic into the fields of a category."""
        columns = replace(self._editor.columns(), topic_id=topic)
        self._editor.fill(columns, self._named(columns))
        self._typed()

    def save(self) -> None:
        """Send what was typed."""
        if self._shown is None or not self._editor.save.isEnabled():
            return
        now, columns = self._shown, self._editor.columns()
        if now.seen is None:
            change: CurationChange | None = created(now.kind, now.id, columns, now.after)
        else:
            change = edited(now.seen, columns)
        if change is not None:
            self._drafting.stop()
            self._editor.wait(busy=True)
            self._spawn(self._send(now, change), "save")

    def discard(self) -> None:
        """Give up what was typed."""
        if self._shown is None:
            return
        self._drop_draft(self._shown.draft)
        if self._shown.seen is None:
            self._shown = None
            self.closed.emit()
        else:
            self._begin(self._shown.seen.columns, self._shown.seen.columns)

    async def left(self) -> None:
        """Keep what is typed; nothing is read or sent any more."""
        self._typing.stop()
        if self._drafting.isActive() and self._shown is not None:
            self._drafting.stop()
            await self._services.journal.save_draft(self._shown.draft, self._text())

    async def refresh(self, who: str = "Somebody") -> None:
        """Show the entry as `who` left it; what is typed stays."""
        now = self._shown
        if now is None or now.seen is None:
            return
        try:
            fresh = await self._services.catalogue.entry(now.kind, now.id)
        except NotFound:
            if self._shown is now and not self._editor.changed:
                self._shown = None
                self.gone.emit()
            return
        if self._shown is not now or fresh.version == now.seen.version:
            return
        if self._editor.changed:
            self._meet(now, now.seen, fresh, f"{who} saved this meanwhile.")
        else:
            self._shown = _Shown(now.kind, now.id, fresh)
            self._begin(fresh.columns, fresh.columns)
            self.shown.emit()

    def check(self) -> None:
        """Hold what is typed against the categories that are known by now."""
        self._editor.check()
        self.show_preview()

    def show_preview(self) -> None:
        """Show what users would see of what is typed."""
        if self._shown is None:
            return
        columns, topics = self._editor.columns(), self._tree.outline.topics
        kind, id = self._shown.kind, self._shown.id
        topic_id = id if kind == TOPIC else columns.topic_id
        place = next((row for row, each in enumerate(topics) if each.id == topic_id), None)
        topic = None if place is None else topics[place]
        if kind == TOPIC and self._shown.seen is None:
            ids = [each.id for each in topics]
            place = ids.index(self._shown.after) if self._shown.after in ids else len(ids) - 1
        before = topics[: len(topics) if place is None else place + (topic is None)]
        behind = topics[len(topics) if place is None else place + 1 :]
        known = list(self._tree.outline.known(topic_id) or ()) if topic_id is not None else []
        if topic is not None and topic.categories and self._tree.outline.known(topic.id) is None:
            self._tree.fetchMore(self._tree.find(TOPIC, topic.id))
        names = [
            columns.name if each.id == id else each.name for each in known if each.active or each.id == id
        ]
        if kind == CATEGORY and all(each.id != id for each in known):
            names.append(columns.name)
        self._editor.preview.show_topic(
            columns.name if kind == TOPIC or topic is None else topic.name,
            columns.description if kind == TOPIC or topic is None else topic.description,
            icon=columns.icon_url,
            active=columns.active and (topic is None or kind == TOPIC or topic.active),
            categories=names,
            before=next((each.name for each in reversed(before) if each.active), ""),
            behind=next((each.name for each in behind if each.active), ""),
        )

    # Opening

    def _open(self, work: Coroutine[Any, Any, None]) -> None:
        if self._opening is not None:
            self._opening.cancel()
        self._opening = self._spawn(work, "open")

    async def _read(self, kind: str, id: UUID) -> None:
        try:
            entry = await self._services.catalogue.entry(kind, id)
        except NotFound:
            self.gone.emit()
            return
        shown = _Shown(kind, id, entry)
        draft = await self._draft(shown.draft)
        self._shown = shown
        self._begin(entry.columns, entry.columns if draft is None else draft)
        if draft is not None and draft != entry.columns:
            self._editor.tell(_KEPT)
        self.shown.emit()

    async def _begin_new(self, shown: _Shown, topic: UUID | None) -> None:
        draft = await self._draft(shown.draft)
        self._shown = shown
        columns = draft or Columns("", "", "", active=True)
        self._begin(None, replace(columns, topic_id=topic))
        if draft is not None:
            self._editor.tell(_KEPT)
        self.shown.emit()
        self._editor.name.setFocus()

    def _begin(self, held: Columns | None, columns: Columns) -> None:
        if self._shown is None:
            return
        kind, id = self._shown.kind, self._shown.id
        taken = self._slugs(kind, id, columns.topic_id)
        check = partial(self._problems, kind, id)
        self._editor.begin(kind, held, columns, check, taken, self._named(columns))
        self._editor.wait(busy=False)
        self._show_likes()
        self.show_preview()

    # Checking

    def _named(self, columns: Columns) -> str:
        topic = None if columns.topic_id is None else self._tree.outline.topic(columns.topic_id)
        return "" if topic is None else topic.name

    def _worded(self, columns: Columns, name: str) -> str:
        if name == "active":
            return "users can choose it" if columns.active else "retired"
        return self._named(columns) if name == "topic_id" else str(getattr(columns, name))

    def _slugs(self, kind: str, id: UUID, topic: UUID | None) -> dict[str, str]:
        """The slugs that others have, with their names."""
        below = () if topic is None else self._tree.outline.known(topic) or ()
        entries = self._tree.outline.topics if kind == TOPIC else below
        return {each.slug: each.name for each in entries if each.id != id}

    def _problems(self, kind: str, id: UUID, columns: Columns) -> dict[str, str]:
        found: dict[str, str] = {}
        seen = self._shown.seen if self._shown is not None else None
        if not columns.name:
            found["name"] = "A name is needed"
        elif plain(columns.name) != columns.name and (seen is None or columns.name != seen.columns.name):
            found["name"] = f"It holds what cannot be seen: {shortened(columns.name)}"
        # What the platform has is not for us to forbid while it stays as it is.
        if seen is None or (columns.slug, columns.topic_id) != (seen.columns.slug, seen.columns.topic_id):
            taken = self._slugs(kind, id, columns.topic_id).get(columns.slug)
            if columns.name or columns.slug:
                problem = slug_problem(columns.slug)
                if taken is not None:
                    problem = f"Taken by “{shortened(taken, 40)}”"
                found |= {"slug": problem} if problem else {}
        if columns.icon_url and not columns.icon_url.lower().startswith(("http://", "https://")):
            found["icon_url"] = "An http or https address"
        return found

    def _typed(self) -> None:
        self._typing.start()
        self._drafting.start()
        self.show_preview()

    def _show_likes(self) -> None:
        if self._shown is None:
            return
        columns, seen = self._editor.columns(), self._shown.seen
        # Of an entry that is there already only a name that was typed is worth a warning.
        if self._shown.kind != TOPIC or (seen is not None and columns.name == seen.columns.name):
            self._editor.show_likes(())
            return
        self._editor.show_likes(
            self.index.like(columns.name, columns.description, but=self._shown.id, limit=3)
        )

    # Saving

    async def _send(self, now: _Shown, change: CurationChange) -> None:
        try:
            await self._acts.send(change)
        except Stale as error:
            if now.seen is None or self._shown is not now:
                self._notices.failed("save", error)
                return
            fresh = await self._services.catalogue.entry(now.kind, now.id)
            # The news of it may have come first: it was met then, or another entry is shown by now.
            if self._shown is now:
                self._meet(now, now.seen, fresh, f"{error}.")
            return
        except GreenroomError as error:
            self._notices.failed("save", error)
            if self._shown is now:
                self._editor.wait(busy=False)
            return
        self._drop_draft(now.draft)
        self.saved.emit(now.kind, now.id)
        if self._shown is now:
            await self._read(now.kind, now.id)

    def _meet(self, now: _Shown, seen: Entry, fresh: Entry, words: str) -> None:
        """Bring what was typed and what somebody saved together; the person looks before anything is sent."""
        found = merged(seen.columns, self._editor.columns(), fresh.columns)
        self._shown = _Shown(now.kind, now.id, fresh)
        contested = {name: self._worded(fresh.columns, name) for name in found.contested}

        def take(name: str) -> None:
            del contested[name]
            columns = replace(self._editor.columns(), **{name: getattr(fresh.columns, name)})
            self._editor.fill(columns, self._named(columns))
            self._editor.contest(contested, take)
            self._typed()

        self._begin(fresh.columns, found.columns)
        if found.taken:
            words += f" Taken over: {', '.join(TITLES[name].lower() for name in found.taken)}."
        if contested:
            words += " Where both changed it, yours stays until you take theirs."
        self._editor.tell(words)
        self._editor.contest(contested, take)
        self.shown.emit()

    # What is typed survives

    async def _draft(self, key: str) -> Columns | None:
        kept = await self._services.journal.draft(key)
        if kept is None:
            return None
        try:
            fields = json.loads(kept)
            topic = fields.pop("topic_id")
            return Columns(**fields, topic_id=None if topic is None else UUID(topic))
        except (ValueError, TypeError, KeyError, AttributeError):
            # Written by another version: what cannot be read is not worth stopping for.
            return None

    def _keep_draft(self) -> None:
        if self._shown is not None:
            work = self._services.journal.save_draft(self._shown.draft, self._text())
            self._spawn(work, "keep what was typed")

    def _text(self) -> str | None:
        return json.dumps(asdict(self._editor.columns()), default=str) if self._editor.changed else None

    def _flush_draft(self) -> None:
        if self._drafting.isActive():
            self._drafting.stop()
            self._keep_draft()

    def _drop_draft(self, key: str) -> None:
        self._drafting.stop()
        self._spawn(self._services.journal.save_draft(key, None), "drop a draft")

    # Small things

    def _timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        return timer

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, name, self)
