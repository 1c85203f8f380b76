"""A promotion as the text of its form, to edit it, to replace it, or to draft another one like it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal, get_currency_precision

from web.forms.promotion import KINDS
from web.http.bodies import Form

Promotion = Mapping[str, Any]


def kind_of(promotion: Promotion) -> str:
    """The form that a promotion fits."""
    benefit = promotion["benefit"]
    if benefit["kind"] == "TIERS":
        return "units-free" if any(it["freeUnits"] for it in benefit["tiers"]) else "quantity-discount"
    return next(slug for slug, it in KINDS.items() if it.benefit == benefit["kind"].replace("_", " ").lower())


def typed_of(promotion: Promotion, locale: str) -> Form:
    """What has to be typed to get this promotion."""
    benefit, threshold = promotion["benefit"], promotion["threshold"]
    values = {
        "title": promotion["title"],
        "phase": promotion["phase"].lower(),
        "priority": str(promotion["priority"]),
        "exclusive": "yes" if promotion["exclusive"] else "",
        "threshold": _amount(threshold, locale),
        "percent": _percent(benefit["basisPoints"], locale),
        "amount": _amount(benefit["amount"], locale),
        **{name: str(benefit[name] or "") for name in ("buy", "get", "most")},
        "methods": "\n".join(benefit["methods"]),
        **_target(promotion["target"], ""),
    }
    if (money := benefit["amount"] or threshold) is not None:
        values["currency"] = money["currency"]
    for row, tier in enumerate(benefit["tiers"]):
        values[f"from-{row}"] = str(tier["fromUnits"])
        values[f"free-{row}"] = str(tier["freeUnits"] or "")
        values[f"percent-{row}"] = _percent(tier["basisPoints"], locale)
    for row, part in enumerate(benefit["parts"]):
        values |= {f"quantity-{row}": str(part["quantity"]), **_target(part["target"], f"-{row}")}
    return Form(list(values.items()))


def _target(target: Mapping[str, Any], ending: str) -> dict[str, str]:
    """Products by a SKU, categories by their path; what is not there any more by its id."""
    skus = {it["productId"]: it["variants"][0]["sku"] for it in target["foundProducts"] if it["variants"]}
    paths = {it["categoryId"]: path_of(it) for it in target["foundCategories"]}
    return {
        f"products{ending}": "\n".join(skus.get(it, it) for it in target["products"]),
        f"categories{ending}": "\n".join(paths.get(it, it) for it in target["categories"]),
        f"brands{ending}": "\n".join(target["brands"]),
    }


def path_of(category: Mapping[str, Any]) -> str:
    return " / ".join(it["name"] for it in category["path"])


def _amount(amount: Mapping[str, Any] | None, locale: str) -> str:
    if amount is None:
        return ""
    digits = get_currency_precision(amount["currency"])
    value = Decimal(amount["amount"]).scaleb(-digits)
    return str(format_decimal(value, format=f"0.{'0' * digits}" if digits else "0", locale=locale))


def _percent(basis_points: int, locale: str) -> str:
    value = (Decimal(basis_points) / 100).normalize()
    return str(format_decimal(value, format="0.##", locale=locale)) if basis_points else ""
