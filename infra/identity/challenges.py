"""Challenges that are good once and for some minutes. The table has their SHA-256."""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from infra.postgres.sessions import Connection

ADD = """
    insert into identity.challenges (digest, purpose, subject, words, made_at, expires_at)
    values ($1, $2, $3, $4, $5, $6)
"""
TAKE = """
    delete from identity.challenges where digest = $1 and purpose = $2 and expires_at > $3 returning subject, words
"""
CLEAN = "delete from identity.challenges where expires_at <= $1"


class Challenge(NamedTuple):
    """For whom it was made, and what was noted with it."""

    subject: str | None
    words: bytes | None


async def add(
    connection: Connection,
    value: bytes,
    purpose: str,
    subject: str | None,
    words: bytes | None,
    at: datetime,
    until: datetime,
) -> None:
    await connection.execute(ADD, sha256(value).digest(), purpose, subject, words, at, until)


async def take(connection: Connection, value: bytes, purpose: str, at: datetime) -> Challenge | None:
    """Use a challenge up; None for one that is over, used, or for something else."""
    row = await connection.fetchrow(TAKE, sha256(value).digest(), purpose, at)
    return None if row is None else Challenge(row["subject"], row["words"])


async def clean(connection: Connection, at: datetime) -> None:
    """Delete what is over."""
    await connection.execute(CLEAN, at)
