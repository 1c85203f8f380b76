"""One action on many chosen rows: eight at a time, each with a key of its own, so that failures can be repeated."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import Refused
from web.back_office import desk
from web.back_office.desk import DONE_BEFORE
from web.http.bodies import Form
from web.http.visit import Visit
from web.texts.problems import faults_of, text_of

MOST, AT_ONCE = 200, 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; `fault`: why it failed."""

    row: str
    fault: str = ""


async def ask_reason(visit: Visit, title: str, path: str, rows: Sequence[str], form: Form) -> Response:
    """The page that asks why, before anything is done."""
    answer = await visit.ask("desk_me")
    key = form["key"] or visit.ports.new_key()
    return desk.page(visit, "bulk_reason", answer, title=title, path=path, rows=rows, most=MOST, key=key)


async def carry_out(
    visit: Visit,
    title: str,
    path: str,
    rows: Sequence[str],
    form: Form,
    command: Callable[[str, str], Awaitable[None]],
    *,
    back: str,
) -> Response:
    """Do it for each row, and say what became of each. A row that is sent again with the same key is done once."""
    key = form["key"] or visit.ports.new_key()
    room = asyncio.Semaphore(AT_ONCE)

    async def one(row: str) -> Outcome:
        async with room:
            try:
                await command(row, f"{key}.{row}"[:255])
            except Refused as refused:
                if refused.code == DONE_BEFORE:
                    return Outcome(row)
                return Outcome(row, " ".join(faults_of(refused).values()) or text_of(refused))
            except NotFound:
                return Outcome(row, "There is no such thing.")
        return Outcome(row)

    outcomes = await asyncio.gather(*(one(row) for row in rows))
    answer = await visit.ask("desk_me")
    return desk.page(
        visit,
        "bulk",
        answer,
        title=title,
        path=path,
        back=back,
        key=key,
        reason=form["reason"],
        failed=[it for it in outcomes if it.fault],
        done=[it for it in outcomes if not it.fault],
    )
