"""One command opens a shop that takes orders, closes cleanly, and finds everything again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.shop import PATIENCE, Client, Program, counterfoil, data_folder, running

SECONDS_TO_CLOSE = 20
CHECKOUT = "query($id: ID!) { checkout(id: $id) { phase rejection order { status total { amount } } } }"


@contextmanager
def open_shop(data: Path, **settings: str) -> Iterator[tuple[Program, Client]]:
    with running(data, "up", "--write-port", "0", "--read-port", "0", "--web-port", "0", **settings) as program:
        until(lambda: "Ctrl-C stops the shop" in program.out.read_text() or program.process.poll() is not None)
        assert program.process.poll() is None, program.errors.read_text()
        yield program, Client.of(program)


def test_an_order_is_still_there_after_a_restart() -> None:
    with data_folder() as data:
        with open_shop(data) as (program, client):
            order_id = place_an_order(client)
            second = counterfoil("up", "--data", str(data), "--write-port", "0", "--read-port", "0", "--web-port", "0")
            assert (second.returncode, second.stdout) == (2, "")
            assert second.stderr == (
                f"counterfoil: {data} is in use by process {program.process.pid}. "
                "Stop that one first, or choose another folder with --data.\n"
            )
            began = time.monotonic()
            assert program.stop() == 0
            assert time.monotonic() - began < SECONDS_TO_CLOSE
            assert program.errors.read_text() == ""

        checked = counterfoil("check", "--data", str(data))
        assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "Everything holds.")

        with open_shop(data) as (program, client):
            assert client.ask(CHECKOUT, "back_office", id=order_id)["checkout"] == {
                "phase": "PLACED",
                "rejection": None,
                "order": {"status": "PLACED", "total": {"amount": 2500}},
            }
            told = counterfoil("history", f"order-{order_id}", "--data", str(data))
            assert "order.placed.v3" in told.stdout
            assert program.stop() == 0


def test_a_shop_of_two_workers_for_each_part_takes_orders_while_one_of_each_is_killed() -> None:
    with data_folder() as data, open_shop(data, COUNTERFOIL_WORKERS="2") as (program, client):
        stock_mugs(client)
        first = order_mugs(client)
        for part in ("processes", "projections", "write-api", "read-api"):
            program.kill(part)
        orders = {first, order_mugs(client), order_mugs(client)}
        assert len(orders) == 3
        assert program.stop() == 0
        checked = counterfoil("check", "--data", str(data))
        assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "Everything holds.")


def place_an_order(client: Client) -> str:
    """Two mugs, from an empty shop to a placed order; answers its id."""
    stock_mugs(client)
    return order_mugs(client)


def stock_mugs(client: Client) -> None:
    """Ten mugs on the shelf, and in the catalogue."""
    product = client.command("POST", "/products", "back_office", title="Mug")["product_id"]
    client.command("POST", f"/products/{product}/variants", "back_office", sku="MUG")
    price = {"amount": 1250, "currency": "USD"}
    client.command("POST", f"/products/{product}/variants/MUG/prices", "back_office", price=price)
    client.command("POST", f"/products/{product}/publish", "back_office")
    client.command("POST", "/stock/MAIN/MUG/receipts", "warehouse", quantity=10)


def order_mugs(client: Client) -> str:
    """Two mugs, to a placed order; answers its id."""
    cart = client.command("POST", "/carts", "shopper", items=[{"sku": "MUG", "quantity": 2}])["cart_id"]
    bought: str = client.command(
        "POST",
        "/checkouts",
        "shopper",
        cart_id=cart,
        total_seen={"amount": 2500, "currency": "USD"},
        delivery_method="pickup",
        payment_method="pm_card_ok",
    )["checkout_id"]
    until(lambda: (_checkout(client, bought) or {}).get("phase") == "PLACED")
    return bought


def _checkout(client: Client, checkout_id: str) -> dict[str, Any] | None:
    seen: dict[str, Any] | None = client.ask(CHECKOUT, "shopper", id=checkout_id)["checkout"]
    return seen


def until(holds: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
