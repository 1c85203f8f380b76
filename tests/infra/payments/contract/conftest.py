"""Each test runs at the test gateway and at our stateful Stripe; with a key for tests, at Stripe alone."""

import os
from collections.abc import AsyncIterator

import pytest

from infra.dev_servers.stripe.server import StripeServer
from tests.infra.payments.contract.subjects import Subject, at_our_stripe, at_the_real_stripe, embedded

REAL = os.environ.get("COUNTERFOIL_TEST_STRIPE_KEY")
"""Set by `make test-stripe KEY=sk_test_...`."""


@pytest.fixture(params=["real-stripe"] if REAL else ["embedded", "our-stripe"])
def server(request: pytest.FixtureRequest) -> StripeServer | None:
    return request.getfixturevalue("stripe_server") if request.param == "our-stripe" else None


@pytest.fixture
async def subject(server: StripeServer | None) -> AsyncIterator[Subject]:
    if server is not None:
        async with at_our_stripe(server) as subject:
            yield subject
    elif REAL:
        async with at_the_real_stripe(REAL) as subject:
            yield subject
    else:
        yield embedded()


@pytest.fixture
def timed(subject: Subject) -> Subject:
    """A gateway whose clock tests move."""
    if subject.forward is None:
        pytest.skip("The clock of the real Stripe does not move.")
    return subject


@pytest.fixture
def answered(subject: Subject) -> Subject:
    """A gateway at whose bank tests answer."""
    if subject.answer is None:
        pytest.skip("The bank of the real Stripe is answered in a browser.")
    return subject
