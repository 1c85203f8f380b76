"""`counterfoil services`: the real servers that a shop can use, on loopback and without Docker."""

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import environment
from infra.cli.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.dev_servers.instance import Instance

app = typer.Typer(help="Redis, Kafka, a schema registry and OpenSearch, on loopback.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="redis, kafka, registry, opensearch; none: all of them.")]
Port = Annotated[int | None, typer.Option(min=0, max=65500, help="The first of their ports; 0: any free ones.")]


@app.command("start")
def start(names: Names = None, data: environment.Data = None, port: Port = None) -> None:
    """Fetch and start servers, wait until they are healthy, print their addresses as settings."""
    from infra.bootstrap.local_stack import PortTaken
    from infra.dev_servers.registry import ports

    settings = environment.settings(data=data, services_port=port)

    def begin(instance: "Instance") -> None:
        typer.echo(f"Starting {instance.server.name}", err=True)
        try:
            instance.start(settings.services_cache, ports(instance.server, settings.services_port))
        except PortTaken as error:
            raise Refused(f"{error} Choose others with --port.") from None

    chosen = _chosen(names, data)
    _all_at_once(begin, chosen)
    for instance in chosen:
        typer.echo(f"{instance.server.setting}={instance.address}")


@app.command("stop")
def stop(names: Names = None, data: environment.Data = None) -> None:
    """Stop the servers of this data folder, and no others."""

    def end(instance: "Instance") -> None:
        typer.echo(f"Stopping {instance.server.name}", err=True)
        instance.stop()

    _all_at_once(end, [instance for instance in _chosen(names, data) if instance.running()])


@app.command("list")
def list_(data: environment.Data = None) -> None:
    """Print the addresses of the servers that run, as settings."""
    for instance in _chosen(None, data):
        if instance.running():
            typer.echo(f"{instance.server.setting}={instance.address}")


def _all_at_once(work: "Callable[[Instance], None]", chosen: "list[Instance]") -> None:
    from concurrent.futures import ThreadPoolExecutor

    with environment.told(), ThreadPoolExecutor(max(len(chosen), 1)) as threads:
        list(threads.map(work, chosen))


def _chosen(names: list[str] | None, data: "environment.Data") -> "list[Instance]":
    from infra.dev_servers.registry import NAMES, instances

    unknown = sorted(set(names or ()) - set(NAMES))
    if unknown:
        raise Refused(f"There is no service {unknown[0]!r}; there are {', '.join(NAMES)}.")
    return instances(environment.settings(data=data).data / "services", names or NAMES)
