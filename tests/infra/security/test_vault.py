"""A subject's data can be read as long as the subject's key exists."""

import asyncio
import base64
import gc
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commands.ports import StoreUnavailable
from domain.shared.personal import Sealed
from infra.audit.history import OpeningVault
from infra.postgres.sessions import Sessions
from infra.security.vault import NotSealedHere, PostgresVault
from infra.security.wrapping import BadVaultKey, NoWrappingKey, SubjectKey, WrappingKeys, vault_key
from projections.engine.ports import StorageUnavailable
from tests.support.harness.vaults import MASTER, names, wrapping_in

HOME = b'{"street": "Bergstrasse 1"}'


@dataclass(slots=True)
class Hours:
    """A clock that stands until it is moved."""

    now: float = 1.0

    def __call__(self) -> float:
        return self.now


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
def clock() -> Hours:
    return Hours()


NewVault = Callable[[], PostgresVault]


@pytest.fixture
def another_process(sessions: Sessions, wrapping: WrappingKeys, clock: Hours) -> NewVault:
    return lambda: PostgresVault(sessions, wrapping, clock=clock)


@pytest.fixture
def vault(another_process: NewVault) -> PostgresVault:
    return another_process()


async def keys(database_url: str) -> list[str]:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("select subject from vault.subject_keys order by subject")
    await connection.close()
    return [row["subject"] for row in rows]


async def test_what_was_sealed_is_read_by_every_process(vault: PostgresVault, another_process: NewVault) -> None:
    sealed = await vault.seal("anna", HOME)
    assert sealed.subject == "anna"
    assert b"Bergstrasse" not in base64.urlsafe_b64decode(sealed.ciphertext)
    assert await vault.open(sealed) == HOME
    assert await another_process().open(sealed) == HOME


async def test_the_same_value_is_never_sealed_the_same_way(vault: PostgresVault) -> None:
    assert await vault.seal("anna", HOME) != await vault.seal("anna", HOME)


async def test_a_destroyed_key_forgets_its_subject_and_nobody_else(vault: PostgresVault, database_url: str) -> None:
    annas, bens = await vault.seal("anna", HOME), await vault.seal("ben", HOME)
    await vault.forget("anna")
    assert (await vault.open(annas), await vault.open(bens)) == (None, HOME)
    assert await keys(database_url) == ["ben"]
    await vault.forget("anna")


async def test_whoever_comes_back_has_a_new_key_and_the_old_data_stays_forgotten(vault: PostgresVault) -> None:
    old = await vault.seal("anna", HOME)
    await vault.forget("anna")
    new = await vault.seal("anna", b"new")
    assert (await vault.open(old), await vault.open(new)) == (None, b"new")


async def test_nothing_is_sealed_with_a_key_that_another_process_has_destroyed(
    vault: PostgresVault, another_process: NewVault
) -> None:
    """The clock stands: whatever the first process keeps is as young as can be."""
    old = await vault.seal("anna", HOME)
    assert await vault.open(old) == HOME
    await another_process().forget("anna")
    new = await vault.seal("anna", b"new")
    assert [await it.open(new) for it in (vault, another_process())] == [b"new"] * 2
    assert [await it.open(old) for it in (vault, another_process())] == [None] * 2


async def test_who_comes_back_elsewhere_is_read_at_once(vault: PostgresVault, another_process: NewVault) -> None:
    assert await vault.open(await vault.seal("anna", HOME)) == HOME
    elsewhere = another_process()
    await elsewhere.forget("anna")
    assert await vault.open(await elsewhere.seal("anna", b"new")) == b"new"


async def test_a_forgotten_key_is_out_of_other_processes_within_a_second(
    vault: PostgresVault, another_process: NewVault, clock: Hours
) -> None:
    elsewhere = another_process()
    sealed = await vault.seal("anna", HOME)
    assert await elsewhere.open(sealed) == HOME
    await vault.forget("anna")
    assert await elsewhere.open(sealed) == HOME
    clock.now += 1.0
    assert await elsewhere.open(sealed) is None


async def test_the_keys_at_hand_are_bounded(sessions: Sessions, wrapping: WrappingKeys) -> None:
    vault = PostgresVault(sessions, wrapping, most_kept=2)
    sealed = [await vault.seal(subject, HOME) for subject in ("anna", "ben", "cleo")]
    assert list(vault._kept) == ["ben", "cleo"]
    assert [await vault.open(one) for one in sealed] == [HOME] * 3


async def test_keys_leave_the_memory_when_their_time_is_over(sessions: Sessions, wrapping: WrappingKeys) -> None:
    vault, before = PostgresVault(sessions, wrapping, kept_for=0.05), in_memory()
    await vault.open(await vault.seal("anna", HOME))
    assert in_memory() == before + 1
    for _ in range(1_000):
        if in_memory() == before:
            return
        await asyncio.sleep(0.01)
    pytest.fail("the key is still there")


def in_memory() -> int:
    """How many subjects' keys this process holds, wherever they are."""
    gc.collect()
    return sum(isinstance(it, SubjectKey) for it in gc.get_objects())


