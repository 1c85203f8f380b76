"""Vaults on a database and a folder, as each process of a shop has one."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.postgres.sessions import Sessions
from infra.security.key_files import KeyFiles
from infra.security.vault import PostgresVault
from infra.security.wrapping import VaultKeys, WrappingKeys, unwrap, vault_key, wrap

HOME = b'{"street": "Bergstrasse 1"}'
PEOPLE = [f"person-{number}" for number in range(7)]
MASTER = base64.b64encode(bytes(range(32))).decode()


def wrapping_in(folder: Path, vault: AESGCM | None = None, before: AESGCM | None = None) -> WrappingKeys:
    """The wrapping keys of a folder, under this vault key or else MASTER."""
    return WrappingKeys(KeyFiles(folder), VaultKeys(vault or vault_key(MASTER), before))


def names(folder: Path) -> list[str]:
    """The files of a folder."""
    return sorted(file.name for file in folder.iterdir())


@pytest.fixture
def wrapping(tmp_path: Path) -> WrappingKeys:
    return wrapping_in(tmp_path / "keys")


@pytest.fixture
async def sessions(database_url: str, wrapping: WrappingKeys) -> AsyncIterator[Sessions]:
    several = Sessions(database_url, "vault", 4)
    await PostgresVault(several, wrapping).prepare()
    yield several
    await several.close()


@pytest.fixture
def vault(sessions: Sessions, wrapping: WrappingKeys) -> PostgresVault:
    """It keeps no key."""
    return PostgresVault(sessions, wrapping, kept_for=0.0)


async def ask(database_url: str, statement: str, *arguments: Any) -> list[Any]:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(statement, *arguments)
    await connection.close()
    return [tuple(row) for row in rows]


async def named(database_url: str) -> list[str]:
    return [str(row[0]) for row in await ask(database_url, "select wrapping_id from vault.wrapping_keys")]


async def as_earlier_versions_had_it(database_url: str, wrapping: WrappingKeys) -> None:
    """Keys wrapped by the vault key itself, which is a file of the data folder, and no wrapping keys."""
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("select subject, key_id, wrapped, wrapped_by from vault.subject_keys")
    for subject, key_id, wrapped, wrapped_by in rows:
        key = unwrap(wrapping.those_of(wrapped_by), subject, key_id, wrapped)
        stored = wrap(wrapping.vault.present, subject, key_id, key)
        changed = "update vault.subject_keys set wrapped = $2, wrapped_by = null where subject = $1"
        await connection.execute(changed, subject, stored)
    for row in await connection.fetch("delete from vault.wrapping_keys returning wrapping_id"):
        wrapping.files.destroy(row["wrapping_id"])
    wrapping.files.folder.rmdir()
    await connection.close()
