"""The account of the caller: opened for its owner, and for nobody else."""

from domain.person.events import PersonForgotten
from tests.support.builders.account import ACCOUNT, SUBJECT
from tests.support.builders.event_log_builder import NOON
from tests.support.harness.read_side import ReadSide, token

ACCOUNT_OF_CALLER = """{ me { account {
    email registeredAt profile { name phone language }
    addresses { addressId forDelivery forBilling address { name street } }
    consents { purpose given wording at }
} } }"""
AT = "2026-11-25T12:00:00+00:00"


async def test_an_account_is_shown_whole_to_its_owner_alone(shop: ReadSide) -> None:
    shop.log.tell(*ACCOUNT, stream=f"customer-{SUBJECT}")
    await shop.catch_up()
    found = await shop.ask(ACCOUNT_OF_CALLER, token=token(SUBJECT, "shopper"))
    assert found["me"]["account"] == {
        "email": "anna@shop.example",
        "registeredAt": AT,
        "profile": {"name": "Anna Berg", "phone": None, "language": "de-CH"},
        "addresses": [
            {
                "addressId": it,
                "forDelivery": it == "b",
                "forBilling": it == "a",
                "address": {"name": "Anna Berg", "street": f"{it} 1"},
            }
            for it in ("a", "b")
        ],
        "consents": [
            {"purpose": "newsletter", "given": True, "wording": "newsletter-2026-11", "at": AT},
            {"purpose": "newsletter", "given": False, "wording": None, "at": AT},
        ],
    }
    for other in (token("guest-1", "shopper"), token("walter", "back_office")):
        assert await shop.ask(ACCOUNT_OF_CALLER, token=other) == {"me": {"account": None}}


async def test_nothing_is_left_of_a_person_who_was_forgotten(shop: ReadSide) -> None:
    shop.log.tell(*ACCOUNT, stream=f"customer-{SUBJECT}")
    shop.log.tell(PersonForgotten(subject=SUBJECT, reason="asked", at=NOON), stream=f"person-{SUBJECT}")
    await shop.catch_up()
    assert await shop.ask(ACCOUNT_OF_CALLER, token=token(SUBJECT, "shopper")) == {"me": {"account": None}}
