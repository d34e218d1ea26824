"""One three-way merge as it is shown: what a person must decide, and what was merged without asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.bible.conflicts import Decision
from console.bible.reconciling import Reconciliation, reconcile
from console.bible.schema import AnnotatedSchema
from console.bible.validation import Surroundings
from console.bible.values import Json
from console.ui.documents.questions import Question, question
from console.ui.documents.rows import Compared, rows_of


@dataclass(frozen=True, slots=True)
class MergeInput:
    """What is merged: three documents of one schema, who made theirs, and what lies around them."""

    base: Json
    mine: Json
    theirs: Json
    schema: AnnotatedSchema
    who: str
    around: Surroundings | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it: the merge, the questions in it, and the changes that were merged without asking."""

    result: Reconciliation
    questions: tuple[Question, ...]
    unasked: Compared


def merge(merged: MergeInput, decisions: Sequence[Decision]) -> Merged:
    """Merge with the answers given so far. Takes its time with large documents."""
    result = reconcile(
        merged.base, merged.mine, merged.theirs, merged.schema, decisions=decisions, around=merged.around
    )
    conflicts = (*result.merge.conflicts, *result.merge.answered)
    asked = [conflict.path for conflict in conflicts]
    changes = [
        (change, who)
        for side, who in ((result.theirs, merged.who), (result.mine, "you"))
        for change in side
        if not any(f"{change.path}/".startswith(f"{path}/") for path in asked)
    ]
    rows = rows_of([change for change, _ in changes], [who for _, who in changes])
    questions = tuple(question(conflict, merged.who, merged.schema) for conflict in conflicts)
    return Merged(result, questions, rows)
