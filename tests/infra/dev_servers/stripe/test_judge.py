"""The judge of requests and answers finds what is not Stripe's."""

import json
from urllib.parse import parse_qsl

import pytest
from stripe import StripeClient

from infra.dev_servers.stripe.http import Exchange
from infra.dev_servers.stripe.server import StripeServer
from tests.infra.dev_servers.stripe.talking import paid
from tests.support.stripe_judge import Judge


@pytest.fixture
def judge(stripe_judge: Judge | None) -> Judge:
    if stripe_judge is None:
        pytest.skip("There is no stripe-mock without Go.")
    return stripe_judge


@pytest.fixture
async def exchange(server: StripeServer, client: StripeClient) -> Exchange:
    """A request that Stripe takes, and an answer that it gives; a copy to change."""
    await paid(client)
    made = server.requests[0]
    answer = json.loads(json.dumps(made.answer))
    return Exchange(made.method, made.path, made.query, made.body, made.key, made.id, made.route, 200, answer)


def test_what_stripe_takes_and_says_is_no_fault(judge: Judge, exchange: Exchange) -> None:
    assert dict(parse_qsl(exchange.body))["confirm"] == "true"
    assert [*judge.requests([exchange]), *judge.answers([exchange])] == []


@pytest.mark.parametrize("wrong", ["surprise=1", "metadata=text", "capture_method=sometimes", "amount=many"])
def test_a_parameter_that_stripe_does_not_take_is_a_fault(judge: Judge, exchange: Exchange, wrong: str) -> None:
    exchange.body += f"&{wrong}"
    (fault,) = judge.requests([exchange])
    assert wrong in fault


def test_an_answer_that_stripe_does_not_give_is_a_fault(judge: Judge, exchange: Exchange) -> None:
    for name, value in (("surprise", 1), ("status", "held"), ("amount", "10.00"), ("created", None)):
        answer = {**exchange.answer, name: value}
        wrong = Exchange("POST", exchange.path, "", "", None, "req", exchange.route, 200, answer)
        assert judge.answers([wrong]), name
    del exchange.answer["livemode"]
    assert judge.answers([exchange])
