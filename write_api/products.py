"""Products: what is sold, in which variants, at what price from when."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from commands.lookups import catalogue
from commands.lookups.catalogue import add_variant, categorise
from domain.product.commands import (
    AddVariant,
    AttachMedia,
    Categorise,
    DescribeProduct,
    Discontinue,
    DraftProduct,
    PriceVariant,
    Publish,
    RemoveMedia,
    RemoveVariant,
    Unpublish,
    WithdrawPrice,
)
from domain.shared.ids import CategoryId, ProductId, Sku
from write_api.http.context import Catalogue, Prices
from write_api.http.fields import (
    LINK,
    PRINTABLE,
    UNCHANGED,
    Because,
    Body,
    Code,
    OptionalText,
    PathCode,
    PathId,
    Price,
    Text,
    Time,
    example,
)
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/products", tags=["products"], route_class=CommandRoute)

Option = Annotated[Text, Field(max_length=100)]
MOST_OPTIONS = 10
WORD: JsonDict = {"type": "string", "pattern": PRINTABLE, "minLength": 1, "maxLength": 100}
Options = Annotated[
    dict[Option, Option],
    Field(max_length=MOST_OPTIONS),
    WithJsonSchema(
        {"type": "object", "maxProperties": MOST_OPTIONS, "propertyNames": WORD, "additionalProperties": WORD}
    ),
]
"""Pydantic's own schema says what values of good names look like, and nothing of bad names."""


MediaUrl = Annotated[
    str, Query(pattern=LINK, max_length=2_000, description="The address of the media.", examples=["https://a.example/"])
]
PathTime = Annotated[Time, Path(description="When the price begins, with its zone.", examples=["2026-12-01T00:00:00Z"])]


class Description(Body):
    model_config = example(title="Mug", description="Holds 0.3 l.", brand="Kiln & Co")

    title: Annotated[Text, Field(max_length=200)]
    description: Annotated[OptionalText, Field(max_length=10_000)] = ""
    brand: Annotated[OptionalText, Field(max_length=100)] = ""


class NewDescription(Body):
    """What is left out stays as it is; an empty text takes it away."""

    model_config = example(title="Mug", description="Holds 0.3 l.", brand="Kiln & Co")

    title: Annotated[Text, Field(max_length=200)] = UNCHANGED
    description: Annotated[OptionalText, Field(max_length=10_000)] = UNCHANGED
    brand: Annotated[OptionalText, Field(max_length=100)] = UNCHANGED


class NewVariant(Body):
    """`options` tell the variant from the others; a price is for `base_quantity` units."""

    model_config = example(sku="MUG-BLUE", options={"colour": "blue"}, base_quantity=1)

    sku: Code
    options: Options = Field(default={})
    base_quantity: Annotated[int, Field(ge=1, le=1_000)] = 1


class NewPrice(Body):
    """From when on the price is in force; without a time, from now on."""

    model_config = example(price={"amount": 1250, "currency": "USD"}, valid_from="2026-12-01T00:00:00Z")

    price: Price
    valid_from: Time | None = None


class InCategory(Body):
    model_config = example(category_id="crockery")

    category_id: Code


class NewMedia(Body):
    """`alt` is for those who cannot see it. An address that is there already gets the new words."""

    model_config = example(url="https://example.com/mug.jpg", alt="A blue mug")

    url: Annotated[str, Field(pattern=LINK, max_length=2_000)]
    alt: Annotated[Text, Field(max_length=500)]


class ProductDrafted(Accepted):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"position": "48213", "revision": 0, "product_id": "0197f0a6-2e3d-7c2f-9a11-7b8c9d0e1f2a"}]
        }
    )

    product_id: str


@router.post("", status_code=201)
async def draft_product(context: Catalogue, body: Description) -> ProductDrafted:
    """Create a product as a draft. Shoppers see it when it is published."""
    product = ProductId(context.new_id("product"))
    draft = DraftProduct(product_id=product, title=body.title, description=body.description, brand=body.brand)
    at = await context.handler(draft, context.metadata)
    context.created("products", product)
    return context.answer(ProductDrafted, at, product_id=product)


