"""The functions of the schema `greenroom` as the use cases call them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from console import __version__
from console.domain.audit import AuditHead
from console.domain.curation import Curate, Curated, CurationChange
from console.domain.decisions import Candidate, Decision, Outcome, Undo
from console.domain.documents import DocumentSave, Saved
from console.domain.merging import RUNNING, Carried, MergeBegin, MergeState, MergeSteer
from console.domain.operations import JobSteer, JobUndo
from console.domain.policies import PolicySave
from console.domain.remarks import (
    FlagRaise,
    FlagWithdraw,
    MarkFlag,
    MarkRemove,
    MarkSave,
    NoteAdd,
    NoteRetract,
)
from console.domain.saved_filters import FilterSave
from console.domain.scenes import Brought
from console.domain.servers import Position
from console.domain.staff import Person, Role
from console.domain.staffing import AdminAnswer, AdminAsk, LoginGrant, LoginRevoke
from console.domain.subjects import Claim, Subject
from console.domain.work import Work
from db.routing import Servers

Answer = TypeVar("Answer")

CLIENT = f"greenroom {__version__}"


class GreenroomWriter:
    """Each method is one call, one transaction, on the primary (the port `Writer`).

    `written` is called after every one that others should hear of.
    """

    def __init__(self, servers: Servers, written: Callable[[], None] = lambda: None) -> None:
        self._servers = servers
        self._written = written
        # Every kind of work but the decision, which needs tokens: another kind is another line here.
        self._senders: Mapping[type[Work[Any]], Callable[[Any], Awaitable[Any]]] = {
            Undo: self._undo,
            DocumentSave: self._save,
            FlagRaise: self._raise_flag,
            FlagWithdraw: self._withdraw_flag,
            NoteAdd: self._add_note,
            NoteRetract: self._retract_note,
            MarkSave: self._save_mark,
            MarkRemove: self._remove_mark,
            MarkFlag: self._flag_mark,
            FilterSave: self._save_filter,
            Curate: self._curate,
            MergeBegin: self._begin_merge,
            MergeSteer: self._steer_merge,
            PolicySave: self._save_policy,
            LoginGrant: self._grant_login,
            LoginRevoke: self._revoke_login,
            AdminAsk: self._ask_admin,
            AdminAnswer: self._answer_admin,
            JobSteer: self._steer_job,
            JobUndo: self._undo_job,
        }

    async def person(self) -> Person:
        """Who is signed in."""
        me = await self._servers.call("SELECT greenroom.me()", {})
        return Person(me["login"], Role(me["rank"]), UUID(me["user_id"]), me["display_name"])

    async def schema(self) -> tuple[int, str]:
        """The schema's version in the database (0: it does not say), and the oldest console that writes."""
        me = await self._servers.call("SELECT greenroom.me()", {})
        return int(me.get("schema_version", 0)), str(me.get("minimum_client", "0"))

    async def claim(self, subject: Subject) -> Claim:
        """Lease the subject."""
        answer = await self._servers.call(
            "SELECT greenroom.claim(%(kind)s, %(id)s, %(partition_key)s)",
            {"kind": subject.kind, "id": subject.id, "partition_key": subject.partition_key},
        )
        self._written()
        return _claim(answer)

    async def claim_next(self, scope: str, candidates: Sequence[Candidate]) -> Claim | None:
        """Lease the first candidate that is free, pending and unchanged."""
        answer = await self._servers.call(
            "SELECT greenroom.claim_next(%(scope)s, %(candidates)s)",
            {"scope": scope, "candidates": _candidates(candidates)},
        )
        self._written()
        return None if answer is None else _claim(answer)

    async def renew(self, tokens: Sequence[UUID]) -> frozenset[UUID]:
        """Extend leases."""
        answer = await self._servers.call("SELECT greenroom.renew(%(tokens)s)", {"tokens": list(tokens)})
        return frozenset(answer)

    async def release(self, tokens: Sequence[UUID]) -> None:
        """Give leases back."""
        await self._servers.call("SELECT greenroom.release(%(tokens)s)", {"tokens": list(tokens)})
        self._written()

    async def decide(
        self, decision: Decision, tokens: Sequence[UUID], candidates: Sequence[Candidate]
    ) -> Outcome:
        """Apply a decision."""
        items = [
            _subject(target.subject)
            | {
                "token": str(token),
                "version": target.version,
                "title": target.title,
                "flags": [str(flag) for flag in target.flag_ids],
            }
            for target, token in zip(decision.targets, tokens, strict=True)
        ]
        answer = await self._servers.call(
            "SELECT greenroom.decide(%(id)s, %(scope)s, %(verb)s, %(policy)s, %(note)s,"
            " %(items)s, %(candidates)s, %(client)s)",
            {
                "id": decision.id,
                "scope": decision.scope,
                "verb": decision.verb,
                "policy": decision.policy,
                "note": decision.note,
                "items": json.dumps(items),
                "candidates": _candidates(candidates),
                "client": CLIENT,
            },
        )
        self._written()
        return _outcome(answer)

    async def send(self, work: Work[Answer]) -> Answer:
        """Apply anything but a decision."""
        answer: Answer = await self._senders[type(work)](work)
        self._written()
        return answer

    async def applied(self, ids: Sequence[UUID]) -> frozenset[UUID]:
        """Which of these the database has."""
        return frozenset(await self._servers.call("SELECT greenroom.applied(%(ids)s)", {"ids": list(ids)}))

    async def bring_older(self, queue: str, limit: int) -> Brought:
        """Bring the next older items into the queue."""
        answer = await self._servers.call(
            "SELECT greenroom.bring_older(%(queue)s, %(limit)s, %(client)s)",
            {"queue": queue, "limit": limit, "client": CLIENT},
        )
        return Brought(answer["brought"], datetime.fromisoformat(answer["back_to"]), answer["more"])

    async def primary(self) -> Position:
        """Where the primary is."""
        return await self._servers.primary()

    @property
    def written(self) -> Position | None:
        """Where the last write is."""
        return self._servers.written

    async def seal_audit(self) -> AuditHead:
        """Chain the audit's new rows."""
        answer = await self._servers.call("SELECT greenroom.seal_audit()", {})
        return AuditHead(answer["seal"], answer["digest"])

    async def count_numbers(self) -> bool:
        """Count what was decided."""
        return bool(await self._servers.call("SELECT greenroom.count_numbers()", {}))

    async def carry_merge(self, merge: UUID | None) -> Carried | None:
        """Move the next rows of a merge, or of any that was left."""
        answer = await self._servers.call(
            "SELECT greenroom.carry_merge(%(merge)s, %(client)s)", {"merge": merge, "client": CLIENT}
        )
        if answer is None:
            return None
        carried = Carried(
            UUID(answer["merge_id"]),
            MergeState(answer["state"]),
            answer["touched"],
            answer["moved"],
            answer["kept"],
        )
        if carried.state not in RUNNING:
            self._written()
        return carried

    async def _undo(self, undo: Undo) -> Outcome:
        answer = await self._servers.call(
            "SELECT greenroom.undo(%(id)s, %(decision_id)s, %(client)s)",
            {"id": undo.id, "decision_id": undo.decision_id, "client": CLIENT},
        )
        return _outcome(answer)

    async def _save(self, save: DocumentSave) -> Saved:
        answer = await self._servers.call(
            "SELECT greenroom.save_bible(%(id)s, %(scene)s, %(base)s, %(document)s, %(note)s, %(client)s)",
            {
                "id": save.id,
                "scene": save.subject.id,
                "base": save.base,
                "document": save.text,
                "note": save.note,
                "client": CLIENT,
            },
        )
        at = datetime.fromisoformat(answer["saved_at"])
        return Saved(answer["version"], at, answer["repeated"], answer["unchanged"])

    async def _raise_flag(self, flag: FlagRaise) -> None:
        await self._servers.call(
            "SELECT greenroom.raise_flag(%(id)s, %(kind)s, %(subject)s, %(partition_key)s, %(reason)s,"
            " %(description)s, %(client)s)",
            {
                "id": flag.id,
                "kind": flag.subject.kind,
                "subject": flag.subject.id,
                "partition_key": flag.subject.partition_key,
                "reason": flag.reason,
                "description": flag.description,
                "client": CLIENT,
            },
        )

    async def _withdraw_flag(self, withdraw: FlagWithdraw) -> None:
        await self._servers.call(
            "SELECT greenroom.withdraw_flag(%(id)s, %(flag)s, %(client)s)",
            {"id": withdraw.id, "flag": withdraw.flag_id, "client": CLIENT},
        )

    async def _add_note(self, note: NoteAdd) -> None:
        await self._servers.call(
            "SELECT greenroom.add_note(%(id)s, %(kind)s, %(subject)s, %(body)s, %(client)s)",
            {
                "id": note.id,
                "kind": note.subject.kind,
                "subject": note.subject.id,
                "body": note.body,
                "client": CLIENT,
            },
        )

    async def _retract_note(self, retract: NoteRetract) -> None:
        await self._servers.call(
            "SELECT greenroom.retract_note(%(id)s, %(note)s, %(client)s)",
            {"id": retract.id, "note": retract.note_id, "client": CLIENT},
        )

    async def _save_filter(self, save: FilterSave) -> None:
        await self._servers.call(
            "SELECT greenroom.save_filter(%(id)s, %(scope)s, %(line)s, %(shared)s, %(client)s)",
            {
                "id": save.id,
                "scope": save.queue,
                "line": save.line,
                "shared": save.shared,
                "client": CLIENT,
            },
        )

    async def _save_mark(self, mark: MarkSave) -> None:
        await self._servers.call(
            "SELECT greenroom.save_mark(%(save)s, %(mark)s, %(kind)s, %(id)s, %(partition_key)s, %(begins)s,"
            " %(ends)s, %(policy)s, %(note)s, %(client)s)",
            {
                "save": mark.id,
                "mark": mark.mark_id,
                "kind": mark.subject.kind,
                "id": mark.subject.id,
                "partition_key": mark.subject.partition_key,
                "begins": mark.begins,
                "ends": mark.ends,
                "policy": mark.policy,
                "note": mark.note,
                "client": CLIENT,
            },
        )

    async def _remove_mark(self, remove: MarkRemove) -> None:
        await self._servers.call(
            "SELECT greenroom.remove_mark(%(id)s, %(mark)s, %(removed)s, %(client)s)",
            {"id": remove.id, "mark": remove.mark_id, "removed": remove.removed, "client": CLIENT},
        )

    async def _flag_mark(self, flag: MarkFlag) -> None:
        await self._servers.call(
            "SELECT greenroom.flag_mark(%(flag)s, %(mark)s, %(client)s)",
            {"flag": flag.id, "mark": flag.mark_id, "client": CLIENT},
        )

    async def _save_policy(self, work: PolicySave) -> int:
        policy = work.policy
        answer = await self._servers.call(
            "SELECT greenroom.save_policy(%(id)s, %(key)s, %(base)s, %(title)s, %(family)s, %(severity)s,"
            " %(help_text)s, %(example)s, %(dsa_category)s, %(statement)s, %(points)s, %(days)s, %(active)s,"
            " %(client)s)",
            {
                "id": work.id,
                "key": policy.key,
                "base": policy.version,
                "title": policy.title,
                "family": policy.family,
                "severity": policy.severity,
                "help_text": policy.help_text,
                "example": policy.example,
                "dsa_category": policy.dsa_category,
                "statement": policy.statement,
                "points": policy.points,
                "days": policy.points_days,
                "active": policy.active,
                "client": CLIENT,
            },
        )
        return int(answer["version"])

    async def _curate(self, work: Curate) -> Curated:
        answer = await self._servers.call(
            "SELECT greenroom.curate(%(id)s, %(changes)s, %(client)s)",
            {
                "id": work.id,
                "changes": json.dumps([_change(each) for each in work.changes]),
                "client": CLIENT,
            },
        )
        at = datetime.fromisoformat(answer["decided_at"])
        return Curated(UUID(answer["decision_id"]), at, answer["repeated"])

    async def _begin_merge(self, work: MergeBegin) -> None:
        await self._servers.call(
            "SELECT greenroom.begin_merge(%(id)s, %(topic)s, %(survivor)s, %(client)s)",
            {"id": work.id, "topic": work.topic, "survivor": work.survivor, "client": CLIENT},
        )

    async def _steer_merge(self, work: MergeSteer) -> None:
        await self._servers.call(
            "SELECT greenroom.steer_merge(%(id)s, %(merge)s, %(act)s, %(client)s)",
            {"id": work.id, "merge": work.merge, "act": work.act, "client": CLIENT},
        )

    async def _grant_login(self, work: LoginGrant) -> None:
        await self._servers.call(
            "SELECT greenroom.grant_login(%(id)s, %(login)s, %(rank)s, %(user)s, %(verifier)s, %(client)s)",
            {
                "id": work.id,
                "login": work.login,
                "rank": work.rank,
                "user": work.user_id,
                "verifier": work.verifier,
                "client": CLIENT,
            },
        )

    async def _revoke_login(self, work: LoginRevoke) -> None:
        await self._servers.call(
            "SELECT greenroom.revoke_login(%(id)s, %(login)s, %(client)s)",
            {"id": work.id, "login": work.login, "client": CLIENT},
        )

    async def _ask_admin(self, work: AdminAsk) -> None:
        await self._servers.call(
            "SELECT greenroom.ask_admin(%(id)s, %(login)s, %(client)s)",
            {"id": work.id, "login": work.login, "client": CLIENT},
        )

    async def _answer_admin(self, work: AdminAnswer) -> None:
        await self._servers.call(
            "SELECT greenroom.answer_admin(%(id)s, %(request)s, %(granted)s, %(client)s)",
            {"id": work.id, "request": work.request, "granted": work.granted, "client": CLIENT},
        )

    async def _steer_job(self, steer: JobSteer) -> str:
        answer = await self._servers.call(
            "SELECT greenroom.steer_job(%(id)s, %(job)s, %(created_at)s, %(act)s, %(status)s, %(client)s)",
            {
                "id": steer.id,
                "job": steer.subject.id,
                "created_at": steer.subject.partition_key,
                "act": steer.act.value,
                "status": steer.status,
                "client": CLIENT,
            },
        )
        return str(answer["status"])

    async def _undo_job(self, undo: JobUndo) -> str:
        answer = await self._servers.call(
            "SELECT greenroom.undo_job(%(id)s, %(work)s, %(client)s)",
            {"id": undo.id, "work": undo.steer_id, "client": CLIENT},
        )
        return str(answer["status"])


