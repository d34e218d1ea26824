"""What admins see of the running platform, and the jobs that they try again or cancel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from console.domain.servers import Served
from console.domain.subjects import Subject
from console.domain.work import Work

JOB = "job"
"""The kind of a job as a subject; its partition key is when it was made."""


class JobAct(StrEnum):
    """What is done to a job."""

    RETRY = "retry"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class JobSteer(Work[str]):
    """Tries a job again or cancels it if it has the status seen, else Stale. Answers the new status."""

    subject: Subject
    act: JobAct
    status: str

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """The job."""
        return (self.subject,)

    @property
    def words(self) -> str:
        """What it does."""
        return f"{self.act.capitalize()} job {str(self.subject.id)[:8]}"


@dataclass(frozen=True, slots=True)
class JobUndo(Work[str]):
    """Takes a retry or a cancel back while the job is as it was left; UndoRefused if not."""

    steer_id: UUID
    subject: Subject

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """The job."""
        return (self.subject,)

    @property
    def words(self) -> str:
        """What it does."""
        return f"Undo on job {str(self.subject.id)[:8]}"


class Measure(StrEnum):
    """How a column's values read."""

    TEXT = "text"
    NUMBER = "number"
    BYTES = "bytes"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet."""

    title: str
    measure: Measure = Measure.TEXT


@dataclass(frozen=True, slots=True)
class SheetKind:
    """A sheet that can be read: `about` says what is in it, `empty` what it means when nothing is.

    With `jobs` its rows are jobs: the first three cells are id, when it was made, and status.
    """

    key: str
    title: str
    about: str
    empty: str
    columns: tuple[Column, ...]
    jobs: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows as they were read: text, int, float, datetime, UUID or None for a column; `served` by whom."""

    rows: tuple[tuple[object, ...], ...]
    served: Served
