"""An account is registered once; its address book has defaults; every consent stays on record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer.commands import (
    AddAddress,
    AddPasskey,
    ChangeAddress,
    ChangeEmail,
    ChangeProfile,
    ClaimOrders,
    CustomerCommand,
    GiveConsent,
    KeepCart,
    PasswordChange,
    RecordPasswordChange,
    RecordSessionsEnded,
    RegisterCustomer,
    RemoveAddress,
    RemovePasskey,
    WithdrawConsent,
)
from domain.customer.decider import MOST_ADDRESSES, MOST_PASSKEYS, MOST_PURPOSES, customer_decider
from domain.customer.errors import (
    AccountExists,
    AccountNotFound,
    AddressBookFull,
    AddressNotFound,
    LastWayIn,
    NotAGuest,
    TooManyConsents,
    TooManyPasskeys,
)
from domain.customer.events import (
    AddressAdded,
    AddressChanged,
    AddressRemoved,
    CartKept,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerRegistered,
    EmailChanged,
    EmailVerified,
    OrdersClaimed,
    PasskeyAdded,
    PasskeyRemoved,
    PasswordChanged,
    ProfileChanged,
    SessionsEnded,
)
from domain.customer.state import Customer
from domain.shared.errors import DomainError
from domain.shared.ids import CartId, OrderId
from domain.shared.personal import Sealed
from domain.shared.require import NotACode, TextOutOfBounds
from tests.support.builders.event_log_builder import NOON
from tests.support.harness.spec import Spec

ANNA, GUEST = "shopper-1", "guest-1"


def sealed(text: str) -> Sealed:
    return Sealed(subject=ANNA, ciphertext=text)


REGISTERED = (
    CustomerRegistered(subject=ANNA, email=sealed("mail"), profile=None, at=NOON),
    EmailVerified(subject=ANNA, at=NOON),
)
nobody = Spec(customer_decider)
anna = nobody.given(*REGISTERED)


def add(it: str, *, delivery: bool = False, billing: bool = False) -> AddAddress:
    return AddAddress(
        subject=ANNA, address_id=it, address=sealed(it), for_delivery=delivery, for_billing=billing, at=NOON
    )


def added(it: str, *, delivery: bool = False, billing: bool = False) -> AddressAdded:
    return AddressAdded(
        subject=ANNA, address_id=it, address=sealed(it), for_delivery=delivery, for_billing=billing, at=NOON
    )


def remove(it: str) -> RemoveAddress:
    return RemoveAddress(subject=ANNA, address_id=it, at=NOON)


def agree(purpose: str, wording: str = "news.1") -> GiveConsent:
    return GiveConsent(subject=ANNA, purpose=purpose, wording=wording, at=NOON)


def agreed(purpose: str, wording: str = "news.1") -> ConsentGiven:
    return ConsentGiven(subject=ANNA, purpose=purpose, wording=wording, at=NOON)


def test_a_registered_account_has_a_verified_address() -> None:
    nobody.when(RegisterCustomer(subject=ANNA, email=sealed("mail"), profile=None, at=NOON)).then(*REGISTERED)
    assert (anna.state.email, anna.state.verified) == (sealed("mail"), True)


def test_an_account_is_registered_once() -> None:
    anna.when(RegisterCustomer(subject=ANNA, email=sealed("other"), profile=None, at=NOON)).refused(AccountExists)


@pytest.mark.parametrize(
    "command",
    [
        ChangeEmail(subject=ANNA, email=sealed("new"), at=NOON),
        ChangeProfile(subject=ANNA, profile=sealed("p"), at=NOON),
        add("home"),
        remove("home"),
        agree("news"),
        WithdrawConsent(subject=ANNA, purpose="news", at=NOON),
        RecordPasswordChange(subject=ANNA, how=PasswordChange.RESET, at=NOON),
        RecordSessionsEnded(subject=ANNA, reason="Logged out everywhere", at=NOON),
        ClaimOrders(subject=ANNA, guest=GUEST, orders=(OrderId("1"),), at=NOON),
        KeepCart(subject=ANNA, cart_id=CartId("c"), at=NOON),
        AddPasskey(subject=ANNA, passkey_id="1", at=NOON),
        RemovePasskey(subject=ANNA, passkey_id="1", another_way=True, at=NOON),
    ],
)
def test_nothing_happens_to_an_account_that_is_not_registered(command: CustomerCommand) -> None:
    nobody.when(command).refused(AccountNotFound)


def test_what_a_shopper_changes_is_recorded() -> None:
    anna.when(ChangeEmail(subject=ANNA, email=sealed("new"), at=NOON)).then(
        EmailChanged(subject=ANNA, email=sealed("new"), at=NOON), EmailVerified(subject=ANNA, at=NOON)
    )
    anna.when(ChangeProfile(subject=ANNA, profile=sealed("p"), at=NOON)).then(
        ProfileChanged(subject=ANNA, profile=sealed("p"), at=NOON)
    )
    anna.when(RecordPasswordChange(subject=ANNA, how=PasswordChange.RESET, at=NOON)).then(
        PasswordChanged(subject=ANNA, how=PasswordChange.RESET, at=NOON)
    )
    anna.when(RecordSessionsEnded(subject=ANNA, reason="Logged out everywhere", at=NOON)).then(
        SessionsEnded(subject=ANNA, reason="Logged out everywhere", at=NOON)
    )


def test_the_first_address_is_the_default_for_everything() -> None:
    anna.when(add("home")).then(added("home", delivery=True, billing=True))
    anna.given(added("home", delivery=True, billing=True)).when(add("work", delivery=True)).then(
        added("work", delivery=True)
    )
    anna.given(added("home", delivery=True, billing=True)).when(add("home")).then()


def test_a_default_that_is_removed_is_followed_by_the_oldest_address_left() -> None:
    three = anna.given(added("a", delivery=True, billing=True), added("b"), added("c", delivery=True))
    three.when(remove("c")).then(
        AddressRemoved(subject=ANNA, address_id="c", for_delivery="a", for_billing="a", at=NOON)
    )
    three.when(remove("b")).then(
        AddressRemoved(subject=ANNA, address_id="b", for_delivery="c", for_billing="a", at=NOON)
    )
    three.when(remove("x")).then()
    anna.given(added("a", delivery=True, billing=True)).when(remove("a")).then(
        AddressRemoved(subject=ANNA, address_id="a", for_delivery=None, for_billing=None, at=NOON)
    )


def test_an_address_is_changed_and_made_the_default() -> None:
    two = anna.given(added("a", delivery=True, billing=True), added("b"))

    def change(it: str, address: Sealed | None, *, delivery: bool = False) -> ChangeAddress:
        return ChangeAddress(
            subject=ANNA, address_id=it, address=address, for_delivery=delivery, for_billing=False, at=NOON
        )

    two.when(change("b", sealed("B"), delivery=True)).then(
        AddressChanged(subject=ANNA, address_id="b", address=sealed("B"), for_delivery=True, for_billing=False, at=NOON)
    )
    two.when(change("a", None, delivery=True)).then()
    two.when(change("x", sealed("X"))).refused(AddressNotFound)


def test_an_address_book_and_the_purposes_of_consent_are_bounded() -> None:
    full = anna.given(*(added(f"a{n}") for n in range(MOST_ADDRESSES)))
    full.when(add("one-more")).refused(AddressBookFull)
    many = anna.given(*(agreed(f"p{n}") for n in range(MOST_PURPOSES)))
    many.when(agree("one-more")).refused(TooManyConsents)
    many.when(agree("p0", "news.2")).then(agreed("p0", "news.2"))


def test_a_consent_is_recorded_when_it_changes_and_its_history_stays() -> None:
    withdrawn = ConsentWithdrawn(subject=ANNA, purpose="news", at=NOON)
    anna.when(agree("news")).then(agreed("news"))
    anna.when(WithdrawConsent(subject=ANNA, purpose="news", at=NOON)).then()
    given = anna.given(agreed("news"))
    given.when(agree("news")).then()
    given.when(agree("news", "news.2")).then(agreed("news", "news.2"))
    given.when(WithdrawConsent(subject=ANNA, purpose="news", at=NOON)).then(withdrawn)
    over = given.given(withdrawn)
    over.when(WithdrawConsent(subject=ANNA, purpose="news", at=NOON)).then()
    assert [(it.given, it.wording) for it in over.state.consents] == [(True, "news.1"), (False, None)]


@pytest.mark.parametrize(
    ("command", "error", "field"),
    [
        (agree("no code!"), NotACode, "purpose"),
        (agree("news", " "), TextOutOfBounds, "wording"),
        (add("no code!"), NotACode, "address_id"),
    ],
)
def test_codes_and_texts_have_bounds(command: CustomerCommand, error: type[DomainError], field: str) -> None:
    assert anna.when(command).refused(error).field == field


def test_orders_of_a_guest_are_claimed_once() -> None:
    def claim(*orders: str, guest: str = GUEST) -> ClaimOrders:
        return ClaimOrders(subject=ANNA, guest=guest, orders=tuple(map(OrderId, orders)), at=NOON)

    def claimed(*orders: str) -> OrdersClaimed:
        return OrdersClaimed(subject=ANNA, guest=GUEST, orders=tuple(map(OrderId, orders)), at=NOON)

    anna.when(claim("1", "2")).then(claimed("1", "2"))
    anna.given(claimed("1")).when(claim("1", "2")).then(claimed("2"))
    anna.given(claimed("1")).when(claim("1")).then()
    anna.when(claim("1", guest="shopper-2")).refused(NotAGuest)


def test_a_cart_is_kept_until_another_one_is() -> None:
    first, second = (CartKept(subject=ANNA, cart_id=CartId(it), at=NOON) for it in ("c1", "c2"))
    anna.when(KeepCart(subject=ANNA, cart_id=CartId("c1"), at=NOON)).then(first)
    anna.given(first).when(KeepCart(subject=ANNA, cart_id=CartId("c1"), at=NOON)).then()
    anna.given(first).when(KeepCart(subject=ANNA, cart_id=CartId("c2"), at=NOON)).then(second)


IDS = st.sampled_from(["a", "b", "c"])
REQUESTS = st.one_of(
    st.builds(add, IDS, delivery=st.booleans(), billing=st.booleans()),
    st.builds(remove, IDS),
    st.builds(
        lambda it, delivery, billing: ChangeAddress(
            subject=ANNA, address_id=it, address=None, for_delivery=delivery, for_billing=billing, at=NOON
        ),
        IDS,
        st.booleans(),
        st.booleans(),
    ),
)


@given(st.lists(REQUESTS, max_size=12))
def test_an_address_book_with_an_address_has_both_defaults_and_they_are_in_it(commands: list[CustomerCommand]) -> None:
    customer: Customer = anna.state
    for command in commands:
        try:
            facts = customer_decider.decide(customer, command)
        except DomainError:
            continue
        customer = customer_decider.replay(facts, since=customer)
        assert set(customer.order_of_addresses) == set(customer.addresses)
        for default in (customer.for_delivery, customer.for_billing):
            assert default in customer.addresses if customer.addresses else default is None


def key(number: int) -> PasskeyAdded:
    return PasskeyAdded(subject=ANNA, passkey_id=str(number), at=NOON)


def without(number: int, *, another_way: bool = False) -> RemovePasskey:
    return RemovePasskey(subject=ANNA, passkey_id=str(number), another_way=another_way, at=NOON)


def test_passkeys_are_added_once_and_there_is_a_limit() -> None:
    anna.when(AddPasskey(subject=ANNA, passkey_id="1", at=NOON)).then(key(1))
    anna.given(key(1)).when(AddPasskey(subject=ANNA, passkey_id="1", at=NOON)).then()
    full = anna.given(*(key(number) for number in range(MOST_PASSKEYS)))
    full.when(AddPasskey(subject=ANNA, passkey_id="one more", at=NOON)).refused(NotACode)
    full.when(AddPasskey(subject=ANNA, passkey_id="more", at=NOON)).refused(TooManyPasskeys)


def test_the_last_passkey_goes_only_if_there_is_another_way_in() -> None:
    gone = PasskeyRemoved(subject=ANNA, passkey_id="1", at=NOON)
    anna.given(key(1), key(2)).when(without(1)).then(gone)
    anna.given(key(1)).when(without(1)).refused(LastWayIn)
    anna.given(key(1), key(2), gone).when(without(2)).refused(LastWayIn)
    anna.given(key(1)).when(without(1, another_way=True)).then(gone)
    anna.given(key(1), gone).when(without(1)).then()
