"""What the demo's rows agree on before any is written: who, when, which status, and the counters.

Rows are numbered from 0 in each table and kept as plain numbers, so that a large demo fits into
little memory. Times are seconds since the epoch, none later than the midnight (UTC) before `now`, so
that a day has one demo.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from random import Random

from db.platforms.scenes.demo.drawing import CLIPS
from db.platforms.scenes.demo.genres import GENRES, Genre
from db.platforms.scenes.demo.plan import Plan

DAYS = 425
"""About 14 months."""
DAY = 86_400
STAFF = 10
"""The first users are the platform's admins (two) and moderators."""
TOPICS = len(GENRES)

_MASK = (1 << 122) - 1
_STRIDE = 0x27D4EB2F165667C5_9E3779B97F4A7C15 | 1


class Table(IntEnum):
    """Salts of ids."""

    USERS = 1
    OAUTH = 2
    TOPICS = 3
    CATEGORIES = 4
    USER_TOPICS = 5
    IDEAS = 6
    SCENES = 7
    SEGMENTS = 8
    JOBS = 9
    BIBLES = 10
    SUMMARIES = 11
    FLAGS = 12
    LIKES = 13
    VIEWS = 14


def key(table: Table, number: int) -> str:
    """The id of row `number`: 32 hex digits of a version 4 UUID, different for each row of a table.

    An odd multiplier modulo 2^122 meets every value once: ids look scattered and need no bookkeeping.
    """
    bits = (((number + 1) * 64 + table) * _STRIDE) & _MASK
    return (
        f"{bits >> 74:012x}4{(bits >> 62) & 0xFFF:03x}{0x8000000000000000 | (bits & 0x3FFFFFFFFFFFFFFF):016x}"
    )


class Content(IntEnum):
    """Status of an idea, scene or segment."""

    ACTIVE = 0
    HIDDEN = 1
    REMOVED = 2
    LOCKED = 3

    @property
    def word(self) -> str:
        """As in the database."""
        return self.name.lower()


PENDING, APPROVED, REJECTED = range(3)
REVIEW_WORDS = ("pending", "approved", "rejected")


def is_offender(user: int) -> bool:
    """Whose work is often taken down."""
    return user >= STAFF and user % 37 == 15


def is_reliable(user: int) -> bool:
    """Whose reports are mostly upheld."""
    return user >= STAFF and user % 29 == 11


def is_bad_faith(user: int) -> bool:
    """Whose reports are mostly dismissed."""
    return user >= STAFF and user % 31 == 17


@dataclass(frozen=True, slots=True)
class World:
    """The agreed numbers. Arrays go by row; `first_segment` has one entry more than there are scenes."""

    plan: Plan
    start: int
    today: int
    user_created: array[int]
    user_active: bytearray
    idea_created: array[int]
    idea_user: array[int]
    idea_topic: bytearray
    idea_status: bytearray
    idea_review: bytearray
    idea_scenes: array[int]
    idea_likes: array[int]
    idea_views: array[int]
    topic_scenes: array[int]
    scene_created: array[int]
    scene_idea: array[int]
    scene_user: array[int]
    scene_status: bytearray
    scene_likes: array[int]
    scene_views: array[int]
    first_segment: array[int]
    segment_scene: array[int]
    segment_user: array[int]
    segment_created: array[int]
    segment_status: bytearray

    def genre_of_idea(self, idea: int) -> Genre:
        """What the idea's story is about."""
        return GENRES[self.idea_topic[idea]]

    def genre_of_scene(self, scene: int) -> Genre:
        """What the scene's story is about."""
        return GENRES[self.idea_topic[self.scene_idea[scene]]]

    def users_before(self, moment: int) -> int:
        """How many users had joined by then (at least the staff)."""
        return max(STAFF, bisect_left(self.user_created, moment))


