"""What was added to a product can be taken away, as long as what is on sale can be bought."""

from datetime import datetime, timedelta

from domain.product.commands import RemoveMedia, RemoveVariant, WithdrawPrice
from domain.product.errors import LastForSale, PriceHasBegun, ProductIsDiscontinued, ProductNotFound, VariantNotFound
from domain.product.events import MediaRemoved, PriceWithdrawn, VariantRemoved
from domain.shared.ids import Sku
from tests.domain.product.story import (
    BIG,
    IMAGE,
    ONE,
    RED,
    TEACUP,
    TWO,
    added,
    attached,
    discontinued,
    drafted,
    eur,
    given,
    priced,
    published,
    unpublished,
)
from tests.support.builders.strategies import CUP, MUG, NOON

both = (drafted, added(MUG, RED), added(CUP, BIG), priced(MUG, eur(500)), priced(CUP, eur(600), TWO))


def remove(sku: Sku, at: datetime = NOON) -> RemoveVariant:
    return RemoveVariant(product_id=TEACUP, sku=sku, at=at)


def withdraw(sku: Sku, valid_from: datetime, at: datetime = NOON) -> WithdrawPrice:
    return WithdrawPrice(product_id=TEACUP, sku=sku, valid_from=valid_from, at=at)


def test_a_variant_is_removed_and_can_be_added_again() -> None:
    gone = VariantRemoved(product_id=TEACUP, sku=CUP)
    given(*both, published).when(remove(CUP)).then(gone)
    assert set(given(*both, gone).state.variants) == {MUG}
    given(*both, gone).when(remove(CUP)).then()
    again = given(*both, gone, added(CUP, RED)).state
    assert again.variants[CUP].prices == ()


def test_what_is_on_sale_keeps_a_variant_with_a_price_in_force() -> None:
    assert given(*both, published).when(remove(MUG)).refused(LastForSale).field == "sku"
    assert given(*both, published).when(remove(MUG, at=TWO - timedelta(seconds=1))).refused(LastForSale).field == "sku"
    gone = VariantRemoved(product_id=TEACUP, sku=MUG)
    given(*both, published).when(remove(MUG, at=TWO)).then(gone)
    given(*both, published, unpublished).when(remove(MUG)).then(gone)


def test_a_price_that_has_not_begun_is_withdrawn() -> None:
    gone = PriceWithdrawn(product_id=TEACUP, sku=CUP, valid_from=TWO)
    given(*both).when(withdraw(CUP, TWO)).then(gone)
    assert given(*both, gone).state.variants[CUP].prices == ()
    given(*both, gone).when(withdraw(CUP, TWO)).then()
    given(*both).when(withdraw(CUP, ONE)).then()


def test_a_price_that_has_begun_stays() -> None:
    given(*both).when(withdraw(CUP, TWO, at=TWO - timedelta(seconds=1))).then(
        PriceWithdrawn(product_id=TEACUP, sku=CUP, valid_from=TWO)
    )
    assert given(*both).when(withdraw(CUP, TWO, at=TWO)).refused(PriceHasBegun).field == "valid_from"
    assert given(*both).when(withdraw(Sku("NONE"), TWO)).refused(VariantNotFound).field == "sku"


def test_a_picture_is_removed_by_its_address() -> None:
    other = "https://img.example/other.jpg"
    gone = MediaRemoved(product_id=TEACUP, url=IMAGE)
    given(drafted, attached(), attached(other)).when(RemoveMedia(product_id=TEACUP, url=IMAGE)).then(gone)
    assert [media.url for media in given(drafted, attached(), attached(other), gone).state.media] == [other]
    given(drafted).when(RemoveMedia(product_id=TEACUP, url=IMAGE)).then()


def test_nothing_is_removed_from_what_is_not_there_or_gone() -> None:
    given().when(remove(MUG)).refused(ProductNotFound)
    given(*both, discontinued).when(remove(MUG)).refused(ProductIsDiscontinued)
