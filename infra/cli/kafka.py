"""`counterfoil kafka`: what a shop needs on its broker."""

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import dead_letters, environment
from infra.cli.errors import FAILED, Failed, Refused, finish

if TYPE_CHECKING:
    from infra.kafka.inbox import Parked
    from infra.settings import Settings

app = typer.Typer(help="Topics, unpublished events, and messages of feeds that wait.", no_args_is_help=True)
app.add_typer(dead_letters.app, name="dead-letters")


@app.command("topics")
def topics(
    partitions: Annotated[
        int,
        typer.Option(
            min=1,
            max=1000,
            help="Of each new topic. Choose with care: more later "
            "means that messages of one key are no longer in one partition.",
        ),
    ] = 6,
    replicas: Annotated[int, typer.Option(min=1, max=10, help="Copies of each; 3 where there are three brokers.")] = 1,
    data: environment.Data = None,
) -> None:
    """Create the topics that are missing, and print their names."""
    from aiokafka.errors import KafkaError

    from infra.bootstrap.kafka import topics_of
    from infra.kafka.broker import Broker

    settings = environment.settings(data=data)
    with environment.told():
        broker = Broker.of(settings)
    try:
        created = environment.run(topics_of(settings).create(broker, partitions, replicas))
    except KafkaError as error:
        raise Failed(f"Kafka at {broker.address}: {error}") from None
    for name in created:
        typer.echo(name)


@app.command("parked")
def parked(as_json: environment.AsJson = False, data: environment.Data = None) -> None:
    """Show the messages of feeds that could not be taken in."""
    for one in environment.run(_parked(environment.settings(data=data))):
        if as_json:
            import json

            typer.echo(json.dumps(_as_dict(one)))
        else:
            typer.echo("  ".join(str(value) for value in _as_dict(one).values()))


@app.command("resend")
def resend(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers that `kafka parked` shows.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that wait, oldest first.")] = False,
    data: environment.Data = None,
) -> None:
    """Try parked messages again; exit code 1 if one of them has to wait on."""
    if bool(numbers) == all_:
        raise Refused("Say which: numbers that `counterfoil kafka parked` shows, or --all.")
    left = environment.run(_resend(environment.settings(data=data), numbers))
    finish(FAILED if left else 0)


async def _parked(settings: "Settings") -> "list[Parked]":
    from infra.bootstrap.kafka import inbox

    async with environment.database(settings) as reachable, inbox(reachable) as (box, _):
        return await box.parked()


async def _resend(settings: "Settings", numbers: list[int] | None) -> int:
    from infra.bootstrap.kafka import inbox
    from infra.kafka.consumer import outcome

    left = 0
    async with environment.database(settings) as reachable, inbox(reachable) as (box, feeds):
        waiting = await box.parked(numbers)
        missing = sorted(set(numbers or ()) - {one.number for one in waiting})
        if missing:
            raise Refused(f"No message {missing[0]} waits. See: counterfoil kafka parked")
        for one in waiting:
            error = await outcome(feeds, one.incoming)
            await box.settle(one.number, error)
            typer.echo(f"{one.number}  {error or 'taken in'}")
            left += error is not None
    return left


def _as_dict(one: "Parked") -> dict[str, str | int]:
    return {
        "number": one.number,
        "received_at": one.received_at.isoformat(timespec="seconds"),
        "source": one.incoming.source,
        "id": one.incoming.id,
        "type": one.incoming.type,
        "error": one.error,
    }
