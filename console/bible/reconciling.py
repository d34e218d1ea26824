"""When somebody saved first: what they did, what it has to do with mine, and the one document of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from console.bible.conflicts import Decision
from console.bible.diff import Change, content, diff
from console.bible.merge import Merge, merge
from console.bible.schema import AnnotatedSchema
from console.bible.validation import Finding, Surroundings, validate
from console.bible.values import Json


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A merge with what a person wants to know of it.

    `mine` and `theirs` are the changes of each side since base, without counters. `flaws` are findings of
    the merged document that neither side has by itself: they came with the merge.
    """

    merge: Merge
    mine: tuple[Change, ...]
    theirs: tuple[Change, ...]
    flaws: tuple[Finding, ...]

    @property
    def asks(self) -> bool:
        """Whether a person must decide: a conflict is open, or the result has a flaw of its own."""
        return bool(self.merge.conflicts or self.flaws)


def reconcile(
    base: Json,
    mine: Json,
    theirs: Json,
    schema: AnnotatedSchema,
    *,
    decisions: Iterable[Decision] = (),
    around: Surroundings | None = None,
) -> Reconciliation:
    """Merge mine and theirs; the same decisions count again as long as their questions are the same."""
    merged = merge(base, mine, theirs, schema, decisions=decisions)
    known = {_told(finding) for side in (mine, theirs) for finding in validate(side, schema, around)}
    return Reconciliation(
        merged,
        tuple(content(diff(base, mine, schema), schema)),
        tuple(content(diff(base, theirs, schema), schema)),
        tuple(found for found in validate(merged.merged, schema, around) if _told(found) not in known),
    )


def new_errors(before: Json, after: Json, schema: AnnotatedSchema) -> tuple[Finding, ...]:
    """Where `after` breaks the schema and `before` did not: what stood there already is nobody's fault."""
    known = {_told(finding) for finding in validate(before, schema)}
    found = validate(after, schema)
    return tuple(each for each in found if each.severity == "error" and _told(each) not in known)


def _told(finding: Finding) -> tuple[str, str, str]:
    return (finding.kind, finding.path, finding.message)
