"""What is still on its way, or waits for somebody, is excused: no longer, and nothing else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from commands.ports import ANY, EventStore
from domain.order.events import OrderCancelled
from domain.payment.commands import RequestVoid
from domain.shared.journal import CommandParked, CommandResent, CommandSkipped, Envelope, InputParked, InputResent
from domain.shared.recorded import Position
from tests.infra.audit.test_invariants import HELD, WANTED
from tests.support.builders.auditing import SHOP, failed, verdict, written
from tests.support.builders.sale import sale
from tests.support.builders.shop import Append, Writer


async def test_what_is_still_on_its_way_is_excused(database_url: str, store: EventStore) -> None:
    bought = sale(SHOP, 1)
    cancelled = OrderCancelled(order_id=bought.order, reason="changed my mind")
    await written(store, *SHOP.opening(), *bought.placed(), Append("order-o000001", [cancelled]))
    head = await store.head()
    proven = await verdict(database_url, store, handled=Position(head - 1))
    assert failed(proven) == {}
    assert {check.claim: check.excused for check in proven.checks if check.excused} == {HELD: 2, WANTED: 1}
    assert set(failed(await verdict(database_url, store, handled=head))) == {HELD, WANTED}


async def test_a_checkout_under_way_may_hold_money_and_units(database_url: str, store: EventStore) -> None:
    await written(store, *SHOP.opening(), *sale(SHOP, 1).authorised())
    assert failed(await verdict(database_url, store)) == {}


async def test_what_somebody_was_asked_to_look_at_is_excused_until_they_have(
    database_url: str, store: EventStore
) -> None:
    bought = sale(SHOP, 1)
    told = [append for append in bought.rejected() if "Void" not in type(append.facts[0]).__name__]
    await written(store, *SHOP.opening(), *told, bought.hear("checkout", told[-1].facts[0], "needs attention", "Stuck"))
    proven = await verdict(database_url, store)
    assert failed(proven) == {}
    assert {check.claim: check.excused for check in proven.checks if check.excused} == {WANTED: 1}
    await written(store, bought.hear("checkout", told[-1].facts[0], "rejected"))
    assert set(failed(await verdict(database_url, store))) == {WANTED}


@pytest.mark.parametrize("resent", [False, True])
async def test_a_parked_command_excuses_its_case(database_url: str, store: EventStore, resent: bool) -> None:
    bought = sale(SHOP, 1)
    told = [append for append in bought.rejected() if "Void" not in type(append.facts[0]).__name__]
    void = Envelope(RequestVoid(payment_id=bought.payment, reason="late"))
    it = UUID(int=1)
    parked = CommandParked(
        process="checkout", instance=bought.id, command_id=it, command=void, error="Down", attempts=5
    )
    await written(store, *SHOP.opening(), *told, Append("parked-1", [parked]))
    if resent:
        again = CommandResent(process="checkout", instance=bought.id, command_id=it, command=void)
        await written(store, Append("parked-1", [again]))
    assert set(failed(await verdict(database_url, store))) == ({WANTED} if resent else set())


@pytest.mark.parametrize(
    "settled",
    [lambda names: CommandResent(**names), lambda names: CommandSkipped(**names, reason="void by phone")],
    ids=["resent", "skipped"],
)
async def test_a_command_that_is_parked_once_more_after_it_was_resent_is_no_fault(
    database_url: str, store: EventStore, settled: Callable[[dict[str, Any]], object]
) -> None:
    """Each parking carries the id of the command, as the delivery signs it; what is heard meanwhile changes nothing."""
    bought, writer = sale(SHOP, 1), Writer(store, commands=1_000_000)
    told = [append for append in bought.rejected() if "Void" not in type(append.facts[0]).__name__]
    await written(store, *SHOP.opening(), *told)
    it = UUID(int=1)
    names: dict[str, Any] = {
        "process": "checkout",
        "instance": bought.id,
        "command_id": it,
        "command": Envelope(RequestVoid(payment_id=bought.payment, reason="late")),
    }
    for fact in (
        CommandParked(**names, error="Down", attempts=5),
        CommandResent(**names),
        CommandParked(**names, error="Down", attempts=5),
    ):
        (event,) = writer.new_events([fact])
        if isinstance(fact, CommandParked):
            event = event._replace(metadata=event.metadata._replace(command_id=it))
        await store.append(f"parked-{it}", [event], expected=ANY)
    assert failed(await verdict(database_url, store)) == {}
    await written(store, bought.hear("checkout", told[-1].facts[0], "rejected"))
    assert failed(await verdict(database_url, store)) == {}
    await written(store, Append(f"parked-{it}", [settled(names)]))
    assert set(failed(await verdict(database_url, store))) == {WANTED}


@pytest.mark.parametrize("resent", [False, True])
async def test_a_parked_input_excuses_its_case(database_url: str, store: EventStore, resent: bool) -> None:
    bought = sale(SHOP, 1)
    told = [append for append in bought.rejected() if "Void" not in type(append.facts[0]).__name__]
    known: dict[str, Any] = {
        "process": "checkout",
        "instance": bought.id,
        "entry_id": UUID(int=1),
        "input_id": UUID(int=2),
        "input": "payment.authorised.v1",
        "stream": "payment-1",
        "revision": 1,
        "unrecorded": None,
    }
    await written(store, *SHOP.opening(), *told, Append("unheard-1", [InputParked(**known, error="KeyError")]))
    await written(store, bought.hear("checkout", told[-1].facts[0], "rejected"))
    if resent:
        await written(store, Append("unheard-1", [InputResent(**known)]))
    assert set(failed(await verdict(database_url, store))) == ({WANTED} if resent else set())
