"""What the consoles showed, held against the database and their journals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from tests.e2e.processes import ConsoleProcess, Shown
from tests.e2e.stage import PEOPLE, Stage


@dataclass(frozen=True, slots=True)
class Database:
    """What the database has of everything that the four people did."""

    decisions: dict[UUID, tuple[UUID | None, UUID | None]]
    """By id: what it undoes, and what undid it."""
    subjects: dict[UUID, list[UUID]]
    """By decision, what it was about: one, each time."""
    saves: dict[UUID, int]
    """By save, how many versions it made."""
    audited: Counter[UUID]
    told: Counter[UUID]
    """Rows of the outbox, by decision."""
    approved: frozenset[UUID]


def read(stage: Stage) -> Database:
    """Read it on the server that is the primary now."""
    with stage.superuser() as c:
        items: dict[UUID, list[UUID]] = {}
        for decision, subject in c.execute("SELECT decision_id, id FROM greenroom.decision_items"):
            items.setdefault(decision, []).append(subject)
        return Database(
            {
                id: (undoes, undone)
                for id, undoes, undone in c.execute(
                    "SELECT decision_id, undoes, undone_by FROM greenroom.decisions WHERE login = ANY (%s)",
                    [list(PEOPLE)],
                )
            },
            items,
            Counter(
                id
                for (id,) in c.execute(
                    "SELECT d.save_id FROM greenroom.document_versions AS d"
                    " JOIN scene_bibles AS b ON (b.scene_id, b.version) = (d.id, d.version)"
                )
            ),
            Counter(
                id
                for (id,) in c.execute(
                    "SELECT decision_id FROM greenroom.audit WHERE decision_id IS NOT NULL"
                )
            ),
            Counter(
                id
                for (id,) in c.execute(
                    "SELECT decision_id FROM greenroom.outbox WHERE event IN ('decision', 'undo')"
                )
            ),
            frozenset(id for (id,) in c.execute("SELECT id FROM ideas WHERE moderation_status = 'approved'")),
        )


def broken(stage: Stage) -> list[str]:
    """Every promise that does not hold, in words; for a moment at which nothing is on its way."""
    held = read(stage)
    found = [
        f"{console.login}: {problem}" for console in stage.consoles for problem in _of_console(console, held)
    ]
    made = {id for console in stage.consoles for id in console.ledger}
    found += [
        f"decision {id} is in the database, and nobody made it" for id in held.decisions if id not in made
    ]
    found += [f"save {id} is in the database, and nobody made it" for id in held.saves if id not in made]
    standing = Counter(
        subject
        for id, (undoes, undone_by) in held.decisions.items()
        if undoes is None and undone_by is None
        for subject in held.subjects[id]
    )
    found += [f"idea {id} is decided {count} times" for id, count in standing.items() if count > 1]
    found += [f"idea {id} is approved, and no decision says so" for id in held.approved - standing.keys()]
    found += [f"idea {id} is decided, and not approved" for id in standing.keys() - held.approved]
    return found


def _of_console(console: ConsoleProcess, held: Database) -> list[str]:
    found = list(console.bugs)
    states = console.states()
    if console.waiting:
        found.append(f"{console.waiting} still wait")
    for id, shown in console.ledger.items():
        there = id in held.decisions or id in held.saves
        what = f"{shown.kind} {id}, shown as {shown.state} ({shown.message})"
        if shown.state == "done" and not there:
            found.append(f"{what}, is not in the database")
        if shown.state in {"refused", "unrecorded"} and there:
            found.append(f"{what}, is in the database")
        if shown.state == "waiting" and shown.survived:
            found.append(f"{what}, was never answered")
        if there:
            found += [f"{what}, {problem}" for problem in _once(id, shown, held)]
        state = states.get(id)
        # The disk may have been full when the answer came: the next start looks it up.
        if state == "waiting" and shown.state != "done":
            found.append(f"{what}, waits in the journal")
        if state != "waiting" and (state == "done") != there:
            found.append(f"{what}, is {state} in the journal and {'' if there else 'not '}in the database")
    return found


def _once(id: UUID, shown: Shown, held: Database) -> list[str]:
    found = []
    if held.audited[id] != 1:
        found.append(f"is in the audit {held.audited[id]} times")
    if shown.kind == "save":
        return [*found, *([f"made {held.saves[id]} versions"] if held.saves[id] != 1 else [])]
    if shown.kind == "undo" and held.decisions[id][0] != shown.of:
        found.append(f"takes back {held.decisions[id][0]} instead of {shown.of}")
    if shown.kind == "undo" and held.decisions[shown.of][1] != id:
        found.append("has not taken it back")
    if shown.kind == "decide" and held.subjects[id] != [shown.of]:
        found.append(f"is about {held.subjects[id]} instead of {shown.of}")
    # Nobody consumes the outbox here: what is taken back is withdrawn from it.
    told = 1 if shown.kind == "decide" and held.decisions[id][1] is None else 0
    if held.told[id] != told:
        found.append(f"is in the outbox {held.told[id]} times")
    return found
