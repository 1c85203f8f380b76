"""Promotions that are about units and not about lines: n and m, free ones from a number on, bundles, gifts.

A unit serves one of them. Units are free from the cheapest on; those that pay for free ones, and those of a bundle, are
the dearest. Equal prices go by SKU.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from domain.pricing.promotions import Benefit, BundlePart
from domain.pricing.working_lines import Shelf, WorkingLine
from domain.shared.ids import Sku
from domain.shared.money import Money, total


@dataclass(slots=True)
class UnitSet:
    """Units of lines, and the money that is taken off all of them together."""

    off: Money
    units: dict[Sku, int] = field(default_factory=dict)


def buy_get(lines: Sequence[WorkingLine], benefit: Benefit, currency: str) -> UnitSet | None:
    """Of each `buy` + `get` units the `get` cheapest are free; of an incomplete last set, what is above `buy`."""
    lines = _by_unit_price(lines)
    together = sum(line.untaken for line in lines)
    sets, rest = divmod(together, benefit.buy + benefit.get)
    free = _limited(sets * benefit.get + max(0, rest - benefit.buy), benefit.most)
    paid = min(-(-free // benefit.get) * benefit.buy, together - free)
    return _freed(lines, free, paid, currency)


def free_from(lines: Sequence[WorkingLine], benefit: Benefit, currency: str) -> UnitSet | None:
    """So many units free as the highest tier says that the units reach."""
    lines = _by_unit_price(lines)
    together = sum(line.untaken for line in lines)
    reached = [tier for tier in benefit.tiers if tier.from_units <= together]
    free = min(max(reached, key=lambda tier: tier.from_units).free_units, together) if reached else 0
    return _freed(lines, free, together - free, currency)


def gift(lines: Sequence[WorkingLine], benefit: Benefit, currency: str) -> UnitSet | None:
    """Up to `get` units free that are in the cart anyway."""
    lines = _by_unit_price(lines)
    return _freed(lines, min(benefit.get, sum(line.untaken for line in lines)), 0, currency)


def bundles(shelf: Shelf, benefit: Benefit, exclusive: bool, currency: str) -> UnitSet | None:
    """As many bundles as there are complete ones whose units cost more than the bundle does."""
    price = benefit.amount or Money(0, currency)
    places = [
        (part, list(reversed(_by_unit_price(shelf.matching(part.target, exclusive=exclusive)))))
        for part in benefit.parts
    ]
    lines = {line.sku: line for _, found in places for line in found}
    units, made = dict[Sku, int](), 0
    while benefit.most is None or made < benefit.most:
        chosen = _one_bundle(places, units)
        if chosen is None or sum(lines[sku].unit_value * n for sku, n in chosen.items()) <= price.amount:
            break
        for sku, n in chosen.items():
            units[sku] = units.get(sku, 0) + n
        made += 1
    value = total((lines[sku].value_of(n) for sku, n in units.items()), currency)
    off = value - Money(price.amount * made, currency)
    return UnitSet(off, units) if off.amount > 0 else None


def _one_bundle(
    places: Sequence[tuple[BundlePart, Sequence[WorkingLine]]], used: dict[Sku, int]
) -> dict[Sku, int] | None:
    chosen = dict[Sku, int]()
    for part, lines in places:
        missing = part.quantity
        for line in lines:
            there = line.untaken - used.get(line.sku, 0) - chosen.get(line.sku, 0)
            if units := min(missing, there):
                chosen[line.sku] = chosen.get(line.sku, 0) + units
                missing -= units
        if missing:
            return None
    return chosen


def _freed(lines: Sequence[WorkingLine], free: int, paid: int, currency: str) -> UnitSet | None:
    if free == 0:
        return None
    cheapest = _first(lines, free)
    by_sku = {line.sku: line for line in lines}
    off = total((by_sku[sku].value_of(n) for sku, n in cheapest.items()), currency)
    units = dict(cheapest)
    for sku, n in _first(reversed(lines), paid).items():
        units[sku] = units.get(sku, 0) + n
    return UnitSet(off, units)


def _first(lines: Iterable[WorkingLine], units: int) -> dict[Sku, int]:
    found = dict[Sku, int]()
    for line in lines:
        if units and (here := min(units, line.untaken)):
            found[line.sku] = here
            units -= here
    return found


def _by_unit_price(lines: Iterable[WorkingLine]) -> list[WorkingLine]:
    """The cheapest first. Goods that are priced by the thousand are not counted by the unit."""
    return sorted(
        (line for line in lines if line.base_quantity == 1 and line.untaken),
        key=lambda line: (line.unit_value, line.sku),
    )


def _limited(units: int, most: int | None) -> int:
    return units if most is None else min(units, most)
