"""An address of the address book."""

from collections.abc import Mapping
from typing import Any

from web.forms.checkout import ADDRESS, REQUIRED
from web.texts.languages import noted

LABELS: Mapping[str, str] = {
    "name": noted("Name"),
    "street": noted("Street and number"),
    "postal_code": noted("Postal code"),
    "city": noted("City"),
    "region": noted("State or region"),
    "country": noted("Country"),
}
DEFAULTS = ("for_delivery", "for_billing")


def missing(typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the fields that have to be filled in and are not."""
    return {name: text for name, text in REQUIRED.items() if not typed[name]}


def body_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """The REST body."""
    return {**{name: typed[name] for name in ADDRESS}, **{name: bool(typed[name]) for name in DEFAULTS}}


def typed_of(address: Mapping[str, Any]) -> dict[str, str]:
    """The form of an address that is kept already."""
    return {
        **{name: address.get(name) or "" for name in ADDRESS},
        **{name: "yes" if address[name] else "" for name in DEFAULTS},
    }
