"""Who has the whole disk of a shop, and tries every key on it, opens nothing of who was forgotten."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.shared.personal import Sealed
from infra.bootstrap.data_folder import replace_first_vault_key, with_secrets
from infra.bootstrap.vault import wrapping_keys
from infra.postgres.embedded import EmbeddedPostgres
from infra.postgres.sessions import Sessions
from infra.security.rotation import rotate
from infra.security.vault import PostgresVault
from infra.settings import Settings
from tests.support.harness.vaults import as_earlier_versions_had_it

KEY, NONCE, TAG, ID, PAGE = 32, 12, 16, 16, 8192
WRAPPED = NONCE + KEY + TAG
HOME = b'{"street": "Bergstrasse 1"}'


@dataclass(frozen=True)
class Thief:
    """Has a copy of every file, and knows what every text and every stored form means."""

    files: dict[Path, bytes]

    @classmethod
    def of(cls, folder: Path) -> "Thief":
        return cls({path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()})

    def opens(self, sealed: Sealed) -> bytes | None:
        """What was sealed, by any key that is on the disk, wrapped or not, over any number of wrappings."""
        data = base64.urlsafe_b64decode(sealed.ciphertext)
        key_id, about = data[:ID], data[:ID] + sealed.subject.encode()
        places = self.pages_with(key_id)
        assert places, "the database has nothing of it, so this test shows nothing"
        keys = list(self.plain_keys())
        wrapping = {**dict.fromkeys(keys), **dict.fromkeys(self.wrapping_keys(keys))}
        subject_keys = {key for page in places for key in unwrapped(page, wrapping, [about])}
        subject_keys.update(window for page in places for window in windows(page, KEY))
        for key in [*wrapping, *subject_keys]:
            try:
                return AESGCM(key).decrypt(data[ID:][:NONCE], data[ID + NONCE :], about)
            except InvalidTag:
                continue
        return None

    def secret_files(self) -> Iterator[bytes]:
        """All files but those of PostgreSQL, as they are and out of base64."""
        for path, content in self.files.items():
            if "postgresql" not in path.parts and not path.name.startswith(("pg_ctl", "postgresql")):
                yield content
                for start in range(4):
                    text = content[start : start + (len(content) - start) // 4 * 4]
                    try:
                        yield base64.b64decode(text, validate=True)
                    except ValueError:
                        continue

    def plain_keys(self) -> Iterator[bytes]:
        for content in self.secret_files():
            yield from windows(content, KEY)

    def wrapping_keys(self, keys: list[bytes]) -> Iterator[bytes]:
        ids = [UUID(path.name.split(".")[0]).bytes for path in self.files if path.parent.name == "keys"]
        for content in self.secret_files():
            yield from unwrapped(content, keys, ids)

    def pages_with(self, needle: bytes) -> list[bytes]:
        """Every page of the database's files, of the log too, that speaks of it, and what spills over its end."""
        found = list[bytes]()
        for content in self.files.values():
            at = content.find(needle)
            while at >= 0:
                start = at // PAGE * PAGE
                found.append(content[max(0, start - 256) : start + PAGE + 256])
                at = content.find(needle, start + PAGE)
        return found


def windows(content: bytes, size: int) -> Iterator[bytes]:
    for at in range(len(content) - size + 1):
        if any(window := content[at : at + size]):
            yield window


def unwrapped(content: bytes, keys: "dict[bytes, None] | list[bytes]", abouts: list[bytes]) -> Iterator[bytes]:
    """Every key that one of these keys finds at any place."""
    ciphers = [AESGCM(key) for key in keys]
    for stored in windows(content, WRAPPED):
        for cipher in ciphers:
            for about in abouts:
                try:
                    yield cipher.decrypt(stored[:NONCE], stored[NONCE:], about)
                except InvalidTag:
                    continue


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    with TemporaryDirectory(prefix="counterfoil-disk-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        yield server
        server.stop()


async def checkpoint(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.url)
    await connection.execute("checkpoint")
    await connection.close()


@pytest.mark.parametrize("from_an_earlier_version", [False, True])
async def test_after_a_rotation_no_key_on_the_disk_opens_what_was_sealed_for_the_forgotten(
    server: EmbeddedPostgres, from_an_earlier_version: bool
) -> None:
    settings = with_secrets(Settings(data=server.folder, database=server.url))
    sessions = Sessions(server.url, "disk", 2)
    vault = PostgresVault(sessions, wrapping_keys(settings))
    await vault.prepare()
    annas, bens = await vault.seal("anna", HOME), await vault.seal("ben", b"Talweg 2")
    if from_an_earlier_version:
        await as_earlier_versions_had_it(server.url, wrapping_keys(settings))
        replace_first_vault_key(Settings(data=server.folder))
        settings = with_secrets(Settings(data=server.folder, database=server.url))
        vault = PostgresVault(sessions, wrapping_keys(settings))
        await vault.prepare()
    await vault.forget("anna")
    await checkpoint(server)
    recovered = Thief.of(server.folder)
    assert (recovered.opens(annas), recovered.opens(bens)) == (HOME, b"Talweg 2")

    kept_open = [path.open("rb") for path in (server.folder / "keys").iterdir()]
    old = [it.read() for it in kept_open]
    await rotate(server.url, wrapping_keys(settings))
    await checkpoint(server)

    thief = Thief.of(server.folder)
    assert (thief.opens(annas), thief.opens(bens)) == (None, b"Talweg 2")
    assert [it.name for it in kept_open if it.seek(0) or any(it.read())] == []
    assert [path for path, content in thief.files.items() for one in old if one in content] == []
    assert await vault.open(bens) == b"Talweg 2"
    again = await vault.seal("anna", b"new")
    assert (await vault.open(again), await vault.open(annas)) == (b"new", None)
    for it in kept_open:
        it.close()
    await sessions.close()
