"""The shapes of what is sent: strict, bounded, and nothing that was not asked for."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from domain.cart.checkout import HIGHEST_DELIVERY_PRICE
from domain.cart.decider import HIGHEST_LINE_TOTAL, MOST_LINES, MOST_OF_A_SKU
from domain.product.decider import HIGHEST_PRICE, MOST_BASE_QUANTITY
from domain.shared.ids import Sku
from domain.shared.money import Money
from domain.shared.personal import has_address
from domain.shared.units import Units
from domain.staff.permissions import STAFF_PERMISSIONS, ordered

CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
CURRENCY, COUNTRY = "^[A-Z]{3}$", "^[A-Z]{2}$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
BASE64 = r"^[A-Za-z0-9_-]+$"
PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""No control characters but tab and line ends: PostgreSQL has no text with NUL, and the others have no use."""

LINK = r"^https?://[^\s\x00-\x1f\x7f\"'<>`\\]+$"
"""Something to load, never something to run (`javascript:`), and nothing that ends an attribute of HTML."""

MOST_UNITS = MOST_OF_A_SKU * MOST_BASE_QUANTITY
HIGHEST_TOTAL = MOST_LINES * HIGHEST_LINE_TOTAL + HIGHEST_DELIVERY_PRICE


class Body(BaseModel):
    """Strict about kinds and about fields that are not known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def example(**fields: JsonValue) -> ConfigDict:
    """The configuration of a body, with an example for the documents and the tests."""
    return ConfigDict(json_schema_extra={"examples": [dict(fields)]})


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is out of bounds") from None


def _in_the_clear(text: str) -> str:
    if has_address(text):
        raise PydanticCustomError("address_in_the_clear", "There is an e-mail address in it, and it is kept for ever")
    return text


Text: TypeAlias = Annotated[str, Field(pattern=PRINTABLE, min_length=1)]
OptionalText: TypeAlias = Annotated[str, Field(pattern=PRINTABLE)]
Reason: TypeAlias = Annotated[Text, Field(max_length=200), AfterValidator(_in_the_clear)]
Subject: TypeAlias = Annotated[Text, AfterValidator(_in_the_clear)]
Code: TypeAlias = Annotated[str, Field(pattern=CODE)]
PermissionName: TypeAlias = Annotated[
    str, Field(max_length=50, json_schema_extra={"enum": [str(it) for it in ordered(STAFF_PERMISSIONS)]})
]
Currency: TypeAlias = Annotated[str, Field(pattern=CURRENCY, description="ISO 4217")]
Quantity: TypeAlias = Annotated[
    int,
    Field(
        ge=1,
        le=MOST_UNITS,
        description=f"At most {MOST_OF_A_SKU:,} times the base quantity of the variant, "
        f"so {MOST_OF_A_SKU:,} of what is sold by the piece.",
    ),
]
Time: TypeAlias = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_in_utc)]


def _without_default(schema: JsonDict) -> None:
    schema.pop("default", None)


UNCHANGED: Any = Field(default=None, json_schema_extra=_without_default)
"""A field that may be left out, and then says nothing; null is not what may be sent."""

PathCode: TypeAlias = Annotated[str, Path(pattern=CODE)]
PathId: TypeAlias = Annotated[str, Path(pattern=ID)]


class Amount(Body):
    """Money in minor units (cents)."""

    model_config = example(amount=1250, currency="USD")

    amount: int = Field(ge=0, le=HIGHEST_LINE_TOTAL)
    currency: Currency

    def money(self) -> Money:
        return Money(self.amount, self.currency)


class Price(Amount):
    """The price of a variant in minor units (cents)."""

    amount: int = Field(ge=0, le=HIGHEST_PRICE)


class Total(Amount):
    """The total of a cart with its delivery in minor units (cents)."""

    amount: int = Field(ge=0, le=HIGHEST_TOTAL)


class Refund(Amount):
    """Money to give back in minor units (cents)."""

    amount: int = Field(ge=1, le=HIGHEST_TOTAL)


class Item(Body):
    """So many units of a SKU."""

    model_config = example(sku="MUG", quantity=2)

    sku: Code
    quantity: Quantity

    def units(self) -> Units:
        return Units(sku=Sku(self.sku), quantity=self.quantity)


class Because(Body):
    """Why it is done; kept for ever beside what was done."""

    model_config = example(reason="Damaged packaging")

    reason: Reason
