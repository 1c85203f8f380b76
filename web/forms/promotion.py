"""The forms of promotions: one for each kind of benefit, what was typed as a REST body, and a promotion as text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal

from web.forms import money, quantity

PHASES: Mapping[str, str] = {
    "line": "Each of the goods",
    "order": "The goods together",
    "shipping": "The delivery",
}
"""What it is taken off, by the phase."""

MOST_ROWS, FIRST_ROWS = 10, 2
"""Rows of tiers and of parts of a set: at most, and in an empty form."""

PERCENT = "Enter a percentage above 0 and up to 100, such as 15 or 12.5."
CURRENCY = "Enter the currency's code, such as USD."
TITLE = "Enter a title: shoppers read it beside the amount."
PRIORITY = "Enter a whole number, such as 10. The lowest applies first."
A_ROW = "Fill in one row or more."
CHOOSE = "Choose what it is taken off."


@dataclass(frozen=True, slots=True)
class Kind:
    """A form. `benefit` is what the APIs call it; `fields` and `rows` are what it asks beside the common fields."""

    benefit: str
    label: str
    hint: str
    phases: tuple[str, ...]
    fields: tuple[str, ...] = ()
    rows: str = ""


KINDS: Mapping[str, Kind] = {
    "percentage": Kind("percentage", "A percentage off", "15 % off coffee", tuple(PHASES), ("percent",)),
    "amount": Kind(
        "amount", "An amount off", "$3.00 off each bag, or $10.00 off the order", tuple(PHASES), ("amount",)
    ),
    "fixed-price": Kind("fixed price", "A fixed price", "every mug for $9.00", ("line",), ("amount",)),
    "buy-get": Kind("buy get", "Some free for some bought", "buy 2, get 1 free", ("line",), ("buy", "get", "most")),
    "units-free": Kind("tiers", "Units free from a quantity on", "from 10 units 1 free", ("line",), (), "free"),
    "quantity-discount": Kind(
        "tiers", "A percentage from a quantity on", "from 10 units 5 % off", ("line",), (), "percent"
    ),
    "set": Kind("bundle", "A price for a set", "a pot and two cups for $20.00", ("line",), ("amount", "most"), "part"),
    "gift": Kind("gift", "Free when it is in the cart", "one sponge free from $50.00 on", ("line", "order"), ("get",)),
    "free-delivery": Kind(
        "free shipping", "Free delivery", "free delivery from $50.00 on", ("shipping",), ("methods",)
    ),
}
"""By the part of the address that names the form."""

LABELS: Mapping[str, str] = {
    "title": "Title",
    "phase": "Taken off",
    "priority": "Priority",
    "percent": "Percent",
    "amount": "Amount",
    "currency": "Currency",
    "buy": "Units to buy",
    "get": "Units free",
    "most": "At most",
    "methods": "Ways of delivery",
    "threshold": "From this value of goods on",
    "products": "Products",
    "categories": "Categories",
    "brands": "Brands",
    "rows": "Rows",
}
NAMES: Mapping[str, str] = {
    "benefit.kind": "phase",
    "benefit.basis_points": "percent",
    "benefit.amount": "amount",
    "benefit.amount.amount": "amount",
    "benefit.amount.currency": "currency",
    "price.currency": "currency",
    "threshold.amount": "threshold",
    "threshold.currency": "currency",
    **{f"benefit.{name}": name for name in ("buy", "get", "most", "methods")},
    **{f"target.{name}": name for name in ("products", "categories", "brands")},
    "target": "products",
    "benefit.tiers": "rows",
    "benefit.parts": "rows",
}
"""The field of the form by the path in the REST body; names_for adds the rows."""


@dataclass(slots=True)
class Parsed:
    """A REST body, or what is wrong, by field."""

    typed: Mapping[str, str]
    locale: str
    faults: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, fault: str) -> str:
        return self._found(name, self.typed[name] or None, fault) or ""

    def units(self, name: str, fault: str = quantity.ENTER) -> int:
        found = quantity.parsed(self.typed[name], self.locale)
        return self._found(name, None if found.fault else found.value, fault) or 0

    def basis_points(self, name: str) -> int:
        return self._found(name, _basis_points(self.typed[name], self.locale), PERCENT) or 0

    def amount(self, name: str) -> Mapping[str, Any] | None:
        """Money in the currency of the form."""
        code = self.typed["currency"].upper()
        if not (code.isascii() and code.isalpha() and len(code) == 3):
            self.faults["currency"] = CURRENCY
            return None
        units = self._found(name, money.minor_units(self.typed[name], code, self.locale), money.ENTER)
        return None if units is None else {"amount": units, "currency": code}

    def _found(self, name: str, value: Any, fault: str) -> Any:
        if value is None:
            self.faults[name] = fault
        return value


Targets = Callable[[str], Mapping[str, list[str]]]
"""The goods that were named in the fields with such an ending."""


def parsed(
    kind: Kind, typed: Mapping[str, str], locale: str, targets: Targets
) -> tuple[dict[str, Any], dict[str, str]]:
    """The REST body, and what is wrong by field."""
    it = Parsed(typed, locale)
    phase = typed["phase"] if len(kind.phases) > 1 else kind.phases[0]
    if phase not in kind.phases:
        it.faults["phase"] = CHOOSE
    body = {
        "title": it.text("title", TITLE),
        "phase": phase,
        "priority": it.units("priority", PRIORITY),
        "benefit": _benefit(kind, it, targets),
        "target": {} if kind.rows == "part" else targets(""),
        "exclusive": bool(typed["exclusive"]),
        **({"threshold": it.amount("threshold")} if typed["threshold"] else {}),
    }
    return body, it.faults


def names_for(typed: Mapping[str, str]) -> Mapping[str, str]:
    """The field of the form by the path in the REST body, which numbers only the rows that are filled in."""
    rows = list(enumerate(filled(typed)))
    tiers = {
        f"benefit.tiers.{number}.{path}": f"{name}-{row}"
        for number, row in rows
        for path, name in (("from_units", "from"), ("free_units", "free"), ("basis_points", "percent"))
    }
    parts = {
        f"benefit.parts.{number}.{path}": f"{name}-{row}"
        for number, row in rows
        for path, name in (("quantity", "quantity"), ("target", "products"))
    }
    return {**NAMES, **tiers, **parts}


def _benefit(kind: Kind, it: Parsed, targets: Targets) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": kind.benefit}
    if "percent" in kind.fields:
        found["basis_points"] = it.basis_points("percent")
    if "amount" in kind.fields:
        found["amount"] = it.amount("amount")
    found |= {name: it.units(name) for name in ("buy", "get") if name in kind.fields}
    if "most" in kind.fields and it.typed["most"]:
        found["most"] = it.units("most")
    if "methods" in kind.fields:
        found["methods"] = lines(it.typed["methods"])
    if kind.rows == "part":
        found["parts"] = [
            {"quantity": it.units(f"quantity-{row}"), "target": targets(f"-{row}")} for row in filled(it.typed)
        ]
    elif kind.rows:
        found["tiers"] = [_tier(kind, it, row) for row in filled(it.typed)]
    if kind.rows and not filled(it.typed):
        it.faults["rows"] = A_ROW
    return found


def _tier(kind: Kind, it: Parsed, row: int) -> dict[str, int]:
    begins = it.units(f"from-{row}")
    if kind.rows == "free":
        return {"from_units": begins, "free_units": it.units(f"free-{row}")}
    return {"from_units": begins, "basis_points": it.basis_points(f"percent-{row}")}


ROW = ("from", "free", "percent", "quantity", "products", "categories", "brands")


def filled(typed: Mapping[str, str]) -> list[int]:
    """The rows in which something stands."""
    return [row for row in range(MOST_ROWS) if any(typed[f"{name}-{row}"] for name in ROW)]


def rows_of(typed: Mapping[str, str], *, more: bool = False) -> range:
    """The rows to show: those before the last that is filled in, and one more if that was asked for."""
    shown = int(typed["rows"]) if quantity.parsed(typed["rows"]).fault is None else FIRST_ROWS
    return range(min(MOST_ROWS, max(shown, FIRST_ROWS, *(row + 1 for row in filled(typed)), 0) + more))


def lines(typed: str) -> list[str]:
    """What stands on each line."""
    return list(dict.fromkeys(filter(None, map(str.strip, typed.splitlines()))))


def _basis_points(typed: str, locale: str) -> int | None:
    typed = typed.removesuffix("%").strip()
    if not typed or len(typed) > money.LONGEST or any(map(str.isalpha, typed)):
        return None
    try:
        found = parse_decimal(typed, locale=locale, strict=True) * 100
    except NumberFormatError:
        return None
    return int(found) if found == found.to_integral_value() and 0 < found <= 10_000 else None
