"""What a promotion does, in one sentence for staff."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Promotion = Mapping[str, Any]
Written = Callable[[Mapping[str, Any]], str]
"""An amount as the shop writes it."""


def effect(promotion: Promotion, money: Written) -> str:
    """What it takes off, and from which value of goods on."""
    text = EFFECTS[promotion["benefit"]["kind"]](promotion, money)
    return f"{text}, from {money(promotion['threshold'])} of goods on" if promotion["threshold"] else text


MOST_NAMED = 3


def goods(promotion: Promotion) -> str:
    """The goods that are named."""
    target = promotion["target"]
    named = {
        "products": [it["title"] for it in target["foundProducts"]],
        "categories": [it["name"] for it in target["foundCategories"]],
        "brands": target["brands"],
    }
    parts = [f"{kind} {_some(named[kind], len(target[kind]))}" for kind in named if target[kind]]
    return "; ".join(parts) or "all goods"


def _some(names: Sequence[str], count: int) -> str:
    shown = list(names[:MOST_NAMED])
    more = [f"{count - len(shown)} more"] if count > len(shown) else []
    return ", ".join([*shown, *more])


def _percent(basis_points: int) -> str:
    return f"{(Decimal(basis_points) / 100).normalize():f} % off"


def _amount(promotion: Promotion, money: Written) -> str:
    each = " each unit" if promotion["phase"] == "LINE" else ""
    return f"{money(promotion['benefit']['amount'])} off{each}"


def _at_most(promotion: Promotion, what: str) -> str:
    most = promotion["benefit"]["most"]
    return "" if most is None else f", at most {most} {what}"


def _tiers(promotion: Promotion, _money: Written) -> str:
    tiers = (f"{it['fromUnits']} units {_of_tier(it)}" for it in promotion["benefit"]["tiers"])
    return f"From {'; from '.join(tiers)}"


def _of_tier(tier: Mapping[str, Any]) -> str:
    return f"{tier['freeUnits']} free" if tier["freeUnits"] else _percent(tier["basisPoints"])


def _bundle(promotion: Promotion, money: Written) -> str:
    benefit = promotion["benefit"]
    parts = " + ".join(str(it["quantity"]) for it in benefit["parts"])
    return f"{parts} units together for {money(benefit['amount'])}{_at_most(promotion, 'bundles')}"


def _free_shipping(promotion: Promotion, _money: Written) -> str:
    methods = promotion["benefit"]["methods"]
    return f"Free shipping ({', '.join(methods)})" if methods else "Free shipping"


EFFECTS: Mapping[str, Callable[[Promotion, Written], str]] = {
    "PERCENTAGE": lambda it, _: _percent(it["benefit"]["basisPoints"]),
    "AMOUNT": _amount,
    "FIXED_PRICE": lambda it, money: f"{money(it['benefit']['amount'])} a unit at most",
    "BUY_GET": lambda it, _: f"Buy {it['benefit']['buy']}, get {it['benefit']['get']} free{_at_most(it, 'units')}",
    "TIERS": _tiers,
    "BUNDLE": _bundle,
    "GIFT": lambda it, _: f"{it['benefit']['get']} free when in the cart",
    "FREE_SHIPPING": _free_shipping,
}
"""By the kind of the benefit."""
