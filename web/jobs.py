"""Carries out stored jobs, one after the other, eight rows at a time.

The key of each command is derived from the job and its row. After a crash the next process sends what was under way
once more, and the write API recognises it.
"""

import asyncio
from collections.abc import Callable

import structlog

from web.api import write
from web.api.faults import AccessRefused, SessionOver, TryLater
from web.api.write import Refused
from web.ports import Api, JobQueue, Rights, Work
from web.texts.problems import faults_of, text_of

AT_ONCE = 8
LOOK_EVERY = 0.25
"""Seconds until a job that was just stored is seen."""

PAUSE = 1.0
"""Seconds before a command is sent again to an API that was busy."""

DONE_BEFORE, TOO_OFTEN = "command-id-reused", 429
NOT_ALLOWED = "You may not do this."
ENDED = "The time for this was over before the shop could answer. Try again: what was done is not done twice."

log = structlog.get_logger()

Clock = Callable[[], float]
Outcome = tuple[str, int]
"""The fault, and the position of the command."""


async def carry_out_jobs(queue: JobQueue, api: Api, clock: Clock) -> None:
    """Until cancelled. `clock`: seconds since 1970. Raises JobsUnavailable."""
    while True:
        if not await carry_out_next(queue, api, clock):
            await asyncio.sleep(LOOK_EVERY)


async def carry_out_next(queue: JobQueue, api: Api, clock: Clock) -> bool:
    """The oldest job with rows that wait; False if there is none. Raises JobsUnavailable."""
    if (found := await queue.next()) is None:
        return False
    job_id, job, rights = found
    rows = iter([it.name for it in job.rows if it.fault is None])

    async def work_off() -> None:
        for row in rows:
            fault, position = await _outcome(api, job.work, rights, row, f"{job_id}.{row}", clock)
            await queue.settle(job_id, row, fault, position)

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(work_off())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    log.info("job ended", job=job_id, rows=len(job.rows))
    return True


async def _outcome(api: Api, work: Work, rights: Rights, row: str, key: str, clock: Clock) -> Outcome:
    """Send the command of a row until its outcome is known, or the rights have ended."""
    path, headers = work.path.replace("{row}", row), write.headers(rights.token, rights.address)
    while clock() < rights.expires:
        try:
            done = await write.send(api, "POST", path, work.body, headers=headers, key=key)
            return "", int(done.position or 0)
        except TryLater:
            await asyncio.sleep(PAUSE)
        except Refused as refused:
            if refused.code == DONE_BEFORE:
                return "", 0
            if refused.status != TOO_OFTEN:
                return " ".join(faults_of(refused).values()) or text_of(refused), 0
            await asyncio.sleep(PAUSE)
        except AccessRefused:
            return NOT_ALLOWED, 0
        except SessionOver:
            return ENDED, 0
    return ENDED, 0
