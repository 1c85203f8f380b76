"""Refunds, disputes and the balance they leave."""

import pytest
from stripe import InvalidRequestError, PaymentIntent, StripeClient

from infra.dev_servers.stripe.server import StripeServer
from tests.infra.dev_servers.stripe.talking import paid, told


async def captured(client: StripeClient, method: str = "pm_card_visa", amount: int = 5000) -> PaymentIntent:
    intent = await paid(client, method, amount=amount)
    return await client.v1.payment_intents.capture_async(intent.id)


async def balance(client: StripeClient) -> list[tuple[str, int, int]]:
    """Type, amount and fee of each movement, oldest first."""
    listed = await client.v1.balance_transactions.list_async({"limit": 100})
    return [(each.type, each.amount, each.fee) for each in reversed(listed.data)]


async def test_refunds_go_up_to_what_was_captured(client: StripeClient) -> None:
    intent = await captured(client)
    part = await client.v1.refunds.create_async(
        {"payment_intent": intent.id, "amount": 2000, "metadata": {"refund": "r"}}
    )
    assert (part.status, part.metadata["refund"]) == ("succeeded", "r")  # type: ignore[index]
    with pytest.raises(InvalidRequestError, match="greater than unrefunded amount"):
        await client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 3001})
    rest = await client.v1.refunds.create_async({"payment_intent": intent.id})
    with pytest.raises(InvalidRequestError) as refused:
        await client.v1.refunds.create_async({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    listed = await client.v1.refunds.list_async({"payment_intent": intent.id})
    assert [each.id for each in listed.data] == [rest.id, part.id]
    assert await balance(client) == [("charge", 5000, 100), ("refund", -2000, 0), ("refund", -3000, 0)]


async def test_a_part_capture_leaves_no_more_to_refund(server: StripeServer, client: StripeClient) -> None:
    intent = await paid(client, amount=2000)
    server.dashboard.capture(intent.id, 500)
    with pytest.raises(InvalidRequestError, match="unrefunded amount"):
        await client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 501})
    await client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 200})
    assert server.dashboard.money(intent.id) == (0, 500, 200)


@pytest.mark.parametrize(
    ("method", "at_first", "later", "events"),
    [
        ("pm_card_pendingRefund", "pending", "succeeded", ["refund.updated"]),
        ("pm_card_refundFail", "succeeded", "failed", ["refund.updated", "refund.failed"]),
    ],
)
async def test_a_refund_changes_later(
    server: StripeServer, client: StripeClient, method: str, at_first: str, later: str, events: list[str]
) -> None:
    intent = await captured(client, method)
    refund = await client.v1.refunds.create_async({"payment_intent": intent.id})
    assert refund.status == at_first
    before = len(told(server))
    server.clock.move(minutes=1)
    assert (await client.v1.refunds.retrieve_async(refund.id)).status == later
    assert told(server)[before:] == events
    returned = [("refund_failure", 5000, 0)] if later == "failed" else []
    assert await balance(client) == [("charge", 5000, 100), ("refund", -5000, 0), *returned]


@pytest.mark.parametrize(("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
async def test_a_dispute_takes_the_money_and_a_fee(
    server: StripeServer, client: StripeClient, evidence: str, status: str
) -> None:
    intent = await captured(client, "pm_card_createDispute")
    (dispute,) = (await client.v1.disputes.list_async({"payment_intent": intent.id})).data
    assert (dispute.status, dispute.amount, dispute.is_charge_refundable) == ("needs_response", 5000, False)
    with pytest.raises(InvalidRequestError) as refused:
        await client.v1.refunds.create_async({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    ended = await client.v1.disputes.update_async(dispute.id, {"evidence": {"uncategorized_text": evidence}})
    assert ended.status == status
    won = [("adjustment", 5000, 0)] if status == "won" else []
    assert await balance(client) == [("charge", 5000, 100), ("adjustment", -5000, 1500), *won]
    assert told(server)[-3 - len(won) :] == [
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.closed",
        *(["charge.dispute.funds_reinstated"] if won else []),
    ]


async def test_an_inquiry_moves_no_money_until_it_becomes_a_dispute(server: StripeServer, client: StripeClient) -> None:
    intent = await captured(client, "pm_card_createDisputeInquiry")
    (dispute,) = (await client.v1.disputes.list_async({})).data
    assert (dispute.status, dispute.balance_transactions) == ("warning_needs_response", [])
    await client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 100})
    server.dashboard.escalate(dispute.id)
    now = await client.v1.disputes.retrieve_async(dispute.id)
    assert (now.status, [moved.fee for moved in now.balance_transactions]) == ("needs_response", [1500])
