"""Customers, who may have saved cards."""

from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.lists import created, matching
from infra.dev_servers.stripe.parameters import metadata, text

FIELDS = ("email", "name", "phone", "description")
CREATE = (*FIELDS, "metadata", "expand")


def create(account: Account, form: Json) -> Json:
    customer = account.add(
        "customer",
        address=None,
        balance=0,
        currency=None,
        default_source=None,
        delinquent=False,
        invoice_prefix=None,
        metadata=metadata(form),
        preferred_locales=[],
        shipping=None,
        tax_exempt="none",
        **{name: text(form, name) for name in FIELDS},
    )
    account.tell("customer.created", customer)
    return customer


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("customer", id, "customer")


def update(account: Account, form: Json, id: str) -> Json:
    customer = account.find("customer", id, "customer")
    customer.update({name: text(form, name) for name in FIELDS if name in form})
    customer["metadata"].update(metadata(form))
    account.tell("customer.updated", customer)
    return customer


def listed(account: Account, form: Json) -> list[Json]:
    return list(matching(created(account.all("customer"), form), form, ("email",)))


def delete(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    """Forget the customer, and the cards that were saved."""
    customer = account.find("customer", id, "customer")
    for method in account.objects["payment_method"].values():
        if method["customer"] == id:
            method["customer"] = None
    account.tell("customer.deleted", customer)
    del account.objects["customer"][id]
    return {"id": id, "object": "customer", "deleted": True}
