"""Calls to the gateway, and what is made of its answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from commands.ports import Appended
from domain.payment.commands import (
    RecordAuthorisation,
    RecordCapture,
    RecordRefund,
    RecordVoid,
    RequestVoid,
)
from domain.payment.errors import NothingHeld
from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from domain.shared.recorded import Metadata, Position
from process_managers.engine.ports import AuthoriseAnswer, CaptureAnswer, GatewayUnavailable, RefundAnswer, VoidAnswer
from process_managers.gateway_calls import (
    AnswerRefused,
    AuthoriseAtGateway,
    CaptureAtGateway,
    GatewayCalls,
    RefundAtGateway,
    VoidAtGateway,
)
from tests.process_managers.test_reactions import asked, capture, refund, void
from tests.support.builders.sold import PAYMENT, euro
from tests.support.builders.strategies import NOON

COMMAND, CORRELATION, CAUSE = UUID(int=1), UUID(int=2), UUID(int=3)
metadata = Metadata(command_id=COMMAND, correlation_id=CORRELATION, causation_id=CAUSE, actor="process:payment")
recorded = Metadata(
    command_id=uuid5(COMMAND, "recorded"), correlation_id=CORRELATION, causation_id=COMMAND, actor="process:payment"
)
AT = Appended(Position(7), 3)

hold = RecordAuthorisation(
    payment_id=PAYMENT, attempt=1, gateway_ref="a", amount=euro(1), capture_before=NOON + timedelta(days=7)
)
taken = RecordCapture(payment_id=PAYMENT, amount=euro(1))
given_back = RecordRefund(payment_id=PAYMENT, refund_id=refund.refund_id)


@dataclass(slots=True)
class ObedientGateway:
    """Does as it is told, and remembers under which key."""

    answer: AuthoriseAnswer = hold
    on_void: VoidAnswer = field(default_factory=lambda: RecordVoid(payment_id=PAYMENT))
    on_refund: RefundAnswer = given_back
    keys: list[str] = field(default_factory=list)

    async def authorise(self, asked: PaymentRequested, key: str) -> AuthoriseAnswer:
        self.keys.append(f"authorise {asked.attempt} {key}")
        return self.answer

    async def capture(self, asked: CaptureRequested, key: str) -> CaptureAnswer:
        self.keys.append(f"capture {asked.gateway_ref} {key}")
        return taken

    async def void(self, asked: VoidRequested, key: str) -> VoidAnswer:
        self.keys.append(f"void {asked.gateway_ref} {key}")
        return self.on_void

    async def refund(self, asked: RefundRequested, key: str) -> RefundAnswer:
        self.keys.append(f"refund {asked.refund_id} {key}")
        return self.on_refund


class AbsentGateway(ObedientGateway):
    """Does not answer."""

    async def capture(self, asked: CaptureRequested, key: str) -> CaptureAnswer:
        raise GatewayUnavailable(f"No answer to {asked.gateway_ref} {key}.")


@dataclass(slots=True)
class Register:
    """Carries out everything, unless it is to refuse."""

    carried_out: list[tuple[object, Metadata]] = field(default_factory=list)
    refuse: bool = False

    async def __call__(self, command: object, metadata: Metadata) -> Appended | None:
        if self.refuse:
            raise NothingHeld("There is nothing to take.")
        self.carried_out.append((command, metadata))
        return AT


@pytest.mark.parametrize(
    ("call", "key", "answer"),
    [
        (AuthoriseAtGateway(asked=asked), "authorise 1", hold),
        (CaptureAtGateway(asked=capture), "capture a", taken),
        (VoidAtGateway(asked=void), "void a", RecordVoid(payment_id=PAYMENT, gateway_ref="a")),
        (RefundAtGateway(asked=refund), "refund r", given_back),
    ],
)
async def test_the_gateway_s_answer_is_recorded_on_the_payment(call: Any, key: str, answer: Any) -> None:
    gateway, register = ObedientGateway(), Register()
    assert await GatewayCalls(gateway, register)(call, metadata) == AT
    assert gateway.keys == [f"{key} {COMMAND}"]
    assert register.carried_out == [(answer, recorded)]


@pytest.mark.parametrize("call", [AuthoriseAtGateway(asked=asked), RefundAtGateway(asked=refund)])
async def test_an_answer_that_comes_later_is_not_waited_for(call: Any) -> None:
    register = Register()
    assert await GatewayCalls(ObedientGateway(answer=None, on_refund=None), register)(call, metadata) is None
    assert register.carried_out == []


async def test_a_void_may_find_that_the_money_was_taken() -> None:
    register = Register()
    assert await GatewayCalls(ObedientGateway(on_void=taken), register)(VoidAtGateway(asked=void), metadata) == AT
    assert register.carried_out == [(taken, recorded)]


async def test_other_commands_go_where_they_always_go() -> None:
    gateway, register = ObedientGateway(), Register()
    command = RequestVoid(payment_id=PAYMENT, reason="Expired")
    assert await GatewayCalls(gateway, register)(command, metadata) == AT
    assert (gateway.keys, register.carried_out) == ([], [(command, metadata)])


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: GatewayCalls(AbsentGateway(), Register()), GatewayUnavailable),
        (lambda: GatewayCalls(ObedientGateway(), Register(refuse=True)), AnswerRefused),
    ],
)
async def test_an_answer_that_is_missing_or_unfit_is_a_fault_and_no_refusal(
    make: Callable[[], GatewayCalls], fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        await make()(CaptureAtGateway(asked=capture), metadata)


async def test_other_refusals_stay_refusals() -> None:
    with pytest.raises(NothingHeld):
        await GatewayCalls(ObedientGateway(), Register(refuse=True))(taken, metadata)