def clip_of(segment: int) -> int:
    """Which clip a segment shows; neighbours differ."""
    return (segment * 5 + segment // 12) % len(CLIPS)


def at(moment: int) -> datetime:
    """A moment as PostgreSQL takes it."""
    return _EPOCH + timedelta(seconds=moment)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def build(plan: Plan, now: datetime) -> World:
    """The world of a plan on the day of `now` (aware)."""
    today = int(now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
    world = _empty(plan, today)
    _people(world)
    _ideas(world)
    _scenes(world)
    _segments(world)
    _counters(world)
    return world


def _empty(plan: Plan, today: int) -> World:
    def zeros(count: int) -> array[int]:
        return array("q", bytes(8 * count))

    return World(
        plan=plan,
        start=today - DAYS * DAY,
        today=today,
        user_created=zeros(plan.users),
        user_active=bytearray(plan.users),
        idea_created=zeros(plan.ideas),
        idea_user=zeros(plan.ideas),
        idea_topic=bytearray(plan.ideas),
        idea_status=bytearray(plan.ideas),
        idea_review=bytearray(plan.ideas),
        idea_scenes=zeros(plan.ideas),
        idea_likes=zeros(plan.ideas),
        idea_views=zeros(plan.ideas),
        topic_scenes=zeros(TOPICS),
        scene_created=zeros(plan.scenes),
        scene_idea=zeros(plan.scenes),
        scene_user=zeros(plan.scenes),
        scene_status=bytearray(plan.scenes),
        scene_likes=zeros(plan.scenes),
        scene_views=zeros(plan.scenes),
        first_segment=zeros(plan.scenes + 1),
        segment_scene=zeros(plan.segments),
        segment_user=zeros(plan.segments),
        segment_created=zeros(plan.segments),
        segment_status=bytearray(plan.segments),
    )


def _people(world: World) -> None:
    chance = Random("people")
    count, span = world.plan.users, world.today - world.start
    for n in range(count):
        # The platform grows: more people join later than sooner.
        share = ((n + chance.random()) / count) ** 0.7
        world.user_created[n] = (
            world.start + int(0.96 * span * share) if n >= STAFF else world.start + n * 600
        )
        world.user_active[n] = n < STAFF or chance.random() > (0.4 if is_offender(n) else 0.03)


def _author(world: World, chance: Random, moment: int, *, taken_down: bool) -> int:
    joined = world.users_before(moment)
    # Most is written by few; of what is taken down, most by a few others.
    author = int(joined * chance.random() ** 1.6)
    if taken_down and chance.random() < 0.7:
        offender = 15 + 37 * int(joined / 37 * chance.random() ** 2.5)
        return offender if offender < joined else author
    return author


def _ideas(world: World) -> None:
    chance = Random("ideas")
    count, pending, span = world.plan.ideas, world.plan.pending_ideas, world.today - world.start
    # Of the newest, four in five wait: what is pending is young, and not all that is young is pending.
    young = count - pending * 5 // 4
    for n in range(count):
        share = ((n + chance.random()) / count) ** 0.8
        created = world.start + int(span * (0.03 + 0.9699 * share))
        waits = n >= young and (n - young) % 5 != 4
        luck = chance.random()
        status, review = Content.ACTIVE, PENDING if waits else APPROVED
        if not waits and luck < 0.12:
            status = Content.REMOVED if luck < 0.035 else Content.HIDDEN if luck < 0.08 else Content.ACTIVE
            review = REJECTED if luck > 0.05 or luck < 0.02 else APPROVED
        world.idea_created[n] = created
        world.idea_topic[n] = int(TOPICS * chance.random() ** 1.3)
        world.idea_status[n], world.idea_review[n] = status, review
        world.idea_user[n] = _author(world, chance, created, taken_down=not waits and luck < 0.12)


def _scenes(world: World) -> None:
    chance = Random("scenes")
    count = world.plan.scenes
    first, last = world.start + 25 * DAY, world.today - DAY // 2
    for n in range(count):
        created = first + int((last - first) * ((n + chance.random()) / count) ** 0.85)
        known = max(20, bisect_left(world.idea_created, created - 3600))
        idea = int(known * chance.random() ** 0.8)
        while world.idea_review[idea] != APPROVED or world.idea_status[idea] != Content.ACTIVE:
            idea = (idea - 1) % known
        luck = chance.random()
        status = Content.ACTIVE
        if luck < 0.09:
            status = Content.HIDDEN if luck < 0.05 else Content.REMOVED
        elif n % 32 == 9:
            status = Content.LOCKED
        world.scene_created[n] = max(created, world.idea_created[idea] + 600)
        world.scene_idea[n] = idea
        world.scene_status[n] = status
        world.scene_user[n] = _author(world, chance, created, taken_down=status != Content.ACTIVE)


def _segments(world: World) -> None:
    chance = Random("segments")
    scenes, count = world.plan.scenes, world.plan.segments
    weights = [0.15 + chance.expovariate(1.0) for _ in range(scenes)]
    whole, reached = sum(weights), 0.0
    for n, weight in enumerate(weights):
        reached += weight
        world.first_segment[n + 1] = count if n == scenes - 1 else int(count * reached / whole)
    for scene in range(scenes):
        first, end = world.first_segment[scene], world.first_segment[scene + 1]
        begun, length = world.scene_created[scene] + 600, end - first
        # A third of the scenes are still being told, the others rest.
        room = world.today - 60 - begun
        if chance.random() > 0.35:
            room = min(room, length * int(DAY * (0.2 + 3 * chance.random())))
        joined = world.users_before(begun)
        guests = [int(joined * chance.random() ** 1.4) for _ in range(2 + length // 5)]
        for n in range(first, end):
            luck = chance.random()
            step = (n - first + 0.15 + 0.7 * chance.random()) / length
            world.segment_scene[n] = scene
            world.segment_created[n] = begun + int(room * step)
            world.segment_user[n] = (
                world.scene_user[scene]
                if chance.random() < 0.45
                else guests[int(chance.random() * len(guests))]
            )
            world.segment_status[n] = (
                Content.REMOVED if luck < 0.015 else Content.HIDDEN if luck < 0.045 else Content.ACTIVE
            )


def _counters(world: World) -> None:
    for scene in range(world.plan.scenes):
        if world.scene_status[scene] in {Content.ACTIVE, Content.LOCKED}:
            idea = world.scene_idea[scene]
            world.idea_scenes[idea] += 1
            world.topic_scenes[world.idea_topic[idea]] += 1
    chance = Random("audience")
    # Each person likes a thing once, so nothing has more likes than there are people.
    most = world.plan.users // 2
    for _ in range(world.plan.likes):
        if chance.random() < 0.6:
            likes, place = world.idea_likes, int(world.plan.ideas * chance.random() ** 3)
        else:
            likes, place = world.scene_likes, int(world.plan.scenes * chance.random() ** 3)
        while likes[place] >= most:
            place += 1
        likes[place] += 1
    for _ in range(world.plan.views):
        scene = int(world.plan.scenes * chance.random() ** 2)
        world.scene_views[scene] += 1
        world.idea_views[world.scene_idea[scene]] += 1
