"""A process that carries out jobs until it is killed: `python -m tests.infra.web.carrying_out DATABASE API SECRET`."""

import asyncio
import sys

from infra.bootstrap.web import carry_out_stored_jobs
from infra.postgres.sessions import Sessions
from infra.web.apis import http_api
from infra.web.jobs import PostgresJobs, key_of


async def main(database: str, api: str, secret: str) -> None:
    async with http_api(api) as write:
        jobs = PostgresJobs(Sessions(database, "web", 3), key_of(secret.encode()))
        await carry_out_stored_jobs(database, jobs, write)


asyncio.run(main(*sys.argv[1:]))