@router.put("/{product_id}/description")
async def describe_product(context: Catalogue, product_id: PathId, body: NewDescription) -> Accepted:
    """Change the title, the description or the brand of a product. What is left out stays as it is."""
    return await context.carry_out(
        DescribeProduct(product_id=ProductId(product_id), **body.model_dump(exclude_unset=True))
    )


@router.post("/{product_id}/variants", status_code=201)
async def add_a_variant(context: Catalogue, product_id: PathId, body: NewVariant) -> Accepted:
    """Add a variant to a product. No other product may have its SKU."""
    variant = AddVariant(
        product_id=ProductId(product_id),
        sku=Sku(body.sku),
        options=tuple(body.options.items()),
        base_quantity=body.base_quantity,
    )
    context.created("products", product_id, "variants", body.sku)
    return context.accepted(await add_variant(context.handler, variant, context.metadata))


@router.post("/{product_id}/variants/{sku}/prices", status_code=201)
async def price_variant(context: Prices, product_id: PathId, sku: PathCode, body: NewPrice) -> Accepted:
    """Set the price of a variant, now or from a time on. Carts that hold it are asked at checkout."""
    begins = body.valid_from or context.now
    price = PriceVariant(product_id=ProductId(product_id), sku=Sku(sku), price=body.price.money(), valid_from=begins)
    context.created("products", product_id, "variants", sku, "prices")
    currency = context.ports.rules.currency
    return context.accepted(await catalogue.price_variant(context.handler, price, currency, context.metadata))


@router.delete("/{product_id}/variants/{sku}")
async def remove_variant(context: Catalogue, product_id: PathId, sku: PathCode) -> Accepted:
    """Remove a variant from a product. One that is not there is no error; its SKU stays the product's own."""
    return await context.carry_out(RemoveVariant(product_id=ProductId(product_id), sku=Sku(sku), at=context.now))


@router.delete("/{product_id}/variants/{sku}/prices/{valid_from}")
async def withdraw_price(context: Prices, product_id: PathId, sku: PathCode, valid_from: PathTime) -> Accepted:
    """Remove a planned price of a variant. It must not have begun; one that is not there is no error."""
    return await context.carry_out(
        WithdrawPrice(product_id=ProductId(product_id), sku=Sku(sku), valid_from=valid_from, at=context.now)
    )


@router.put("/{product_id}/category")
async def put_into_category(context: Catalogue, product_id: PathId, body: InCategory) -> Accepted:
    """Assign a product to a category."""
    move = Categorise(product_id=ProductId(product_id), category_id=CategoryId(body.category_id))
    return context.accepted(await categorise(context.handler, move, context.metadata))


@router.post("/{product_id}/media", status_code=201)
async def attach_media(context: Catalogue, product_id: PathId, body: NewMedia) -> Accepted:
    """Add a picture or other media to a product."""
    context.created("products", product_id, "media")
    return await context.carry_out(AttachMedia(product_id=ProductId(product_id), url=body.url, alt=body.alt))


@router.delete("/{product_id}/media")
async def remove_media(context: Catalogue, product_id: PathId, url: MediaUrl) -> Accepted:
    """Remove a picture or other media from a product. One that is not there is no error."""
    return await context.carry_out(RemoveMedia(product_id=ProductId(product_id), url=url))


@router.post("/{product_id}/publish")
async def publish(context: Catalogue, product_id: PathId) -> Accepted:
    """Publish a product. It goes on sale; at least one variant has a price that has begun."""
    return await context.carry_out(Publish(product_id=ProductId(product_id), at=context.now))


@router.post("/{product_id}/unpublish")
async def unpublish(context: Catalogue, product_id: PathId, body: Because) -> Accepted:
    """Unpublish a product. It goes off sale until it is published again."""
    return await context.carry_out(Unpublish(product_id=ProductId(product_id), reason=body.reason))


@router.post("/{product_id}/discontinue")
async def discontinue(context: Catalogue, product_id: PathId, body: Because) -> Accepted:
    """Discontinue a product for good."""
    return await context.carry_out(Discontinue(product_id=ProductId(product_id), reason=body.reason))
