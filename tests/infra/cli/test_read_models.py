"""Builds of read models, and the verdict on all of it, from the command line."""

import json

import asyncpg

from infra.projections import manage
from projections.registry import PROJECTIONS
from tests.infra.cli.conftest import Counterfoil


async def test_builds_are_listed_rebuilt_switched_and_dropped(counterfoil: Counterfoil, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await manage.prepare(connection, PROJECTIONS)
    await connection.close()

    rebuilt = counterfoil("projections", "rebuild", "carts", database=database_url)
    switched = counterfoil("projections", "switch", "carts", database=database_url)
    refused = counterfoil("projections", "drop", "carts", "2", database=database_url)
    dropped = counterfoil("projections", "drop", "carts", "1", database=database_url)
    listed = counterfoil("projections", "list", "--json", database=database_url)

    assert rebuilt.stdout.startswith("Build 2 of carts has begun.")
    assert switched.stdout == "Readers of carts now read build 2.\n"
    assert (refused.returncode, refused.stderr) == (2, "counterfoil: carts_b2 is the active build of carts.\n")
    assert dropped.stdout == "Build 1 of carts is gone.\n"
    builds = {build["name"]: build for build in json.loads(listed.stdout)}
    assert set(builds) == {projection.name for projection in PROJECTIONS}
    assert (builds["carts"]["build"], builds["carts"]["status"]) == (2, "active")


async def test_what_cannot_be_proven_is_told_with_exit_code_1(counterfoil: Counterfoil, database_url: str) -> None:
    told = counterfoil("check", database=database_url)
    assert told.returncode == 1
    assert told.stdout.splitlines()[-1] == "Not everything holds."
    as_json = counterfoil("check", "--json", database=database_url)
    verdict = json.loads(as_json.stdout)
    assert (as_json.returncode, verdict["ok"], verdict["events"]) == (1, False, 0)
    examples = [example for one in verdict["checks"] for example in one["examples"]]
    assert examples[0].endswith("was never built. Start the projections.")


async def test_a_database_that_does_not_answer_is_told_in_one_line(counterfoil: Counterfoil) -> None:
    done = counterfoil("projections", "list", database="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("counterfoil: ")
    assert done.stderr.count("\n") == 1


async def test_what_is_parked_in_a_read_model_is_shown_and_given_again(
    counterfoil: Counterfoil, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    await manage.prepare(connection, PROJECTIONS)
    none = counterfoil("projections", "resend", "carts", database=database_url)
    assert (none.returncode, none.stderr) == (
        2,
        "counterfoil: Nothing is parked in carts. See: counterfoil projections list\n",
    )
    assert counterfoil("projections", "parked", database=database_url).stdout == "Nothing is parked.\n"
    await connection.execute(
        """insert into projection_parked (name, build, stream, position, type, error, held_back, parked_at)
        values ('carts', 1, 'cart-C1', 7, 'cart.opened.v9', 'UnknownEvent: what?', 3, '2026-11-25T12:00:00Z')"""
    )
    assert counterfoil("projections", "parked", database=database_url).stdout == (
        "carts build 1: cart-C1 stands still at position 7, cart.opened.v9\n"
        "  UnknownEvent: what?\n"
        "  since 2026-11-25 12:00:00; 3 later events are held back\n"
    )
    again = counterfoil("projections", "resend", "carts", database=database_url)
    assert again.stdout == "Build 2 of carts has begun. Readers move to it when it has caught up.\n"
    assert await connection.fetchval("select takes_over from projection_builds where name = 'carts' and build = 2")
    await connection.close()
