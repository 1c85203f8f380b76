"""Calls to the payment gateway, as commands like any other, and their handler."""

from dataclasses import dataclass
from typing import assert_never

from commands.ports import Appended
from domain.payment.commands import RecordVoid
from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from domain.shared.derived import derived_id
from domain.shared.errors import DomainError
from domain.shared.frozen import replace
from domain.shared.messages import command
from domain.shared.recorded import Metadata
from process_managers.engine.ports import Commands, Gateway


@command("gateway.authorise.v1")
class AuthoriseAtGateway:
    asked: PaymentRequested


@command("gateway.capture.v1")
class CaptureAtGateway:
    asked: CaptureRequested


@command("gateway.void.v1")
class VoidAtGateway:
    asked: VoidRequested


@command("gateway.refund.v1")
class RefundAtGateway:
    asked: RefundRequested


GatewayCommand = AuthoriseAtGateway | CaptureAtGateway | VoidAtGateway | RefundAtGateway


class AnswerRefused(Exception):
    """The gateway has acted, but the payment does not take its answer: a person has to compare the two."""


@dataclass(frozen=True, slots=True)
class GatewayCalls:
    """Carries out gateway commands at the gateway and hands its answers to `commands`, like every other command.

    The command's id is the gateway's key, so a repeated call moves no money twice. Raises AnswerRefused (no refusal
    but a fault: the runner parks the command, where people see it) and GatewayUnavailable.
    """

    gateway: Gateway
    commands: Commands

    async def __call__(self, command: object, metadata: Metadata) -> Appended | None:
        if not isinstance(command, GatewayCommand):
            return await self.commands(command, metadata)
        answer = await self._ask(command, str(metadata.command_id))
        if answer is None:
            return None
        recorded = metadata._replace(
            command_id=derived_id(metadata.command_id, "recorded"), causation_id=metadata.command_id
        )
        try:
            return await self.commands(answer, recorded)
        except DomainError as refusal:
            raise AnswerRefused(refusal.detail) from refusal

    async def _ask(self, command: GatewayCommand, key: str) -> object | None:
        match command:
            case AuthoriseAtGateway(asked=asked):
                return await self.gateway.authorise(asked, key)
            case CaptureAtGateway(asked=asked):
                return await self.gateway.capture(asked, key)
            case VoidAtGateway(asked=asked):
                answer = await self.gateway.void(asked, key)
                return replace(answer, gateway_ref=asked.gateway_ref) if isinstance(answer, RecordVoid) else answer
            case RefundAtGateway(asked=asked):
                return await self.gateway.refund(asked, key)
            case _:
                assert_never(command)
