"""Rows of flags, likes and views.

The newest half of the flags is open and lies on many subjects, a few of them with very many; of the
older half, those on content that was taken down were upheld, the others dismissed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from db.platforms.scenes.demo.hostile import hostile
from db.platforms.scenes.demo.rows import Row, Rows
from db.platforms.scenes.demo.world import (
    DAY,
    STAFF,
    TOPICS,
    Content,
    Table,
    World,
    at,
    is_bad_faith,
    is_reliable,
    key,
)

_KINDS = (
    ("idea", Table.IDEAS),
    ("segment", Table.SEGMENTS),
    ("scene", Table.SCENES),
    ("user", Table.USERS),
)

_REASONS = {
    "spam": (
        "Same text five times today",
        "Only links to a shop",
        "Advert for a group elsewhere",
        "Bot, look at the times",
    ),
    "harassment": (
        "This is about me, with my nickname",
        "Pile-on against one contributor",
        "Insults in every line",
    ),
    "violence": (
        "Far too bloody for this topic",
        "Threat at the end",
        "Celebrates the beating",
        "Gore in the middle",
    ),
    "sexual_content": (
        "Explicit from the second half on",
        "Not fit for this topic",
        "Nudity without warning",
    ),
    "hate": ("Slur in the dialogue", "Mocks people for their origin", "Hateful stereotype as the joke"),
    "misleading": (
        "Pretends to be a real news report",
        "Fake official notice",
        "Claims to be the platform's staff",
    ),
    "copyright": ("Copied from a book I own", "That is somebody else's character", "My idea, word for word"),
    "privacy": ("Shows a real address", "Full name of my teacher", "There is a phone number in it"),
    "self_harm": ("Describes methods", "Please check whether the author is all right", "Encourages starving"),
    "illegal_goods": ("Tells where to buy it", "Recipe for something illegal", "Sells forged tickets"),
    "child_safety": ("A child in danger, please look now", "Grown-up writing to a kid in the comments"),
    "other": ("Broken, cannot be played", "Wrong topic", "Something is off here", "Not sure, please look"),
}
_WEIGHTS = (22, 14, 12, 9, 8, 8, 9, 6, 3, 4, 1, 8)
_TAILS = (
    "",
    "",
    " Please hurry.",
    " Second time this week.",
    " See the last line.",
    " I know the author, it is meant.",
    " My daughter saw it.",
    " Already wrote to you about it.",
    " Around second 5.",
    " Not the first of this account.",
    " Might be a joke, but still.",
    " I asked them to stop.",
    " Thanks for looking.",
    " Others in the thread think so too.",
)
_NOTES = (
    "Clear case.",
    "Second look agreed.",
    "Warned before.",
    "Borderline, but the pattern decides.",
    None,
)
_DISMISSALS = ("Not a breach.", "Fits the story.", "Report in bad faith.", "Satire.", "Cannot see it.", None)
_ACTIONS = {Content.HIDDEN: "hide", Content.REMOVED: "remove", Content.LOCKED: "lock"}


def reports(world: World) -> list[Rows]:
    """The tables of this module."""
    plan = world.plan
    return [
        Rows(
            "moderation_flags",
            (
                "id", "target_type", "target_id", "reporter_id", "reason", "description", "status",
                "reviewed_by", "reviewed_at", "action_taken", "notes", "created_at",
            ),
            plan.flags,
            lambda: _flags(world),
        ),
        Rows(
            "likes",
            ("id", "user_id", "target_type", "target_id", "created_at"),
            plan.likes,
            lambda: _likes(world),
        ),
        Rows(
            "scene_views",
            ("id", "scene_id", "user_id", "ip_hash", "created_at"),
            plan.views,
            lambda: _views(world),
        ),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Target:
    kind: str
    id: str
    created: int


def _flags(world: World) -> Iterator[Row]:
    chance = Random("flags")
    plan = world.plan
    opened, escalated = plan.flags // 2, plan.flags // 100
    subjects = _open_subjects(world, chance)
    waiting = len(subjects) - escalated
    extra = array("q", bytes(8 * waiting))
    for _ in range(opened - waiting):
        # A few subjects draw most of the further reports.
        extra[int(waiting * chance.random() ** 3)] += 1
    number = 0
    for place, coded in enumerate(subjects):
        target = _target(world, coded)
        status = "pending" if place < waiting else "reviewing"
        begin = max(target.created + 60, world.today - 75 * DAY)
        usual, joined = _reason(chance), world.users_before(begin)
        start = chance.randrange(joined)
        for report in range(1 + (extra[place] if place < waiting else 0)):
            reason = usual if chance.random() < 0.7 else _reason(chance)
            moment = begin + int((world.today - begin) * chance.random())
            # Neighbours in the row of users: different people report one thing.
            reporter = None if chance.random() < 0.12 else (start + report) % joined
            reviewer = chance.randrange(STAFF) if status == "reviewing" else None
            yield _flag(
                world, chance, number, target, reporter, reason, moment, (status, reviewer, None, None)
            )
            number += 1
    yield from _settled(world, chance, number)


def _settled(world: World, chance: Random, first: int) -> Iterator[Row]:
    """Flags of the past, upheld where the content is gone and dismissed where it stands."""
    plan = world.plan
    gone = [_taken_down(world, kind) for kind in range(len(_KINDS))]
    reliable = [n for n in range(plan.users) if is_reliable(n)]
    spiteful = [n for n in range(plan.users) if is_bad_faith(n)]
    for number in range(first, plan.flags):
        upheld = chance.random() < 0.55
        kind = (0, 1, 1, 2, 3)[int(5 * chance.random())]
        if upheld:
            coded = _code(kind, gone[kind][int(len(gone[kind]) * chance.random())])
            action = _action(world, coded)
        else:
            coded, action = _code(kind, int(_counts(world)[kind] * chance.random())), None
        target = _target(world, coded)
        begin = min(target.created + 60, world.today - 600)
        moment = begin + int((world.today - begin) * 0.98 * chance.random())
        pool = reliable if upheld else spiteful
        joined = world.users_before(moment)
        reporter: int | None = int(joined * chance.random())
        if chance.random() < 0.6:
            known = pool[int(len(pool) * chance.random())]
            reporter = known if known < joined else reporter
        elif chance.random() < 0.2:
            reporter = None
        review = ("resolved" if upheld else "dismissed", chance.randrange(STAFF), action)
        note = chance.choice(_NOTES if upheld else _DISMISSALS)
        yield _flag(world, chance, number, target, reporter, _reason(chance), moment, (*review, note))


def _flag(
    world: World,
    chance: Random,
    number: int,
    target: _Target,
    reporter: int | None,
    reason: str,
    moment: int,
    review: tuple[str, int | None, str | None, str | None],
) -> Row:
    status, reviewer, action, note = review
    if reporter is None:
        said: str | None = f"Automatic: {reason} {50 + int(50 * chance.random())} %"
    else:
        said = (
            _said(chance.choice(_REASONS[reason]), chance.choice(_TAILS)) if chance.random() < 0.8 else None
        )
    closed = status in {"resolved", "dismissed"}
    reviewed = min(moment + 300 + int(2 * DAY * chance.random() ** 2), world.today)
    return (
        key(Table.FLAGS, number),
        target.kind,
        target.id,
        None if reporter is None else key(Table.USERS, reporter),
        reason,
        hostile(number, world.plan.hostile_every) or said,
        status,
        None if reviewer is None else key(Table.USERS, reviewer),
        at(reviewed) if closed else None,
        action,
        note,
        at(moment),
    )


def _open_subjects(world: World, chance: Random) -> array[int]:
    """Coded targets without repetition: what waits, then one for each escalated flag."""
    wanted = world.plan.open_subjects + world.plan.flags // 100
    found = array("q", (_code(len(_KINDS), topic) for topic in range(min(3, TOPICS))))
    counts = _counts(world)
    for kind, share in enumerate(world.plan.open_shares):
        count, left = counts[kind], int(wanted * share)
        # A stride that shares no factor with the count visits every row once, in no visible order.
        stride = next(step for step in (7_919, 104_729, 1_299_709) if count % step)
        for visit in range(count):
            if left == 0:
                break
            row = visit * stride % count
            if _standing(world, kind, row):
                found.append(_code(kind, row))
                left -= 1
    chance.shuffle(found)
    return found


def _counts(world: World) -> tuple[int, ...]:
    plan = world.plan
    return plan.ideas, plan.segments, plan.scenes, plan.users


def _code(kind: int, row: int) -> int:
    return kind << 40 | row


def _target(world: World, coded: int) -> _Target:
    kind, row = coded >> 40, coded & ((1 << 40) - 1)
    if kind == len(_KINDS):
        return _Target("topic", key(Table.TOPICS, row), world.start)
    name, table = _KINDS[kind]
    created = (world.idea_created, world.segment_created, world.scene_created, world.user_created)[kind][row]
    return _Target(name, key(table, row), created)


def _standing(world: World, kind: int, row: int) -> bool:
    if kind == 3:
        return row >= STAFF and bool(world.user_active[row])
    statuses = (world.idea_status, world.segment_status, world.scene_status)[kind]
    return statuses[row] == Content.ACTIVE


def _taken_down(world: World, kind: int) -> array[int]:
    return array("q", (row for row in range(STAFF, _counts(world)[kind]) if not _standing(world, kind, row)))


def _action(world: World, coded: int) -> str:
    kind, row = coded >> 40, coded & ((1 << 40) - 1)
    if kind == 3:
        return "deactivate"
    return _ACTIONS[Content((world.idea_status, world.segment_status, world.scene_status)[kind][row])]


_NAMES = tuple(_REASONS)


def _reason(chance: Random) -> str:
    return chance.choices(_NAMES, _WEIGHTS)[0]


def _likes(world: World) -> Iterator[Row]:
    chance = Random("likes")
    number = 0
    for kind, table, likes, created in (
        ("idea", Table.IDEAS, world.idea_likes, world.idea_created),
        ("scene", Table.SCENES, world.scene_likes, world.scene_created),
    ):
        for row, count in enumerate(likes):
            start = chance.randrange(world.plan.users)
            for like in range(count):
                moment = created[row] + int((world.today - created[row]) * chance.random())
                user = (start + like) % world.plan.users
                yield key(Table.LIKES, number), key(Table.USERS, user), kind, key(table, row), at(moment)
                number += 1


def _views(world: World) -> Iterator[Row]:
    chance = Random("views")
    number = 0
    for scene, count in enumerate(world.scene_views):
        created = world.scene_created[scene]
        for _ in range(count):
            known = chance.random() < 0.6
            yield (
                key(Table.VIEWS, number),
                key(Table.SCENES, scene),
                key(Table.USERS, int(world.plan.users * chance.random())) if known else None,
                None if known else f"demo-ip-hash-{chance.getrandbits(128):032x}",
                at(created + int((world.today - created) * chance.random())),
            )
            number += 1


def _said(what: str, more: str) -> str:
    """What a reporter wrote; a second sentence asks for the end of the first."""
    return f"{what}{'' if not more or what.endswith('?') else '.'}{more}"
