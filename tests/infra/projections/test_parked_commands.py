"""The processes resend what was parked in an outage of the gateway."""

import asyncio
from pathlib import Path
from uuid import UUID

from commands.ports import ANY, NewEvent
from domain.shared.journal import CommandParked, CommandResent, Envelope
from domain.shared.messages import name_of
from domain.shared.recorded import START, Metadata
from infra.bootstrap.data_folder import with_secrets
from infra.bootstrap.parts import drive_processes
from infra.bootstrap.payments import UNAVAILABLE
from infra.eventstore.factory import ClosableEventStore
from infra.payments.stripe.api import KeySpent
from infra.projections.active import ActiveBuilds
from infra.serialization.codec import JsonCodec
from infra.settings import Settings
from process_managers.engine.journal import parked_command_stream
from process_managers.engine.ports import GatewayUnavailable
from process_managers.gateway_calls import AuthoriseAtGateway, CaptureAtGateway, GatewayCommand
from projections.cockpit import PROJECTION
from tests.process_managers.test_reactions import asked, capture
from tests.support.harness.projecting import reached, running

CAPTURE, AUTHORISATION = UUID(int=1), UUID(int=2)
WITHIN = 30


async def park(store: ClosableEventStore, command: UUID, message: GatewayCommand, error: str) -> None:
    event = CommandParked(
        process="payment", instance="p", command_id=command, command=Envelope(message), error=error, attempts=10
    )
    signed = Metadata(command_id=command, correlation_id=command, causation_id=command, actor="process:payment")
    new = NewEvent(UUID(int=100 + command.int), name_of(event), JsonCodec().encode(event), signed)
    await store.append(parked_command_stream(command), [new], expected=ANY)


async def first_resent(store: ClosableEventStore) -> tuple[UUID, str]:
    async for page in store.subscribe(after=START, types=JsonCodec().names_of([CommandResent])):
        for record in page.records:
            resent = JsonCodec().decode_event(record)
            return resent.fact.command_id, resent.metadata.actor
    raise AssertionError("A subscription has no end.")


def test_commands_are_found_by_the_names_of_their_errors() -> None:
    assert (GatewayUnavailable.__name__, KeySpent.__name__) == UNAVAILABLE


async def test_a_parked_capture_is_resent_and_an_authorisation_is_not(
    database_url: str, store: ClosableEventStore, tmp_path: Path
) -> None:
    await park(store, AUTHORISATION, AuthoriseAtGateway(asked=asked), "GatewayUnavailable")
    await park(store, CAPTURE, CaptureAtGateway(asked=capture), "GatewayUnavailable")
    settings = with_secrets(Settings(data=tmp_path, database=database_url))
    async with running(database_url, store, [PROJECTION]), ActiveBuilds(database_url) as active:
        assert await reached(active, ["cockpit"], await store.head())
        processes = asyncio.create_task(drive_processes(settings, lambda: None))
        try:
            async with asyncio.timeout(WITHIN):
                assert await first_resent(store) == (CAPTURE, "process:gateway_retries")
        finally:
            processes.cancel()
            await asyncio.wait([processes])
