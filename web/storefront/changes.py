"""A total that changed before the checkout: the prices that differ, and the form as the write API priced it."""

from collections.abc import Mapping, Sequence
from typing import Any

from web.texts.languages import noted

DELIVERY = noted("Delivery")
Document = Mapping[str, Any]
Steps = Sequence[Document]


def changes_of(document: Document, cart: Document) -> Sequence[Document]:
    """Each line that differs, and the delivery: its title, its total and its steps, as they were seen and as they are.

    `seen` is None where it is not known, or where there was no such step; `now` where there is none any more.
    """
    titles = {line["sku"]: line["title"] for line in cart["lines"]} | {None: DELIVERY}
    return [
        {
            "title": titles.get(it["sku"], it["sku"]),
            "seen": _sum(it["seen"] or ()),
            "now": _sum(it["now"]),
            "steps": _both(it["seen"] or (), it["now"]),
        }
        for it in document["changed"]
    ]


def decided(document: Document, cart: Document, methods: Sequence[Document], chosen: str) -> tuple[Document, list[Any]]:
    """The cart and its deliveries with the prices of the refusal, which the read model may not show yet."""
    now = {it["sku"]: {"priceSteps": it["now"], "total": _sum(it["now"])} for it in document["changed"]}
    lines = [{**line, **now.get(line["sku"], {})} for line in cart["lines"]]
    delivery = {"priceSteps": now[None]["priceSteps"], "price": now[None]["total"]} if None in now else {}
    priced = [{**it, **delivery, "total": document["current"]} if it["method"] == chosen else it for it in methods]
    goods = {**cart["total"], "amount": sum(line["total"]["amount"] for line in lines)}
    return {**cart, "lines": lines, "total": goods}, priced


def _both(seen: Steps, now: Steps) -> Sequence[Document]:
    """Each step once; promotions are the same if the same event set them."""
    found = dict[Any, dict[str, Any]]()
    for when, steps in (("seen", seen), ("now", now)):
        for step in steps:
            rule = step["rule"] and (step["rule"]["stream"], step["rule"]["revision"])
            found.setdefault((step["kind"], rule), {**step, "seen": None, "now": None})[when] = step["amount"]
    return list(found.values())


def _sum(steps: Steps) -> Document | None:
    return None if not steps else {**steps[0]["amount"], "amount": sum(step["amount"]["amount"] for step in steps)}
