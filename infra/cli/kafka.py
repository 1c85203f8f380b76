"""`counterfoil kafka`: what a shop needs on its broker."""

from typing import Annotated

import typer

from infra.cli import environment
from infra.cli.errors import Failed

app = typer.Typer(help="Topics of integration events, and messages of feeds that wait.", no_args_is_help=True)


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

    from infra.bootstrap_kafka import broker_of, topics_of

    settings = environment.settings(data=data)
    with environment.told():
        broker = broker_of(settings)
    try:
        created = environment.run(topics_of(settings).create(broker, partitions, replicas))
    except KafkaError as error:
        raise Failed(f"Kafka at {broker}: {error}") from None
    for name in created:
        typer.echo(name)
