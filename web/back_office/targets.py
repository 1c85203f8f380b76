"""The goods that a promotion is for, as they are typed: SKUs, paths of categories, and brands, one on each line."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from typing import Any

from web.api.write import SEGMENT
from web.forms.promotion import MOST_ROWS, lines
from web.http.visit import Visit

MOST = 20
"""Products, and categories, that one field takes."""

SEPARATOR = " / "
NO_PRODUCT = "There is no product with the SKU {}."
NO_CATEGORY = "There is no category {}. Write it as the page of a product does, such as Grocery / Coffee."
TOO_MANY = f"Name {MOST} at most, or a category that has them all."

Named = Mapping[str, Mapping[str, list[str]]]
"""By the ending of the fields: the ids of the goods."""


async def resolved(visit: Visit, typed: Mapping[str, str]) -> tuple[Named, dict[str, str]]:
    """The goods of all fields, and what is wrong by field."""
    faults = dict[str, str]()
    endings = ["", *(f"-{row}" for row in range(MOST_ROWS))]
    departments = (await visit.ask("desk_categories"))["categories"]
    found = {ending: await _target(visit, typed, ending, departments, faults) for ending in endings}
    return found, faults


async def _target(
    visit: Visit, typed: Mapping[str, str], ending: str, departments: Sequence[Any], faults: dict[str, str]
) -> dict[str, list[str]]:
    target = {"brands": lines(typed[f"brands{ending}"])}
    for name, find, missing in (("products", _product, NO_PRODUCT), ("categories", _category, NO_CATEGORY)):
        field = f"{name}{ending}"
        wanted = lines(typed[field])
        if len(wanted) > MOST:
            faults[field], wanted = TOO_MANY, []
        ids = await gather(*(find(visit, it, departments) for it in wanted))
        for text, found in zip(wanted, ids, strict=True):
            if found is None:
                faults.setdefault(field, missing.format(text[:100]))
        target[name] = [it for it in dict.fromkeys(ids) if it is not None]
    return {name: ids for name, ids in target.items() if ids}


async def _product(visit: Visit, text: str, _: Sequence[Any]) -> str | None:
    """By a SKU of its variants, or by its id."""
    if not SEGMENT.fullmatch(text):
        return None
    answer = await visit.ask("desk_target_product", it=text)
    found = answer["bySku"] or answer["byId"]
    return None if found is None else str(found["productId"])


async def _category(visit: Visit, text: str, departments: Sequence[Any]) -> str | None:
    """By the names on the way down to it, or by its id."""
    children, it = departments, None
    for name in map(str.strip, text.split(SEPARATOR)):
        it = next((child for child in children if child["name"].casefold() == name.casefold()), None)
        if it is None:
            break
        children = (await visit.ask("desk_category", id=it["categoryId"]))["category"]["children"]
    if it is None and SEGMENT.fullmatch(text):
        it = (await visit.ask("desk_category", id=text))["category"]
    return None if it is None else str(it["categoryId"])
