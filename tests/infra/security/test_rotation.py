"""A rotation destroys every wrapping key, loses no living key, and stops nobody."""

import asyncio
import base64
import math
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import infra.security.rotation
from domain.shared.personal import Sealed
from infra.postgres.sessions import Sessions
from infra.security.key_files import KeyFiles
from infra.security.rotation import rotate, rotate_if_due
from infra.security.vault import PostgresVault
from infra.security.wrapping import BadVaultKey, NoWrappingKey, VaultKeys, WrappingKeys, bound, new_key, vault_key, wrap
from tests.support.harness.vaults import HOME, MASTER, PEOPLE, ask, named, names, sessions, vault, wrapping, wrapping_in

__all__ = ["sessions", "vault", "wrapping"]


async def test_the_living_are_wrapped_anew_and_what_wrapped_them_is_gone(
    vault: PostgresVault, wrapping: WrappingKeys, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.security.rotation, "AT_A_TIME", 3)
    sealed = [await vault.seal(subject, HOME) for subject in PEOPLE]
    rows = "select subject, key_id, wrapped, wrapped_by from vault.subject_keys order by subject"
    before, (old,) = await ask(database_url, rows), names(tmp_path / "keys")
    assert (await rotate(database_url, wrapping)).living == len(PEOPLE)
    after, (new,) = await ask(database_url, rows), names(tmp_path / "keys")
    assert old != new
    assert await named(database_url) == [new]
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert {row[2] for row in after}.isdisjoint(row[2] for row in before)
    assert {str(row[3]) for row in after} == {new}
    assert [await vault.open(one) for one in sealed] == [HOME] * len(PEOPLE)


async def test_the_shop_seals_opens_and_forgets_meanwhile(
    sessions: Sessions, wrapping: WrappingKeys, database_url: str, tmp_path: Path
) -> None:
    """Two rotate, again and again; each of the others finds everything as it should be at every moment."""
    stop = asyncio.Event()

    async def rotating() -> int:
        times = 0
        while not stop.is_set():
            await rotate(database_url, wrapping)
            times += 1
        return times

    async def living(name: str) -> None:
        mine, sealed = PostgresVault(sessions, wrapping, kept_for=0.0), list[Sealed]()
        for number in range(25):
            subject = f"{name}-{number}"
            sealed.append(await mine.seal(subject, subject.encode()))
            assert [await mine.open(one) for one in sealed] == [one.subject.encode() for one in sealed]
            gone = await mine.seal(f"{name}-gone", HOME)
            await mine.forget(f"{name}-gone")
            await mine.prepare()
            assert await mine.open(gone) is None

    rotations = [asyncio.create_task(rotating()) for _ in range(2)]
    await asyncio.gather(*(living(name) for name in ("anna", "ben", "cleo")))
    stop.set()
    assert sum(await asyncio.gather(*rotations)) > 2
    assert names(tmp_path / "keys") == await named(database_url)


async def test_a_process_that_knows_only_a_destroyed_wrapping_key_finds_the_new_one(
    vault: PostgresVault, wrapping: WrappingKeys, database_url: str, tmp_path: Path
) -> None:
    await vault.seal("anna", HOME)
    (old,) = (tmp_path / "keys").iterdir()
    stale = old.read_bytes()
    await rotate(database_url, wrapping)
    assert await vault.open(await vault.seal("ben", HOME)) == HOME
    # As a shared folder may show a file a moment longer: the database refuses what the old key wraps.
    vault._newest = (math.inf, UUID(old.name))
    old.write_bytes(stale)
    assert await vault.open(await vault.seal("cleo", HOME)) == HOME


async def test_it_is_due_a_day_after_the_last_one_when_a_key_was_destroyed(
    vault: PostgresVault, wrapping: WrappingKeys, database_url: str
) -> None:
    async def pass_(hours: float) -> None:
        earlier = "update vault.wrapping_keys set made_at = made_at - $1 * interval '1 hour' returning 1"
        await ask(database_url, earlier, hours)

    await vault.seal("anna", HOME)
    await pass_(48)
    assert await rotate_if_due(database_url, wrapping) is None
    await vault.forget("ben")
    assert await rotate_if_due(database_url, wrapping) is None
    await vault.forget("anna")
    assert await rotate_if_due(database_url, wrapping) is not None
    await vault.seal("anna", HOME)
    await vault.forget("anna")
    await pass_(22.9)
    assert await rotate_if_due(database_url, wrapping) is None
    await pass_(0.2)
    assert await rotate_if_due(database_url, wrapping) is not None
    assert await rotate_if_due(database_url, wrapping) is None


