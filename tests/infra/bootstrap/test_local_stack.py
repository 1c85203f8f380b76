"""Which processes a shop is made of."""

import asyncio
import os
from pathlib import Path

import pytest

from infra.bootstrap.local_stack import MOST_READERS, PARTS, _database, parts_of, workers_of
from infra.postgres.embedded import EmbeddedPostgres
from infra.settings import Settings


@pytest.mark.parametrize(("cores", "readers"), [(1, 1), (2, 2), (64, MOST_READERS)])
def test_the_read_api_has_a_process_for_each_core_and_everything_else_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cores: int, readers: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(cores)))
    settings = Settings(data=tmp_path)
    assert {name: workers_of(name, settings) for name in PARTS} == {
        "projections": 1,
        "processes": 1,
        "write-api": 1,
        "web": 1,
        "read-api": readers,
    }


def test_who_says_how_many_gets_so_many_of_each(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, workers=1)
    assert {workers_of(name, settings) for name in PARTS} == {1}


def test_only_processes_that_share_a_port_are_told_so(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    alone, shared = parts_of("read-api", settings, 1), parts_of("read-api", settings, 2)
    assert [part.name for part in (*alone, *shared)] == ["read-api", "read-api", "read-api-2"]
    assert ["--beside-others" in part.command for part in (*alone, *shared)] == [False, True, True]


async def test_no_new_database_takes_the_place_of_one_that_was_moved_away(tmp_path: Path) -> None:
    data, said = tmp_path / "shop", asyncio.Queue[str]()
    async with _database(Settings(data=data), said.put_nowait) as (_, opened):
        await opened
        data.rename(tmp_path / "moved")
        assert [await said.get() for _ in range(2)] == [
            f"postgresql died; starting it again (log: {data / 'postgresql.log'})",
            f"postgresql does not start: {data / 'postgresql'} holds no database (any more)",
        ]
        assert not data.exists()
    EmbeddedPostgres(tmp_path / "moved").stop()
