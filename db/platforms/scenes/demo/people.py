"""Rows of users, their sign-ins, topics, categories and suggested topics."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from db.platforms.scenes.demo import prose
from db.platforms.scenes.demo.genres import GENRES
from db.platforms.scenes.demo.hostile import SHORT, hostile
from db.platforms.scenes.demo.media import AVATARS, ICONS
from db.platforms.scenes.demo.rows import Row, Rows
from db.platforms.scenes.demo.words import WORDS
from db.platforms.scenes.demo.world import DAY, STAFF, TOPICS, Table, World, at, is_bad_faith, key

RETIRED_TOPICS = (
    ("Puppet Theatre", "puppet-theatre", "Strings attached. Merged into Folk Tales."),
    ("Found Footage", "found-footage", "Shaky pictures of things nobody should have filmed."),
)
_HOSTILE_AVATARS = (
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://tracker.example.com/pixel.gif",
    "//",
)
_USERNAME_LIMIT = 40
_MAIL = ("example.org", "example.com", "example.net")


def people(world: World, media: str) -> list[Rows]:
    """The tables of this module; `media` is the base of their URLs."""
    plan = world.plan
    return [
        Rows(
            "users",
            (
                "id", "email", "password_hash", "username", "display_name", "avatar_url", "bio", "role",
                "email_verified", "is_active", "created_at", "updated_at", "last_login_at",
            ),
            plan.users,
            lambda: _users(world, media),
        ),
        Rows(
            "oauth_accounts",
            (
                "id", "user_id", "provider", "provider_id", "access_token", "refresh_token", "expires_at",
                "created_at",
            ),
            plan.users // 4,
            lambda: _accounts(world),
        ),
        Rows(
            "topics",
            (
                "id", "name", "slug", "description", "icon_url", "is_curated", "is_active", "display_order",
                "scene_count", "created_at", "updated_at",
            ),
            TOPICS + len(RETIRED_TOPICS),
            lambda: _topics(world, media),
        ),
        Rows(
            "categories",
            ("id", "topic_id", "name", "slug", "description", "display_order", "is_active", "created_at"),
            sum(len(genre.categories) for genre in GENRES),
            lambda: _categories(world),
        ),
        Rows(
            "user_topics",
            (
                "id", "user_id", "name", "description", "status", "reviewed_by", "reviewed_at",
                "rejection_reason", "promoted_to_topic_id", "created_at",
            ),
            plan.user_topics,
            lambda: _user_topics(world),
        ),
    ]  # fmt: skip


def has_oauth(user: int) -> bool:
    """Who signs in through somebody else."""
    return user % 4 == 2


def _users(world: World, media: str) -> Iterator[Row]:
    chance = Random("users")
    taken: set[str] = set()
    for n in range(world.plan.users):
        first, last = chance.choice(WORDS.first), chance.choice(WORDS.last)
        strange = hostile(n, world.plan.hostile_every)
        username = _username(chance, first, last)
        if strange is not None and len(strange) <= _USERNAME_LIMIT:
            username = strange
        if username in taken:
            username = f"{username}{n}"
        taken.add(username)
        created, active = world.user_created[n], world.user_active[n]
        seen = created + int(
            (world.today - created) * (chance.random() ** 0.4 if active else chance.random())
        )
        avatar = f"{media}/avatars/{chance.randrange(AVATARS):02}.png" if chance.random() < 0.7 else None
        if n % 97 == 13:
            avatar = _HOSTILE_AVATARS[n // 97 % len(_HOSTILE_AVATARS)]
        yield (
            key(Table.USERS, n),
            f"{first.lower()}.{last.lower()}.{n}@{_MAIL[n % len(_MAIL)]}",
            None if has_oauth(n) and n % 8 == 2 else f"demo-password-hash-{n:06}",
            username,
            strange if strange is not None else f"{first} {last}" if chance.random() < 0.8 else None,
            avatar,
            (strange or prose.bio(chance, GENRES[n % TOPICS])) if strange or chance.random() < 0.5 else None,
            "admin" if n < 2 else "moderator" if n < STAFF else "user",
            chance.random() < 0.9,
            bool(active),
            at(created),
            at(seen),
            at(seen) if chance.random() < 0.95 else None,
        )


def _username(chance: Random, first: str, last: str) -> str:
    adjective, noun = chance.choice(WORDS.adjectives), chance.choice(WORDS.nouns)
    return chance.choice(
        (
            f"{adjective}_{noun}",
            f"{first.lower()}{chance.randint(2, 99)}",
            f"{first.lower()}.{last.lower()}",
            f"{noun}{chance.randint(100, 9999)}",
            f"{adjective}{noun.title()}",
            f"the_{adjective}_{noun}",
            f"{first[0].lower()}{last.lower()}",
            f"{noun}-and-{chance.choice(WORDS.nouns)}",
        )
    )


def _accounts(world: World) -> Iterator[Row]:
    for n in range(world.plan.users):
        if has_oauth(n):
            yield (
                key(Table.OAUTH, n),
                key(Table.USERS, n),
                "google" if n % 3 else "github",
                f"demo-{n:08}",
                f"demo-access-token-{n:06}",
                f"demo-refresh-token-{n:06}",
                at(world.user_created[n] + 30 * DAY),
                at(world.user_created[n]),
            )


def _topics(world: World, media: str) -> Iterator[Row]:
    named = [(genre.name, genre.slug, genre.about) for genre in GENRES]
    for n, (name, slug, about) in enumerate((*named, *RETIRED_TOPICS)):
        yield (
            key(Table.TOPICS, n),
            name,
            slug,
            about,
            f"{media}/icons/{n % ICONS:02}.png",
            n != TOPICS + 1,
            n < TOPICS,
            (n + 1) * 10,
            world.topic_scenes[n] if n < TOPICS else 0,
            at(world.start - 30 * DAY + n * 3600),
            at(world.start + n * DAY),
        )


def _categories(world: World) -> Iterator[Row]:
    for topic, genre in enumerate(GENRES):
        for place, name in enumerate(genre.categories):
            yield (
                key(Table.CATEGORIES, topic * 10 + place),
                key(Table.TOPICS, topic),
                name,
                name.lower().replace(" ", "-"),
                f"{name}, told as {genre.name.lower()}.",
                (place + 1) * 10,
                (topic + place) % 17 != 9,
                at(world.start - 29 * DAY + topic * 3600),
            )


def _user_topics(world: World) -> Iterator[Row]:
    chance = Random("user topics")
    count, pending = world.plan.user_topics, world.plan.pending_user_topics
    seen: set[str] = set()
    for n in range(count):
        waits = n >= count - pending
        # The last two weeks' are waiting, the others were looked at.
        begin, end = (
            (world.today - 14 * DAY, world.today)
            if waits
            else (world.start + 5 * DAY, world.today - 14 * DAY)
        )
        place = (n - (count - pending)) / pending if waits else n / (count - pending)
        created = begin + int((end - begin) * place)
        genre = GENRES[int(TOPICS * chance.random())]
        name = prose.topic_name(chance, genre)
        while name in seen and len(seen) < 2_000:
            name = prose.topic_name(chance, genre)
        seen.add(name)
        about: str | None = prose.suggestion(chance, genre) if chance.random() < 0.9 else None
        if waits and n % 8 == 5:
            name = SHORT[n // 8 % len(SHORT)]
            about = SHORT[(n // 8 + 7) % len(SHORT)]
        user = int(world.users_before(created) * chance.random())
        approved = not waits and chance.random() < 0.4 and not is_bad_faith(user)
        yield (
            key(Table.USER_TOPICS, n),
            key(Table.USERS, user),
            name,
            about,
            "pending" if waits else "approved" if approved else "rejected",
            None if waits else key(Table.USERS, chance.randrange(STAFF)),
            None if waits else at(created + chance.randint(600, 3 * DAY)),
            None if waits or approved else prose.rejection(chance, genre),
            key(Table.TOPICS, chance.randrange(TOPICS)) if approved and chance.random() < 0.3 else None,
            at(created),
        )
