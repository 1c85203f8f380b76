"""Settings and a database for commands, and what to tell when there are none."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from infra.cli.errors import NAME, Failed, Refused

if TYPE_CHECKING:
    from domain.shared.recorded import Position
    from infra.settings import Settings

T = TypeVar("T")

ACTOR = "command-line"
"""The actor of changes that are made on the command line."""

Data = Annotated[Path | None, typer.Option("--data", help="Data folder; default: COUNTERFOIL_DATA, or .data here.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings(**given: Any) -> "Settings":
    """The settings of the environment, with what was given on the command line; None means not given."""
    from pydantic import ValidationError

    from infra.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        why = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:
            raise Refused(f"{why}.") from None
        raise Refused(f"COUNTERFOIL_{str(first['loc'][0]).upper()} is not usable: {why}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f".env cannot be read: {error}.") from None


def time(option: str, text: str | None) -> datetime | None:
    """The time that an option names; without an offset it is UTC. Raises Refused."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{option}: {text!r} is no time. Write it like 2026-11-25 or 2026-11-25T12:00:00Z.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; what the outside does wrong comes out in one line."""
    import asyncio

    import uvloop

    with told(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@contextmanager
def told() -> Iterator[None]:
    """Turn what may be wrong outside into one line for people."""
    try:
        yield
    except Exception as error:
        if (words := _in_words(error)) is None:
            raise
        raise words from None


def _in_words(error: Exception) -> Refused | Failed | None:
    """None for an error that no input can cause. Error classes are imported only when there is an error."""
    import asyncpg

    from commands.ports import StoreError, Unreadable
    from domain.shared.errors import DomainError
    from infra.backup.archive import InTheWay, NoBackup
    from infra.backup.restoring import NotEmpty
    from infra.backup.store_migration import ShopRuns
    from infra.bootstrap.composition import NoDatabase
    from infra.bootstrap.data_folder import DataFolderInUse, DataFolderUnusable
    from infra.bootstrap.local_stack import PortTaken
    from infra.bootstrap.reaching import Unreachable
    from infra.bootstrap.supervisor import PartFailed, PartRefused
    from infra.dev_servers.ports import ServiceFailed, ServiceMissing
    from infra.eventstore.factory import UnknownStore
    from infra.kafka.refusals import AnotherLog, BadKafkaSettings, NoKafka, SchemaRefused
    from infra.postgres.program import PostgresFailed
    from infra.programs import UnsafeArchive
    from infra.security.key_files import KeyFolderUnusable
    from infra.security.tokens import WeakSecret
    from infra.security.wrapping import BadVaultKey, NoWrappingKey
    from process_managers.engine.ports import GatewayUnavailable
    from projections.engine.ports import StorageUnavailable

    match error:
        case DomainError():
            return Refused(error.detail)
        case NoDatabase() | NoKafka() | BadKafkaSettings() | UnknownStore() | ServiceMissing():
            return Refused(str(error))
        case BadVaultKey() | NoWrappingKey() | KeyFolderUnusable():
            return Refused(str(error))
        case WeakSecret():
            return Refused(f"COUNTERFOIL_TOKEN_SECRET is not usable: {error}")
        case ShopRuns() | NoBackup() | InTheWay() | NotEmpty():
            return Refused(str(error))
        case DataFolderInUse():
            return Refused(f"{error} Stop that one first, or choose another folder with --data.")
        case DataFolderUnusable():
            return Refused(f"{error} Choose another folder with --data, or make this one writable.")
        case PortTaken():
            return Refused(f"{error} Choose another with --write-port, --read-port or --web-port.")
        case PartRefused():
            return Refused(str(error).removeprefix(f"{NAME}: "))
        case AnotherLog() | SchemaRefused() | Unreachable() | Unreadable() | GatewayUnavailable():
            return Failed(str(error))
        case ServiceFailed() | UnsafeArchive() | StoreError() | StorageUnavailable() | PostgresFailed() | PartFailed():
            return Failed(str(error.__cause__ or error))
        case asyncpg.PostgresError() | OSError():
            return Failed(f"{error or type(error).__name__}")
    return None


@asynccontextmanager
async def database(settings: "Settings", *, new: bool = False, patience: float = 0.0) -> "AsyncIterator[Settings]":
    """Settings whose database answers: the one that is set, a running shop's, or the folder's own, started for us.

    `new`: made for us, where there is none. `patience`: seconds to wait for one that is set. Raises Unreachable.
    """
    from infra.bootstrap.data_folder import claimed
    from infra.bootstrap.reaching import reached
    from infra.postgres.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(settings.data)
    await reached(settings, patience, None if settings.database == server.url else partial(typer.echo, err=True))
    if settings.database is not None:
        yield settings
    elif not server.made() and not new:
        raise Refused(f"There is no shop in {settings.data} yet. Start one with: counterfoil up")
    elif server.running():
        yield settings.model_copy(update={"database": server.find()})
    else:
        with claimed(settings.data):
            url = server.start()
            try:
                yield settings.model_copy(update={"database": url})
            finally:
                server.stop()


@contextmanager
def progress(words: str) -> "Iterator[Callable[[Position, Position], None]]":
    """A bar on a terminal that goes from the beginning of the log to its end."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task(words, total=None)
        yield lambda at, head: bars.update(bar, completed=at, total=head)
