"""Works as JSON, for the journal: written with the name of their kind, read by the types of their fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from console.domain.curation import Curate
from console.domain.decisions import Decision, Undo
from console.domain.documents import DocumentSave
from console.domain.merging import MergeBegin, MergeSteer
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
from console.domain.staffing import AdminAnswer, AdminAsk, LoginGrant, LoginRevoke
from console.domain.work import Work

KINDS: Mapping[str, type[Work[Any]]] = {
    "decision": Decision,
    "undo": Undo,
    "document_save": DocumentSave,
    "flag_raise": FlagRaise,
    "flag_withdraw": FlagWithdraw,
    "note_add": NoteAdd,
    "note_retract": NoteRetract,
    "mark_save": MarkSave,
    "mark_remove": MarkRemove,
    "mark_flag": MarkFlag,
    "filter_save": FilterSave,
    "curate": Curate,
    "merge_begin": MergeBegin,
    "merge_steer": MergeSteer,
    "policy_save": PolicySave,
    "login_grant": LoginGrant,
    "login_revoke": LoginRevoke,
    "admin_ask": AdminAsk,
    "admin_answer": AdminAnswer,
    "job_steer": JobSteer,
    "job_undo": JobUndo,
}
"""Every kind of work by the name it has in journals, which stays when the class is renamed."""

_NAMES = {kind: name for name, kind in KINDS.items()}


def to_json(work: Work[Any]) -> str:
    """The work as one line of JSON; ids and times as text."""
    return json.dumps({"kind": _NAMES[type(work)], **asdict(work)}, default=str)


def from_json(stored: str) -> Work[Any]:
    """The work that `to_json` wrote. KeyError, TypeError or ValueError when it is none.

    A field that was added since has its default, one that was removed is passed over.
    """
    fields = json.loads(stored)
    work: Work[Any] = _read(KINDS[fields["kind"]], fields)
    return work


def _read(hint: Any, value: Any) -> Any:
    if get_origin(hint) in {Union, UnionType}:
        return None if value is None else _read(next(a for a in get_args(hint) if a is not type(None)), value)
    if get_origin(hint) is tuple:
        return tuple(_read(get_args(hint)[0], each) for each in value)
    if is_dataclass(hint) and isinstance(hint, type):
        known = {name: each for name, each in _hints(hint).items() if name in value}
        return hint(**{name: _read(each, value[name]) for name, each in known.items()})
    if hint is UUID:
        return UUID(value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value)
    if not isinstance(value, hint):
        raise TypeError(f"{value!r} is no {hint}")
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
