"""One promotion: what it does and when, tried on some goods, put in force in the shop's times, and ended."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import segment
from web.back_office import desk
from web.back_office.desk import Refusal, attempt, faulty
from web.forms import quantity
from web.forms.promotion import PHASES, lines
from web.forms.promotion_values import kind_of, path_of
from web.http.routes import action, staff
from web.http.visit import Visit
from web.texts import formats
from web.texts.promotions import effect

PATH = "/desk/promotions/{id}"
REASON = {"reason": "Say why: it stays with the promotion."}
A_TIME = "Choose a day and a time."
ITEMS = "Write a SKU and how many units on each line, such as MUG 3."
TOO_MANY = "Try 20 SKUs at most."
MOST_ITEMS = 20


async def show(visit: Visit) -> Response:
    return await _promotion(visit)


async def schedule(visit: Visit) -> Response:
    """From a time on, or from now; until another, or until it is ended. Both are times of the shop."""
    form = await visit.form()
    typed = {name: form[name] for name in ("starts", "ends") if form[name]}
    faults = {name: A_TIME for name, text in typed.items() if not _is_local_time(text)}
    if faults:
        return await _promotion(visit, faulty(form, "schedule", faults))
    body = {"zone": visit.ports.shop.time_zone, **typed}
    return await _after(visit, await attempt(visit, form, "schedule", "PUT", _command(visit, "schedule"), body))


async def end(visit: Visit) -> Response:
    form = await visit.form()
    if not form["reason"]:
        return await _promotion(visit, faulty(form, "end", REASON))
    body = {"reason": form["reason"]}
    refused = await attempt(visit, form, "end", "POST", _command(visit, "end"), body)
    return visit.go("/desk/promotions") if refused is None else await _promotion(visit, refused)


def _command(visit: Visit, name: str) -> str:
    return f"/promotions/{segment(visit.path['id'])}/{name}"


def _is_local_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


async def _after(visit: Visit, refused: Refusal | None) -> Response:
    return visit.go(visit.request.url.path.rpartition("/")[0]) if refused is None else await _promotion(visit, refused)


async def _promotion(visit: Visit, refused: Refusal | None = None) -> Response:
    it = segment(visit.path["id"])
    answer = await visit.ask("desk_promotion", id=it)
    promotion = answer["promotion"]
    if promotion is None:
        raise NotFound
    typed = (visit.query.get("items") or "")[:2_000]
    items, fault = _items(typed)
    trial = (await visit.ask("desk_promotion_trial", id=it, items=items))["promotion"]["trial"] if items else None
    return desk.page(
        visit,
        "promotion",
        answer,
        refused,
        promotion=promotion,
        kind=kind_of(promotion),
        phase=PHASES[promotion["phase"].lower()],
        effect=effect(promotion, partial(formats.money, locale=visit.ports.shop.locale)),
        path_of=path_of,
        items=typed,
        items_fault=fault,
        tried=bool(items),
        trial=trial,
        reduces=_reduces,
    )


def _reduces(trial: Mapping[str, Any]) -> bool:
    """Whether a promotion takes something off the goods or a delivery."""
    return bool(trial["discounts"]) or any(len(it["priceSteps"]) > 1 for it in trial["deliveryMethods"])


def _items(typed: str) -> tuple[list[dict[str, object]], str]:
    """Lines such as `MUG 3`; a SKU alone is one unit."""
    found = list[dict[str, object]]()
    for line in lines(typed):
        sku, _, units = line.partition(" ")
        number = quantity.parsed(units.strip() or "1")
        if number.fault or number.value > 10_000 or len(sku) > 64:
            return [], ITEMS
        found.append({"sku": sku, "quantity": number.value})
    return (found, "") if len(found) <= MOST_ITEMS else ([], TOO_MANY)


ROUTES = [
    staff(PATH, show),
    action(f"{PATH}/schedule", schedule, for_staff=True),
    action(f"{PATH}/end", end, for_staff=True),
]
