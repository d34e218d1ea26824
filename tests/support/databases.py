"""Databases for tests, cloned from templates on the session's real cluster."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from db.embedded import SUPERUSER, EmbeddedCluster

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """A database of a test, on the primary and its replica."""

    cluster: EmbeddedCluster
    name: str
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def primary(self) -> str:
        return self.cluster.addresses.primary(self.name)

    @cached_property
    def replica(self) -> str:
        """On the standby, which has the database once this is asked for."""
        wait_for_replay(self.cluster)
        return self.cluster.addresses.replica(self.name)

    def connect(
        self, login: str = SUPERUSER, *, replica: bool = False
    ) -> psycopg.Connection[tuple[Any, ...]]:
        """An autocommit connection as `login` (the superuser by default)."""
        password = self.cluster.password if login == SUPERUSER else self.passwords[login]
        return psycopg.connect(
            self.replica if replica else self.primary, user=login, password=password, autocommit=True
        )

    @contextmanager
    def engine(self) -> Iterator[sa.Engine]:
        """A SQLAlchemy engine of the superuser."""
        engine = sa.create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(self.primary, user=SUPERUSER, password=self.cluster.password),
            poolclass=sa.NullPool,
        )
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def cloned(template: Database | None, cluster: EmbeddedCluster) -> Iterator[Database]:
    """A fresh copy of `template` (or an empty database), dropped at the end."""
    name = f"test_{next(_numbers)}"
    # On servers that do not wait for the disk, copying files is twice as fast as writing them to the log.
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
        sql.Identifier(name), sql.Identifier(template.name if template else "template0")
    )
    with cluster.superuser("postgres") as connection:
        connection.execute(create)
        try:
            yield Database(cluster, name, dict(template.passwords) if template else {})
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def wait_for_replay(cluster: EmbeddedCluster, seconds: float = 20) -> None:
    """Return once the standby has replayed everything that the primary has written until now."""
    at = cluster.addresses
    with cluster.superuser("postgres") as primary:
        row = primary.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
    assert row is not None
    deadline = time.monotonic() + seconds
    with psycopg.connect(
        at.replica("postgres"), user=SUPERUSER, password=cluster.password, autocommit=True
    ) as standby:
        while True:
            done = standby.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", row).fetchone()
            if done == (True,):
                return
            assert time.monotonic() < deadline, "the standby did not catch up"
            time.sleep(0.01)
