"""`counterfoil kafka dead-letters`: events that could not be published, and how to publish them again."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import environment
from infra.cli.errors import Failed, Refused
from infra.cli.signing import Reason, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from commands.ports import EventStore
    from infra.kafka.dead_letters import Letter
    from infra.settings import Settings

app = typer.Typer(help="Events that could not be published, and what to do about them.", no_args_is_help=True)

Position = Annotated[int, typer.Argument(min=1, help="Of the event in the log, as `list` shows it.")]


@app.command("list")
def list_(as_json: environment.AsJson = False, data: environment.Data = None) -> None:
    """Show the letters that wait, oldest event first."""
    for letter in environment.run(_list(environment.settings(data=data))):
        if as_json:
            import msgspec

            typer.echo(msgspec.json.encode(letter).decode())
        else:
            typer.echo(f"{letter.position}  {letter.stream}  {letter.type}  {letter.error}")


@app.command("show")
def show(position: Position, data: environment.Data = None) -> None:
    """Show a letter, and what would become of it if it were sent again now."""
    for name, value in environment.run(_show(environment.settings(data=data), position)).items():
        typer.echo(f"{name:<10}{value}")


@app.command("resend")
def resend(
    reason: Reason,
    positions: Annotated[list[int] | None, typer.Argument(help="Of events in the log, as `list` shows them.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that wait, oldest first.")] = False,
    data: environment.Data = None,
) -> None:
    """Have the publisher publish the events again. A letter is sent again once; one that fails again waits again."""
    if bool(positions) == all_:
        raise Refused("Say which: positions that `counterfoil kafka dead-letters list` shows, or --all.")
    for letter in environment.run(_resend(environment.settings(data=data), positions, reason)):
        typer.echo(f"{letter.position}  {letter.stream}  will be published again as soon as the publisher runs")


async def _list(settings: "Settings") -> "Sequence[Letter]":
    async with environment.database(settings) as reachable, _letters(reachable) as (letters, _):
        return letters


async def _show(settings: "Settings", position: int) -> dict[str, Any]:
    async with environment.database(settings) as reachable, _letters(reachable) as (letters, store):
        (letter,) = _chosen(letters, [position])
        return {
            "event": f"{letter.type} at {letter.position}, revision {letter.revision} of {letter.stream}",
            "id": letter.event_id,
            "error": letter.error,
            "asked": f"{letter.asked} times before",
            "now": await _now(store, letter),
        }


async def _now(store: "EventStore", letter: "Letter") -> str:
    from infra.bootstrap.composition import codec
    from infra.kafka.formats import FORMATS
    from infra.kafka.republish import Republish
    from published.message import kind_of

    again = await Republish(store, codec()).meaning(letter.stream, letter.revision, letter.event_id, before=None)
    if again is None:
        return "nothing would be published: a later message of the same key replaces it"
    if again.message is None:
        return f"it would fail again: {again.error}"
    body = FORMATS["json"].encoder({})(again.message).decode()
    return f"{kind_of(again.message).name} {body}"


async def _resend(settings: "Settings", positions: list[int] | None, reason: str) -> "Sequence[Letter]":
    from commands.handler import CommandHandler
    from commands.routes import ROUTES
    from domain.publication.commands import RequestPublication
    from infra.bootstrap.composition import codec
    from infra.eventstore.snapshots import MemorySnapshots

    async with environment.database(settings) as reachable, _letters(reachable) as (letters, store):
        chosen = _chosen(letters, positions)
        handle = CommandHandler(store, codec(), MemorySnapshots(), ROUTES)
        for it in chosen:
            asked = RequestPublication(event_id=it.event_id, stream=it.stream, revision=it.revision, asked=it.asked)
            await handle(asked, signed(reason))
        return chosen


def _chosen(letters: "Sequence[Letter]", positions: Sequence[int] | None) -> "list[Letter]":
    if positions is None:
        return list(letters)
    there = {letter.position: letter for letter in letters}
    if missing := sorted(set(positions) - there.keys()):
        raise Refused(f"No letter about event {missing[0]} waits. See: counterfoil kafka dead-letters list")
    return [there[position] for position in sorted(set(positions))]


@asynccontextmanager
async def _letters(settings: "Settings") -> "AsyncIterator[tuple[Sequence[Letter], EventStore]]":
    from aiokafka.errors import KafkaError

    from infra.bootstrap.composition import codec, event_store
    from infra.bootstrap.kafka import topics_of
    from infra.kafka.broker import Broker
    from infra.kafka.dead_letters import waiting
    from infra.kafka.refusals import TopicsMissing

    broker, topics = Broker.of(settings), topics_of(settings)
    async with event_store(settings) as store:
        try:
            await topics.check(broker)
            letters = await waiting(broker, topics, store, codec())
        except (KafkaError, TopicsMissing, TimeoutError) as error:
            raise Failed(f"Kafka at {broker.address}: {error or type(error).__name__}") from None
        yield letters, store
