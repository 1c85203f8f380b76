"""Events of the last 30 days, for those who missed a webhook."""

from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.lists import created, matching
from infra.dev_servers.stripe.refusals import invalid

FILTERS = ("created", "type", "types", "delivery_success")


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("event", id, "event")


def listed(account: Account, form: Json) -> list[Json]:
    found = list(matching(created(account.all("event"), form), form, ("type",)))
    if (types := form.get("types")) is None:
        return found
    if "type" in form:
        raise invalid("You may only specify one of these parameters: type, types.", "type")
    return [each for each in found if each["type"] in types]
