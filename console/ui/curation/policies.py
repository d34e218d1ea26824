"""The policies that decisions rest on: read, written anew as another version, retired, and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QSplitter, QVBoxLayout, QWidget

from console.domain.errors import Refused
from console.domain.policies import Policy, PolicySave
from console.runtime.notices import Action, Notices
from console.runtime.tasks import Tasks
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal
from console.ui.curation.policy_form import PolicyForm
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import ROW_HEIGHT, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import count_of, number, shortened
from console.ui.widgets.buttons import key_cap, quiet_button
from console.ui.widgets.labels import label, tooltip

_KEY = Qt.ItemDataRole.UserRole
_NEW = Policy(
    "", 0, "", "", 2, "", None, "",
    statement=(
    "Your {kind} “{item}” was {action} on {date} because it breaks our policy “{policy}”. "
    "A member of our staff decided this. If you think it is wrong, you can appeal."
    ),
)  # fmt: skip
_PREFIX = "policy:"


@dataclass(frozen=True, slots=True)
class PolicyServices:
    """What the screen works with: `policies` reads the newest version of each, retired ones too."""

    policies: Callable[[], Coroutine[Any, Any, Sequence[Policy]]]
    pipeline: DecisionPipeline
    journal: Journal


class PoliciesScreen(QWidget):
    """Signals: `saved()` when another version is in force: who shows policies reads them anew."""

    saved = Signal()

    def __init__(self, theme: Theme, services: PolicyServices, tasks: Tasks, notices: Notices) -> None:
        super().__init__()
        self._theme, self._services, self._tasks, self._notices = theme, services, tasks, notices
        self._policies: dict[str, Policy] = {}
        self._undoable: list[tuple[Policy, Policy]] = []
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows = QListWidget()
        self.rows.setAccessibleName("Policies")
        self.form = PolicyForm(theme)
        self._count = label("", "muted")
        self._lay_out()
        self.rows.currentItemChanged.connect(lambda *_: self._show())
        self.form.typed.connect(self._keep)
        self.form.save_wanted.connect(self.save)
        self.form.discard_wanted.connect(self.discard)

    @property
    def deeds(self) -> tuple[tuple[str, tuple[str, ...], Callable[[], None]], ...]:
        """What can be done here: title and keys."""
        return (
            ("Save the policy", ("Ctrl+S",), self.save),
            ("New policy", ("Ctrl+N",), self.begin_new),
            ("Undo last save", ("Ctrl+Z",), self.undo_last),
            ("Read anew", ("F5",), self.reload),
        )

    def _lay_out(self) -> None:
        new = quiet_button("New policy")
        new.clicked.connect(self.begin_new)
        header = QHBoxLayout()
        header.setContentsMargins(SPACE_4, SPACE_3, SPACE_3, SPACE_2)
        header.setSpacing(SPACE_2)
        header.addWidget(label("Policies", font=self._theme.strong_font))
        header.addWidget(self._count)
        header.addStretch()
        header.addWidget(new)
        header.addWidget(key_cap(self._theme, "Ctrl+N"))
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setHandleWidth(1)
        panes.setChildrenCollapsible(False)
        panes.addWidget(self.rows)
        panes.addWidget(self.form)
        panes.setSizes([360, 640])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(header)
        whole.addWidget(panes, 1)

    def opened(self) -> None:
        """The screen came to the front."""
        self.rows.setFocus()
        self.reload()

    def reload(self) -> None:
        """Read the policies; what is typed stays."""
        self._spawn(self._read(), "read the policies")

    def begin_new(self) -> None:
        """Show empty fields."""
        self.rows.setCurrentRow(-1)
        self._show()
        self.form.title.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def discard(self) -> None:
        """Show what the database has."""
        held = self.form.held
        if held is not None:
            self._spawn(self._services.journal.save_draft(_draft_key(held), None), "forget the draft")
            self.form.show_policy(self._policies.get(held.key, _NEW))

    def save(self) -> None:
        """Bring what stands in the fields into force."""
        held, policy = self.form.held, self.form.policy
        if held is not None and policy is not None and self.form.save.isEnabled():
            self.form.save.setEnabled(False)
            self._spawn(self._save(held, policy), "save the policy")

    def undo_last(self) -> None:
        """Bring back, as another version, what was in force before the last save."""
        if self._undoable:
            self._undo(*self._undoable[-1])

    def _undo(self, before: Policy, after: Policy) -> None:
        if (before, after) in self._undoable:
            self._undoable.remove((before, after))
            self._spawn(self._take_back(before, after), "undo")

    async def _take_back(self, before: Policy, after: Policy) -> None:
        # A new one is retired: decisions may have used it.
        back = replace(before, version=after.version) if before.version else replace(after, active=False)
        await self._submit(back)
        self._notices.done(f"Undone: saved “{shortened(after.title, 40)}”")
        await self._read(back.key, anew=True)
        self.saved.emit()

    async def _save(self, held: Policy, policy: Policy) -> None:
        try:
            version = await self._submit(policy)
        except Refused as error:
            self.form.tell(f"{error}. {error.remedy}".strip())
            self.form.save.setEnabled(True)
            return
        await self._services.journal.save_draft(_draft_key(held), None)
        done = held, replace(policy, version=version)
        self._undoable.append(done)
        words = f"Saved “{shortened(policy.title, 40)}”, version {number(version)}"
        self._notices.done(words, Action("Undo", partial(self._undo, *done)))
        # Whoever went on to another policy meanwhile stays there.
        here = self.form.held == held
        await self._read(policy.key if here else None, anew=here)
        self.saved.emit()

    async def _submit(self, policy: Policy) -> int:
        work = PolicySave(uuid4(), policy)
        try:
            return await self._services.pipeline.submit(work)
        except Refused:
            # It is told at once, and what was typed still stands in the fields.
            await self._services.journal.dismiss(work.id)
            raise

    async def _read(self, go_to: str | None = None, *, anew: bool = False) -> None:
        policies = await self._services.policies()
        drafts = {draft.key for draft in await self._services.journal.drafts(_PREFIX)}
        held = self.form.held
        key = go_to if go_to is not None else (held.key if held is not None else None)
        self._policies = {policy.key: policy for policy in policies}
        self.form.offer(policies)
        self.rows.blockSignals(True)
        self.rows.clear()
        for policy in sorted(
            policies, key=lambda each: (not each.active, each.family, -each.severity, each.title)
        ):
            row = QListWidgetItem(self._row(policy, changed=_draft_key(policy) in drafts))
            row.setSizeHint(QSize(0, ROW_HEIGHT))
            row.setData(_KEY, policy.key)
            row.setToolTip(tooltip(policy.help_text))
            self.rows.addItem(row)
            if policy.key == key:
                self.rows.setCurrentItem(row)
        if key is None and self.rows.count():
            self.rows.setCurrentRow(0)
        self.rows.blockSignals(False)
        retired = sum(not policy.active for policy in policies)
        self._count.setText(f"{len(policies) - retired} in force, {retired} retired")
        if anew or not self.form.changed:
            self._show()

    def _row(self, policy: Policy, *, changed: bool) -> str:
        points = f", {count_of(policy.points, 'point')}" if policy.points else ""
        state = "   · retired" if not policy.active else ""
        mark = "   · not saved" if changed else ""
        return f"{policy.title}   ·  {policy.family}, severity {policy.severity}{points}{state}{mark}"

    def _show(self) -> None:
        key = self.rows.currentIndex().data(_KEY)
        held = self._policies.get(key or "", _NEW)
        self.form.show_policy(held)
        self._spawn(self._restore(held), "restore the draft")

    async def _restore(self, held: Policy) -> None:
        text = await self._services.journal.draft(_draft_key(held))
        if text and self.form.held == held and not self.form.changed:
            typed = Policy(**json.loads(text))
            self.form.show_policy(replace(held, version=typed.version), typed)

    def _keep(self) -> None:
        held, policy = self.form.held, self.form.policy
        if held is not None and policy is not None:
            typed = replace(policy, key=held.key)
            text = json.dumps(asdict(typed)) if self.form.changed else None
            self._spawn(self._services.journal.save_draft(_draft_key(held), text), "keep the draft")

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)


def _draft_key(policy: Policy) -> str:
    return f"{_PREFIX}{policy.key}"
