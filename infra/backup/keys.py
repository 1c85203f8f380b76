"""The keys of people in a backup, and the wrapping keys that open them, themselves wrapped by the vault key.

A restored shop wraps the keys of people by a wrapping key of its own: two shops never share one, for the rotation of
the one would destroy the keys of the other.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

import asyncpg
import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.backup.archive import Backup, Writer
from infra.backup.tables import PEOPLE, member
from infra.security.key_files import KeyFiles
from infra.security.vault import ADD, NAMED
from infra.security.wrapping import NoWrappingKey, VaultKeys, WrappingKeys, unwrap, wrap

WRAPPING_KEYS = "wrapping_keys.jsonl"

INSERT = """
    insert into vault.subject_keys (subject, key_id, wrapped, created_at, wrapped_by)
    select subject, key_id, $2, created_at, $3 from json_populate_record(null::vault.subject_keys, $1::json)
"""


class _WrappingKey(msgspec.Struct, frozen=True):
    wrapping_id: UUID
    wrapped: str


class _Row(msgspec.Struct, frozen=True):
    subject: str
    key_id: UUID
    wrapped: str
    wrapped_by: UUID | None = None


async def save(connection: asyncpg.Connection, files: KeyFiles, to: Writer) -> None:
    """Write down the wrapping keys that the database names. Raises NoWrappingKey, KeyFolderUnusable."""
    with to.member(WRAPPING_KEYS) as lines:
        if await connection.fetchval("select to_regclass('vault.wrapping_keys')") is None:
            return
        for row in await connection.fetch(NAMED):
            wrapping_id = row["wrapping_id"]
            if (wrapped := files.read(wrapping_id)) is None:
                raise NoWrappingKey(
                    f"{files.folder} lacks the wrapping key {wrapping_id}, without which a backup opens no personal"
                    " data. Take it where the keys are, or set COUNTERFOIL_KEYS_FOLDER."
                )
            lines.write(msgspec.json.encode(_WrappingKey(wrapping_id, wrapped.hex())))


def are_in(backup: Backup) -> bool:
    """Whether a backup was taken with the keys of people."""
    return member(PEOPLE) in backup.manifest.members


def prove(backup: Backup, vault: VaultKeys) -> None:
    """Raise BadVaultKey when a key of a person in the backup was not wrapped with this vault key."""
    for _ in _opened(backup, vault):
        pass


async def load(connection: asyncpg.Connection, backup: Backup, wrapping: WrappingKeys) -> None:
    """Fill the empty table, in the transaction of the caller."""
    fresh = uuid4()
    wrapping.make(fresh)
    if (cipher := wrapping.get(fresh)) is None:
        raise NoWrappingKey(f"{wrapping.files.folder} does not keep what is written to it.")
    await connection.execute(ADD, fresh)
    for line, row, key in _opened(backup, wrapping.vault):
        anew = wrap(cipher, row.subject, row.key_id, key)
        await connection.execute(INSERT, line, anew, fresh)


def _opened(backup: Backup, vault: VaultKeys) -> Iterator[tuple[str, _Row, bytes]]:
    wrapping: dict[UUID | None, Sequence[AESGCM]] = {None: vault.all}
    for line in backup.lines(WRAPPING_KEYS):
        stored = msgspec.json.decode(line, type=_WrappingKey)
        wrapping[stored.wrapping_id] = [vault.opened(stored.wrapping_id, bytes.fromhex(stored.wrapped))]
    for line in backup.lines(member(PEOPLE)):
        row = msgspec.json.decode(line, type=_Row)
        key = unwrap(wrapping[row.wrapped_by], row.subject, row.key_id, bytes.fromhex(row.wrapped[2:]))
        yield line.decode(), row, key
