"""Vaults on a database and a folder, as each process of a shop has one."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.key_files import KeyFiles
from infra.postgres.sessions import Sessions
from infra.security.vault import PostgresVault
from infra.wrapping import VaultKeys, WrappingKeys, vault_key

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
