"""One action on many chosen rows: a job that is stored, and the page of how far it is."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import segment
from web.back_office import desk
from web.http.bodies import Form
from web.http.routes import action, staff
from web.http.visit import Visit
from web.ports import Job, Work

PATH = "/desk/jobs"
MOST = 200
LASTS = 270.0
"""Seconds for which a job has the rights of who started it, where a new token lasts five minutes."""


async def ask_reason(visit: Visit, title: str, path: str, rows: Sequence[str], form: Form) -> Response:
    """The page that asks why, before anything is done."""
    answer = await visit.ask("desk_me")
    key = form["key"] or visit.ports.new_key()
    return desk.page(visit, "bulk_reason", answer, title=title, path=path, rows=rows, most=MOST, key=key)


async def start(visit: Visit, work: Work, rows: Sequence[str], form: Form) -> Response:
    """Store the job and go to its page. A form that is sent twice starts one.

    Raises NotFound for a row that cannot be one, TooManyJobs, JobsUnavailable.
    """
    assert visit.session is not None
    if not rows:
        return await ask_reason(visit, work.title, visit.request.url.path, rows, form)
    job_id = visit.key_for("job", form["key"] or visit.ports.new_key())[:32]
    ids = [segment(row) for row in rows]
    await visit.ports.jobs.start(job_id, visit.session.subject, work, await visit.rights(LASTS), ids)
    return visit.go(f"{PATH}/{job_id}")


async def show(visit: Visit) -> Response:
    job = await _found(visit)
    return desk.page(visit, "bulk", await visit.ask("desk_me"), **_told(visit, job))


async def show_part(visit: Visit) -> Response:
    return visit.page("parts/job.html", **_told(visit, await _found(visit)))


async def repeat(visit: Visit) -> Response:
    """Let what failed be tried again, with the rights of now."""
    assert visit.session is not None
    await visit.ports.jobs.repeat(visit.path["id"], visit.session.subject, await visit.rights(LASTS))
    return visit.go(f"{PATH}/{visit.path['id']}")


async def _found(visit: Visit) -> Job:
    """The job; lists that are looked at next show what it did. Raises NotFound, JobsUnavailable."""
    assert visit.session is not None
    job = await visit.ports.jobs.find(visit.path["id"], visit.session.subject)
    if job is None:
        raise NotFound
    if job.position > int(visit.session.position or 0):
        await visit.remember(position=str(job.position), position_at=visit.ports.clock().timestamp())
    return job


def _told(visit: Visit, job: Job) -> dict[str, Any]:
    return {
        "job_id": visit.path["id"],
        "work": job.work,
        "total": len(job.rows),
        "waiting": sum(it.fault is None for it in job.rows),
        "done": sum(it.fault == "" for it in job.rows),
        "failed": [it for it in job.rows if it.fault],
    }


ROUTES = [
    staff(f"{PATH}/{{id}}", show),
    staff(f"/_{PATH}/{{id}}", show_part),
    action(f"{PATH}/{{id}}/repeat", repeat, for_staff=True),
]
