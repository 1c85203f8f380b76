"""What a process could not do or take in is sent again by the back office."""

from uuid import UUID

import httpx

from commands.ports import NewEvent
from domain.shared.journal import CommandParked, Envelope, InputParked
from domain.shared.messages import name_of
from domain.shipment.commands import ClearShipment
from tests.support.builders.for_sale import by_staff
from tests.support.harness.front_desk import Desk, problem, said
from tests.write_api.test_staff import PARCEL, carry_out


async def test_a_parked_command_is_sent_again(shop: Desk, olga: httpx.AsyncClient) -> None:
    stuck = UUID(int=77)
    parked = CommandParked(
        process="checkout",
        instance="order",
        command_id=stuck,
        command=Envelope(ClearShipment(shipment_id=PARCEL)),
        error="TimeoutError",
        attempts=8,
    )
    event = NewEvent(UUID(int=78), name_of(parked), shop.handler.codec.encode(parked), by_staff())
    await shop.store.append(f"parked-{stuck}", [event], expected=-1)
    path = f"/processes/parked-commands/{stuck}/resend"
    await carry_out(olga, shop, [("POST", path, None, 202, "process.command_resent.v1")])
    unknown = await olga.post(f"/processes/parked-commands/{UUID(int=1)}/resend")
    assert (unknown.status_code, problem(unknown)["type"]) == (404, "urn:counterfoil:problem:not-parked")


async def test_a_parked_input_is_sent_again(shop: Desk, olga: httpx.AsyncClient, anna: httpx.AsyncClient) -> None:
    entry = UUID(int=77)
    parked = InputParked(
        process="checkout",
        instance="order",
        entry_id=entry,
        input_id=UUID(int=76),
        input="payment.authorised.v1",
        stream="payment-order",
        revision=1,
        unrecorded=None,
        error="KeyError",
    )
    event = NewEvent(UUID(int=78), name_of(parked), shop.handler.codec.encode(parked), by_staff())
    await shop.store.append(f"unheard-{entry}", [event], expected=-1)
    path = f"/processes/parked-inputs/{entry}/resend"
    assert (await anna.post(path)).status_code == 403
    await carry_out(olga, shop, [("POST", path, None, 202, "process.input_resent.v1")])
    stored = shop.stored
    await said(await olga.post(path), 202)
    assert shop.stored == stored
    unknown = await olga.post(f"/processes/parked-inputs/{UUID(int=1)}/resend")
    assert (unknown.status_code, problem(unknown)["type"]) == (404, "urn:counterfoil:problem:not-parked")
    misspelt = await olga.post("/processes/parked-inputs/77/resend")
    assert (misspelt.status_code, problem(misspelt)["errors"][0]["field"]) == (422, "entry_id")


async def test_a_parked_command_is_skipped_for_a_reason(shop: Desk, olga: httpx.AsyncClient) -> None:
    stuck = UUID(int=77)
    parked = CommandParked(
        process="checkout",
        instance="order",
        command_id=stuck,
        command=Envelope(ClearShipment(shipment_id=PARCEL)),
        error="TimeoutError",
        attempts=8,
    )
    event = NewEvent(UUID(int=78), name_of(parked), shop.handler.codec.encode(parked), by_staff())
    await shop.store.append(f"parked-{stuck}", [event], expected=-1)
    path, why = f"/processes/parked-commands/{stuck}", {"reason": "Cleared by hand"}
    assert (await olga.post(f"{path}/skip")).status_code == 422
    addressed = await olga.post(f"{path}/skip", json={"reason": "ask anna@example.com"})
    assert (addressed.status_code, problem(addressed)["errors"][0]["field"]) == (422, "reason")
    await carry_out(olga, shop, [("POST", f"{path}/skip", why, 202, "process.command_skipped.v1")])
    stored = shop.stored
    await said(await olga.post(f"{path}/skip", json=why), 202)
    assert shop.stored == stored
    refused = await olga.post(f"{path}/resend")
    assert (refused.status_code, problem(refused)["detail"]) == (
        404,
        f"The command {stuck} was skipped: Cleared by hand",
    )
    unknown = await olga.post(f"/processes/parked-commands/{UUID(int=1)}/skip", json=why)
    assert (unknown.status_code, problem(unknown)["type"]) == (404, "urn:counterfoil:problem:not-parked")


async def test_a_parked_input_is_skipped_unless_it_was_sent_again(
    shop: Desk, olga: httpx.AsyncClient, anna: httpx.AsyncClient
) -> None:
    entries = [UUID(int=77), UUID(int=79)]
    for entry in entries:
        parked = InputParked(
            process="checkout",
            instance="order",
            entry_id=entry,
            input_id=UUID(int=76),
            input="payment.authorised.v1",
            stream="payment-order",
            revision=1,
            unrecorded=None,
            error="KeyError",
        )
        event = NewEvent(entry, name_of(parked), shop.handler.codec.encode(parked), by_staff())
        await shop.store.append(f"unheard-{entry}", [event], expected=-1)
    first, second = (f"/processes/parked-inputs/{entry}" for entry in entries)
    why = {"reason": "Settled by hand"}
    assert (await anna.post(f"{first}/skip", json=why)).status_code == 403
    await carry_out(olga, shop, [("POST", f"{first}/skip", why, 202, "process.input_skipped.v1")])
    await said(await olga.post(f"{second}/resend"), 202)
    refused = await olga.post(f"{second}/skip", json=why)
    assert (refused.status_code, problem(refused)["type"]) == (409, "urn:counterfoil:problem:already-resent")


async def test_a_timer_that_was_not_kept_cannot_be_sent_again(shop: Desk, olga: httpx.AsyncClient) -> None:
    data = (
        b'{"process":"checkout","input_id":"00000000-0000-0000-0000-000000000003","input":"process.timer_fired.v1",'
        b'"stream":"","revision":-1,"error":"KeyError"}'
    )
    event = NewEvent(UUID(int=78), "process.input_parked.v1", data, by_staff())
    await shop.store.append(f"unheard-{UUID(int=77)}", [event], expected=-1)
    refused = await olga.post(f"/processes/parked-inputs/{UUID(int=77)}/resend")
    assert (refused.status_code, problem(refused)["type"]) == (409, "urn:counterfoil:problem:input-not-kept")