async def test_many_first_uses_at_once_make_one_key(another_process: NewVault, database_url: str) -> None:
    processes = [another_process() for _ in range(8)]
    sealed = await asyncio.gather(*(process.seal("anna", HOME) for process in processes for _ in range(3)))
    assert await keys(database_url) == ["anna"]
    assert await asyncio.gather(*(processes[0].open(one) for one in sealed)) == [HOME] * 24


async def test_a_key_is_bound_to_its_subject(vault: PostgresVault, database_url: str) -> None:
    annas = await vault.seal("anna", HOME)
    await vault.seal("ben", HOME)
    assert await vault.open(replace(annas, subject="ben")) is None
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "update vault.subject_keys b set key_id = a.key_id, wrapped = a.wrapped from vault.subject_keys a "
        "where a.subject = 'anna' and b.subject = 'ben'"
    )
    await connection.close()
    vault._kept.clear()
    with pytest.raises(BadVaultKey):
        await vault.open(replace(annas, subject="ben"))


async def test_a_ciphertext_is_bound_to_its_subject_even_under_one_key(vault: PostgresVault) -> None:
    annas = await vault.seal("anna", HOME)
    vault._kept["ben"] = vault._kept["anna"]
    with pytest.raises(NotSealedHere):
        await vault.open(replace(annas, subject="ben"))


@pytest.mark.parametrize("place", [16, 27, 28, -1])
async def test_a_changed_ciphertext_is_noticed(vault: PostgresVault, place: int) -> None:
    data = bytearray(base64.urlsafe_b64decode((await vault.seal("anna", HOME)).ciphertext))
    data[place] ^= 1
    with pytest.raises(NotSealedHere):
        await vault.open(Sealed(subject="anna", ciphertext=base64.urlsafe_b64encode(bytes(data)).decode()))


@pytest.mark.parametrize("noise", ["", "?", "AAAA", "ü", base64.urlsafe_b64encode(bytes(15)).decode()])
async def test_noise_is_told_from_what_is_forgotten(vault: PostgresVault, noise: str) -> None:
    with pytest.raises(NotSealedHere):
        await vault.open(Sealed(subject="anna", ciphertext=noise))


async def test_another_vault_key_opens_nothing_and_says_so(
    vault: PostgresVault, sessions: Sessions, tmp_path: Path
) -> None:
    sealed = await vault.seal("anna", HOME)
    others = PostgresVault(sessions, wrapping_in(tmp_path / "keys", AESGCM(os.urandom(32))))
    for work in (others.open(sealed), others.prepare()):
        with pytest.raises(BadVaultKey, match="not the key that this vault was filled with"):
            await work


async def test_a_machine_without_the_wrapping_keys_says_what_it_lacks(
    vault: PostgresVault, sessions: Sessions, tmp_path: Path
) -> None:
    """It makes no wrapping key of its own, which the others could not read, and it can forget."""
    sealed = await vault.seal("anna", HOME)
    elsewhere = PostgresVault(sessions, wrapping_in(tmp_path / "elsewhere"))
    with pytest.raises(NoWrappingKey, match="Set COUNTERFOIL_KEYS_FOLDER to the folder that all machines"):
        await elsewhere.prepare()
    assert not (tmp_path / "elsewhere").exists()
    await elsewhere.forget("anna")
    vault._kept.clear()
    assert await vault.open(sealed) is None


async def test_while_the_folder_of_the_keys_is_away_nothing_is_sealed_or_opened_and_then_it_goes_on(
    vault: PostgresVault, another_process: NewVault, tmp_path: Path
) -> None:
    sealed = await vault.seal("anna", HOME)
    (tmp_path / "keys").rename(tmp_path / "away")
    for seal in (vault.seal("anna", HOME), another_process().seal("ben", HOME)):
        with pytest.raises(StoreUnavailable, match="not in the folder of the keys"):
            await seal
    with pytest.raises(StorageUnavailable, match="not in the folder of the keys"):
        await OpeningVault(another_process()).open(sealed)
    (tmp_path / "away").rename(tmp_path / "keys")
    assert await OpeningVault(another_process()).open(sealed) == HOME
    assert await vault.open(await vault.seal("anna", b"new")) == b"new"


async def test_a_second_start_makes_no_second_wrapping_key(another_process: NewVault, tmp_path: Path) -> None:
    before = names(tmp_path / "keys")
    await asyncio.gather(*(another_process().prepare() for _ in range(4)))
    assert (names(tmp_path / "keys"), len(before)) == (before, 1)


async def test_an_unreadable_key_fails_its_own_subject_only(
    vault: PostgresVault, another_process: NewVault, database_url: str
) -> None:
    annas, bens = await vault.seal("anna", HOME), await vault.seal("ben", HOME)
    connection = await asyncpg.connect(database_url)
    await connection.execute("update vault.subject_keys set wrapped = 'noise' where subject = 'anna'")
    await connection.close()
    fresh = another_process()
    opened = await asyncio.gather(fresh.open(annas), fresh.open(bens), return_exceptions=True)
    assert (type(opened[0]), opened[1]) == (BadVaultKey, HOME)


@pytest.mark.parametrize("text", ["", "no base64!", base64.b64encode(bytes(31)).decode(), MASTER + "AAAA"])
def test_a_master_key_is_32_bytes_in_base64(text: str) -> None:
    with pytest.raises(BadVaultKey, match="must be 32 bytes in base64"):
        vault_key(text)
