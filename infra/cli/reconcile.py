"""`counterfoil reconcile`: compare Stripe's balance with the log."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import environment
from infra.cli.errors import FAILED, Refused, finish

if TYPE_CHECKING:
    from domain.shared.money import Money
    from infra.payments.reconciliation import Reconciliation
    from infra.payments.stripe.balance import Balance
    from infra.settings import Settings

USUALLY = timedelta(days=30)


def reconcile(
    since: Annotated[
        str | None, typer.Option("--from", help="What moved at or after, for example 2026-11-25; default: 30 days ago.")
    ] = None,
    as_json: environment.AsJson = False,
    data: environment.Data = None,
) -> None:
    """Compare captures, refunds, disputes and their fees at Stripe with the log; exit code 1 if they differ."""
    from infra.eventstore.factory import utc_now

    settings = environment.settings(data=data)
    if settings.stripe_key is None:
        raise Refused("There is no Stripe to compare with: COUNTERFOIL_STRIPE_KEY is not set.")
    begin = environment.time("--from", since) or utc_now() - USUALLY
    found, balance = environment.run(_reconcile(settings, begin))
    if as_json:
        import json

        typer.echo(json.dumps(as_dict(found, balance)))
    else:
        _show(found, balance)
    finish(0 if found.ok else FAILED)


async def _reconcile(settings: "Settings", since: datetime) -> "tuple[Reconciliation, Balance]":
    from infra.bootstrap.reconciling import reconcile as compare

    async with environment.database(settings) as reachable:
        with environment.progress("Reading the log") as progress:
            return await compare(reachable, since, progress)


def as_dict(found: "Reconciliation", balance: "Balance") -> dict[str, Any]:
    """The comparison for scripts; amounts in minor units."""
    return {
        "ok": found.ok,
        "waiting": found.waiting,
        "sums": {
            side: [{"kind": what, "currency": currency, "amount": money.amount} for what, currency, money in sums]
            for side, sums in (("log", found.log), ("stripe", found.gateway))
        },
        "differences": [
            {
                "difference": one.problem,
                "kind": one.what,
                "payment": one.payment,
                "stripe_id": one.ref,
                "log": _amount(one.log),
                "stripe": _amount(one.gateway),
            }
            for one in found.differences
        ],
        "capture_fees": dict(balance.fees),
        "others": [
            {"type": type, "currency": currency, "amount": amount}
            for (type, currency), amount in sorted(balance.others.items())
        ],
    }


def _amount(money: "Money | None") -> dict[str, Any] | None:
    return None if money is None else {"amount": money.amount, "currency": money.currency}


def _show(found: "Reconciliation", balance: "Balance") -> None:
    from infra.cli.tables import print_table
    from infra.payments.stripe.amounts import from_stripe

    theirs = {(what, currency): money for what, currency, money in found.gateway}
    ours = {(what, currency): money for what, currency, money in found.log}
    kinds = sorted({*theirs, *ours})
    print_table(
        ("Kind", "Log", "Stripe"),
        [(kind[0], ours.get(kind, "none"), theirs.get(kind, "none")) for kind in kinds],
    )
    for currency, fee in sorted(balance.fees.items()):
        typer.echo(f"Fees for captures, which are in no log: {from_stripe(fee, currency)}")
    for (type, currency), amount in sorted(balance.others.items()):
        typer.echo(f"Not of this shop's payments: {type} {from_stripe(amount, currency)}")
    if found.waiting:
        typer.echo(f"Too new to be expected in the log, or not settled by the bank: {found.waiting}")
    if found.ok:
        typer.echo("The log and Stripe agree.")
        return
    print_table(
        ("Difference", "Kind", "Payment", "Stripe's id", "Log", "Stripe"),
        [
            (one.problem, one.what, one.payment or "unknown", one.ref, one.log or "nothing", one.gateway or "nothing")
            for one in found.differences
        ],
    )
    typer.echo(f"{len(found.differences)} difference{'' if len(found.differences) == 1 else 's'}.")