def _change(change: CurationChange) -> dict[str, Any]:
    values = {
        "name": change.name,
        "slug": change.slug,
        "description": change.description,
        "icon_url": change.icon_url,
        "is_active": change.active,
        "topic_id": None if change.topic_id is None else str(change.topic_id),
    }
    return {
        "act": change.act,
        "kind": change.kind,
        "id": str(change.id),
        "version": change.version,
        "title": change.title,
        "values": {name: value for name, value in values.items() if value is not None},
        "after": None if change.after is None else str(change.after),
    }


def _subject(subject: Subject) -> dict[str, Any]:
    key = subject.partition_key
    return {
        "kind": subject.kind,
        "id": str(subject.id),
        "partition_key": None if key is None else key.isoformat(),
    }


def _candidates(candidates: Sequence[Candidate]) -> str:
    return json.dumps([_subject(each.subject) | {"version": each.version} for each in candidates])


def _claim(answer: dict[str, Any]) -> Claim:
    key = answer["partition_key"]
    subject = Subject(
        answer["kind"], UUID(answer["id"]), None if key is None else datetime.fromisoformat(key)
    )
    expires = datetime.fromisoformat(answer["expires_at"])
    return Claim(subject, UUID(answer["token"]), answer["version"], expires)


def _outcome(answer: dict[str, Any]) -> Outcome:
    return Outcome(
        UUID(answer["decision_id"]),
        datetime.fromisoformat(answer["decided_at"]),
        answer["repeated"],
        None if answer["next"] is None else _claim(answer["next"]),
    )
