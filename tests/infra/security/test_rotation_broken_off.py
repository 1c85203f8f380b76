"""A rotation that is broken off, anywhere and in any way, loses no living key, and the next one ends it."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import infra.security.rotation
from infra.postgres.sessions import Sessions
from infra.security.key_files import KeyFolderUnusable
from infra.security.rotation import rotate, rotate_if_due
from infra.security.vault import PostgresVault
from infra.security.wrapping import VaultKeys, WrappingKeys, vault_key
from tests.support.harness.vaults import HOME, MASTER, PEOPLE, ask, named, names, sessions, vault, wrapping, wrapping_in

__all__ = ["sessions", "vault", "wrapping"]


class Broken(BaseException):
    """What stands for a kill: nothing of ours catches it."""


@contextmanager
def broken_off(at: int) -> Iterator[Callable[[], int]]:
    """End the program at its n-th deed outside: a statement to the server, or a call that changes or syncs a file."""
    done = 0

    def counted(deed: Callable[..., Any]) -> Callable[..., Any]:
        def do(*given: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done > at:
                raise Broken
            return deed(*given, **named)

        return do

    deeds: list[tuple[Any, str]] = [
        *((asyncpg.Connection, name) for name in ("execute", "fetch", "fetchval", "fetchrow")),
        *((Path, name) for name in ("rename", "unlink", "open")),
        (os, "fsync"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in deeds:
            patch.setattr(owner, name, counted(getattr(owner, name)))
        yield lambda: done


async def test_broken_off_anywhere_it_loses_no_living_key_and_the_next_one_ends_it(
    vault: PostgresVault, wrapping: WrappingKeys, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.security.rotation, "AT_A_TIME", 3)
    sealed = [await vault.seal(subject, HOME) for subject in PEOPLE]
    at, points = 0, 0
    while True:
        gone = await vault.seal("gone", HOME)
        await vault.forget("gone")
        condemned = set(names(tmp_path / "keys"))
        with broken_off(at) as deeds:
            try:
                await rotate(database_url, wrapping)
            except Broken:
                points += 1
            else:
                assert deeds() == at
                break
        assert [await vault.open(one) for one in sealed] == [HOME] * len(PEOPLE), at
        assert await vault.open(await vault.seal("new", HOME)) == HOME, at
        assert await vault.open(gone) is None, at
        if at % 2:
            await vault.forget("new")
            condemned.update(names(tmp_path / "keys"))
        await rotate(database_url, wrapping)
        assert names(tmp_path / "keys") == await named(database_url), at
        assert condemned.isdisjoint(names(tmp_path / "keys")), at
        assert await ask(database_url, "select * from vault.doomed_keys") == [], at
        assert [await vault.open(one) for one in sealed] == [HOME] * len(PEOPLE), at
        at += 1
    assert points > 25


ROTATE_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from infra.security.rotation import rotate
from tests.support.harness.vaults import wrapping_in

async def main():
    while True:
        await rotate(sys.argv[1], wrapping_in(Path(sys.argv[2])))
        print("rotated", flush=True)

asyncio.run(main())
"""


async def test_killed_while_it_rotates_it_loses_no_living_key(
    vault: PostgresVault, wrapping: WrappingKeys, database_url: str, tmp_path: Path
) -> None:
    sealed = await asyncio.gather(*(vault.seal(f"{subject}-{n}", HOME) for subject in PEOPLE for n in range(60)))
    for pause in (0.0, 0.01, 0.03, 0.07, 0.11):
        rotating = await asyncio.create_subprocess_exec(
            sys.executable, "-c", ROTATE_FOR_EVER, database_url, str(tmp_path / "keys"), stdout=subprocess.PIPE
        )
        assert rotating.stdout is not None
        assert b"rotated" in await rotating.stdout.readuntil(b"rotated")
        await asyncio.sleep(pause)
        rotating.send_signal(signal.SIGKILL)
        await rotating.wait()
        assert await asyncio.gather(*map(vault.open, sealed)) == [HOME] * len(sealed)
    await rotate(database_url, wrapping)
    assert names(tmp_path / "keys") == await named(database_url)
    assert await asyncio.gather(*map(vault.open, sealed)) == [HOME] * len(sealed)


FORGET_AND_DIE = """
import asyncio, os, signal, sys
from pathlib import Path
from infra.postgres.sessions import Sessions
from infra.security.vault import PostgresVault
from tests.support.harness.vaults import wrapping_in

async def main():
    await PostgresVault(Sessions(sys.argv[1], "vault", 1), wrapping_in(Path(sys.argv[2]))).forget("anna")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_killed_between_destroying_a_key_and_rotating_the_rotation_is_still_due(
    vault: PostgresVault, wrapping: WrappingKeys, database_url: str, tmp_path: Path
) -> None:
    annas, bens = await vault.seal("anna", HOME), await vault.seal("ben", HOME)
    before = names(tmp_path / "keys")
    dying = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FORGET_AND_DIE, database_url, str(tmp_path / "keys")
    )
    assert await dying.wait() == -signal.SIGKILL
    await ask(database_url, "update vault.wrapping_keys set made_at = made_at - interval '24 hours' returning 1")
    assert await rotate_if_due(database_url, wrapping) is not None
    assert set(before).isdisjoint(names(tmp_path / "keys"))
    assert (await vault.open(annas), await vault.open(bens)) == (None, HOME)


async def test_a_vault_key_that_is_replaced_in_the_middle_of_a_rotation_loses_nothing(
    vault: PostgresVault, sessions: Sessions, wrapping: WrappingKeys, database_url: str, tmp_path: Path
) -> None:
    """What the rotation had begun is under the vault key before, which the next one destroys."""
    sealed = await vault.seal("anna", HOME)
    at = 0
    while len(await named(database_url)) == 1:
        with broken_off(at), suppress(Broken):
            await rotate(database_url, wrapping)
        at += 1
    new, before_file = AESGCM(os.urandom(32)), tmp_path / "vault_key_before"
    before_file.write_text(MASTER)
    both = WrappingKeys(wrapping.files, VaultKeys(new, vault_key(MASTER), before_file))
    assert await PostgresVault(sessions, both).open(sealed) == HOME
    await rotate(database_url, both)
    assert not before_file.exists()
    assert names(tmp_path / "keys") == await named(database_url)
    assert await PostgresVault(sessions, wrapping_in(tmp_path / "keys", new)).open(sealed) == HOME


async def test_a_file_that_cannot_be_destroyed_stops_further_rotations(
    vault: PostgresVault, wrapping: WrappingKeys, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = await vault.seal("anna", HOME)

    def refused(_: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refused)
        for _ in range(3):
            with pytest.raises(KeyFolderUnusable, match="Operation not permitted"):
                await rotate(database_url, wrapping)
    assert len(names(tmp_path / "keys")) == 2
    assert await rotate_if_due(database_url, wrapping) is not None
    assert names(tmp_path / "keys") == await named(database_url)
    assert await vault.open(sealed) == HOME