async def test_who_is_forgotten_while_a_rotation_waits_is_not_missed_by_the_next(
    vault: PostgresVault, wrapping: WrappingKeys, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new wrapping key has wrapped theirs, so it is condemned as well."""
    await vault.seal("anna", HOME)

    async def wrapped_then_forgotten(*given: Any) -> None:
        await wrap_all(*given)
        await vault.forget("anna")

    wrap_all = infra.security.rotation._wrap_all
    monkeypatch.setattr(infra.security.rotation, "_wrap_all", wrapped_then_forgotten)
    await rotate(database_url, wrapping)
    assert await ask(database_url, "select condemned_at is not null from vault.wrapping_keys") == [(True,)]


async def test_nothing_is_destroyed_when_a_wrapping_key_is_missing(
    vault: PostgresVault, database_url: str, tmp_path: Path
) -> None:
    sealed = await vault.seal("anna", HOME)
    before = names(tmp_path / "keys")
    with pytest.raises(NoWrappingKey, match="which the database names"):
        await rotate(database_url, wrapping_in(tmp_path / "elsewhere"))
    assert (names(tmp_path / "keys"), await named(database_url)) == (before, before)
    assert await vault.open(sealed) == HOME


async def test_what_the_vault_key_itself_had_wrapped_is_wrapped_anew_and_the_vault_key_replaced(
    vault: PostgresVault, sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    """As a shop of an earlier version is found."""
    old, new = vault_key(MASTER), AESGCM(os.urandom(32))
    before_file = tmp_path / "vault_key_before"
    before_file.write_text(MASTER)
    both = WrappingKeys(KeyFiles(tmp_path / "keys"), VaultKeys(new, old, before_file))
    key_id, key = UUID(int=7), new_key()
    stored = "insert into vault.subject_keys (subject, key_id, wrapped) values ('anna', $1, $2)"
    await ask(database_url, stored, key_id, wrap(old, "anna", key_id, key))
    nonce = bytes(12)
    data = key_id.bytes + nonce + AESGCM(key).encrypt(nonce, HOME, bound("anna", key_id))
    sealed = Sealed(subject="anna", ciphertext=base64.urlsafe_b64encode(data).decode())
    assert await vault.open(sealed) == HOME
    assert await PostgresVault(sessions, both).open(sealed) == HOME
    done = await rotate_if_due(database_url, both)
    assert done is not None
    assert (done.living, done.by_vault_key) == (1, 1)
    assert not before_file.exists()
    assert await PostgresVault(sessions, wrapping_in(tmp_path / "keys", new)).open(sealed) == HOME
    assert await rotate_if_due(database_url, both) is None


async def test_a_key_that_cannot_be_unwrapped_is_named_and_nothing_is_destroyed(
    vault: PostgresVault, wrapping: WrappingKeys, database_url: str, tmp_path: Path
) -> None:
    annas = await vault.seal("anna", HOME)
    await vault.seal("ben", HOME)
    ((bens,),) = await ask(
        database_url, "update vault.subject_keys set wrapped = 'noise' where subject = 'ben' returning key_id"
    )
    before = set(names(tmp_path / "keys"))
    for _ in range(3):
        with pytest.raises(BadVaultKey, match=f"The key {bens} in vault.subject_keys cannot be unwrapped"):
            await rotate(database_url, wrapping)
    assert (before < set(names(tmp_path / "keys")), len(names(tmp_path / "keys"))) == (True, 2)
    assert await vault.open(annas) == HOME
    await vault.forget("ben")
    await rotate(database_url, wrapping)
    assert before.isdisjoint(names(tmp_path / "keys"))
    assert await vault.open(annas) == HOME
