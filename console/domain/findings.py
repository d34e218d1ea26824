"""What the doctor found out about the machine or a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    `area` names it in a word or two, `message` says in a sentence how it is. `ok` says whether the
    console works with it as it is; `remedy` is what to do, empty when nothing is to be done. An `ok`
    finding with a remedy is a notice: something optional is missing.
    """

    area: str
    ok: bool
    message: str
    remedy: str = ""
