"""A SKU: whose it is."""

from domain.shared.ids import ProductId, Sku
from domain.shared.require import NotACode
from domain.sku.commands import ClaimSku
from domain.sku.decider import SkuOwner, SkuTaken, sku_decider
from domain.sku.events import SkuClaimed
from tests.support.builders.strategies import MUG
from tests.support.harness.spec import Spec

given = Spec(sku_decider).given
TEACUP, TANKARD = ProductId("teacup"), ProductId("tankard")


def claim(product: ProductId) -> ClaimSku:
    return ClaimSku(sku=MUG, product_id=product)


def claimed(product: ProductId) -> SkuClaimed:
    return SkuClaimed(sku=MUG, product_id=product)


def test_a_free_sku_can_be_claimed() -> None:
    given().when(claim(TEACUP)).then(claimed(TEACUP))
    assert given(claimed(TEACUP)).state == SkuOwner(TEACUP)


def test_the_owner_may_claim_again() -> None:
    given(claimed(TEACUP)).when(claim(TEACUP)).then()


def test_another_product_cannot_have_it() -> None:
    refusal = given(claimed(TEACUP)).when(claim(TANKARD)).refused(SkuTaken)
    assert refusal.detail == "SKU MUG belongs to product teacup. Choose another SKU."
    assert refusal.field == "sku"


def test_a_sku_fits_into_an_address() -> None:
    given().when(ClaimSku(sku=Sku("a/b"), product_id=TEACUP)).refused(NotACode)
