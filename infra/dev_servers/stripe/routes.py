"""What can be asked of the server: method, path, parameters, and who answers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from infra.dev_servers.stripe import (
    balance,
    charges,
    confirmation_tokens,
    customers,
    disputes,
    events,
    intents,
    payment_methods,
    refunds,
    search,
    setup_intents,
)
from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.lists import PAGING, expanded, page
from infra.dev_servers.stripe.parameters import known

ONE = ("expand",)


@dataclass(frozen=True, slots=True)
class Route:
    """`act` answers one object, `list_` all of them, newest first."""

    name: str
    method: str
    path: str
    allowed: Sequence[str] = ONE
    act: Callable[..., Json] | None = None
    list_: Callable[..., list[Json]] | None = None
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", re.compile(self.path.replace("{id}", "([^/]+)")))

    def answer(self, account: Account, form: Json, path: str, ids: Sequence[str]) -> Json:
        """Raises Refused."""
        known(form, self.allowed)
        if self.list_ is not None:
            return expanded(account, page(path, self.list_(account, form, *ids), form), form)
        assert self.act is not None
        return expanded(account, self.act(account, form, *ids), form)


def _get(name: str, path: str, act: Callable[..., Json], allowed: Sequence[str] = ONE) -> Route:
    return Route(name, "GET", f"/v1/{path}", allowed, act)


def _list(name: str, path: str, list_: Callable[..., list[Json]], *more: str) -> Route:
    return Route(name, "GET", f"/v1/{path}", (*PAGING, *more), list_=list_)


def _post(name: str, path: str, act: Callable[..., Json], allowed: Sequence[str] = ONE) -> Route:
    return Route(name, "POST", f"/v1/{path}", allowed, act)


ROUTES = (
    _post("payment_intents.create", "payment_intents", intents.create, intents.CREATE),
    _list("payment_intents.list", "payment_intents", intents.listed, "created", "customer"),
    _get("payment_intents.search", "payment_intents/search", search.search, search.ALLOWED),
    _get("payment_intents.retrieve", "payment_intents/{id}", intents.retrieve),
    _post("payment_intents.confirm", "payment_intents/{id}/confirm", intents.confirm, intents.CONFIRM),
    _post("payment_intents.capture", "payment_intents/{id}/capture", intents.capture, intents.CAPTURE),
    _post("payment_intents.cancel", "payment_intents/{id}/cancel", intents.cancel, intents.CANCEL),
    _post("refunds.create", "refunds", refunds.create, refunds.CREATE),
    _list("refunds.list", "refunds", refunds.listed, "created", "payment_intent", "charge"),
    _get("refunds.retrieve", "refunds/{id}", refunds.retrieve),
    _list("charges.list", "charges", charges.listed, "created", "payment_intent", "customer"),
    _get("charges.retrieve", "charges/{id}", charges.retrieve),
    _list("disputes.list", "disputes", disputes.listed, "created", "payment_intent", "charge"),
    _get("disputes.retrieve", "disputes/{id}", disputes.retrieve),
    _post("disputes.update", "disputes/{id}", disputes.update, ("evidence", "submit", "metadata", "expand")),
    _post("disputes.close", "disputes/{id}/close", disputes.close),
    _list("balance_transactions.list", "balance_transactions", balance.listed, *balance.FILTERS),
    _get("balance_transactions.retrieve", "balance_transactions/{id}", balance.retrieve),
    _list("events.list", "events", events.listed, *events.FILTERS),
    _get("events.retrieve", "events/{id}", events.retrieve),
    _post("customers.create", "customers", customers.create, customers.CREATE),
    _list("customers.list", "customers", customers.listed, "created", "email"),
    _get("customers.retrieve", "customers/{id}", customers.retrieve),
    _post("customers.update", "customers/{id}", customers.update, customers.CREATE),
    Route("customers.delete", "DELETE", "/v1/customers/{id}", (), customers.delete),
    _list("customers.payment_methods", "customers/{id}/payment_methods", payment_methods.of_customer, "type"),
    _list("payment_methods.list", "payment_methods", payment_methods.listed, "customer", "type"),
    _get("payment_methods.retrieve", "payment_methods/{id}", payment_methods.retrieve),
    _post("payment_methods.attach", "payment_methods/{id}/attach", payment_methods.attach, ("customer", "expand")),
    _post("payment_methods.detach", "payment_methods/{id}/detach", payment_methods.detach),
    _post("setup_intents.create", "setup_intents", setup_intents.create, setup_intents.CREATE),
    _get("setup_intents.retrieve", "setup_intents/{id}", setup_intents.retrieve),
    _post("setup_intents.confirm", "setup_intents/{id}/confirm", setup_intents.confirm, setup_intents.CONFIRM),
    _post("setup_intents.cancel", "setup_intents/{id}/cancel", setup_intents.cancel, ("cancellation_reason", "expand")),
    _get("confirmation_tokens.retrieve", "confirmation_tokens/{id}", confirmation_tokens.retrieve),
    _post(
        "confirmation_tokens.create",
        "test_helpers/confirmation_tokens",
        confirmation_tokens.create,
        confirmation_tokens.CREATE,
    ),
)


def route_of(method: str, path: str) -> tuple[Route, Sequence[str]] | None:
    """The route of a request, and the ids in its path."""
    for route in ROUTES:
        if route.method == method and (match := route.pattern.fullmatch(path)):
            return route, match.groups()
    return None
