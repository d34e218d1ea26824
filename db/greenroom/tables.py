"""The tables of the schema `greenroom` as far as the console reads them."""

from __future__ import annotations

from sqlalchemy import ARRAY, Column, DateTime, Integer, MetaData, Table, Text, Uuid

metadata = MetaData(schema="greenroom")

_Time = DateTime(timezone=True)

subjects = Table(
    "subjects",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("partition_key", _Time),
    Column("open_flags", Integer),
    Column("first_flag_at", _Time),
    Column("last_flag_at", _Time),
    Column("reasons", ARRAY(Text)),
    Column("escalated_at", _Time),
    Column("review_due_at", _Time),
)

claims = Table(
    "claims",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("holder", Text),
    Column("acquired_at", _Time),
    Column("expires_at", _Time),
)
