"""The witness is only worth her time if she finds bugs: here are six that real shops have had, each planted once.

Three shops are open at the same time. Bugs share one where none of them can bring about what tells of another.
"""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pytest

from tests.torture.plan import KILL
from tests.torture.record import Blow
from tests.torture.run import Outcome, Wish, empty_folder, torture
from tests.torture.shoppers import USUAL, Manners
from tests.torture.verdict import failed

HELD = "nothing is held for nobody: no unit, no cart, no cent"

FOUND_BY: Mapping[str, Collection[str]] = {
    "acknowledge-before-commit": ["each acknowledged command is in the log exactly once"],
    "checkpoint-before-projection": ["no read is behind a position it was promised"],
    "repeat-a-charge": ["nobody is charged twice"],
    "forget-a-release": [HELD],
    "skip-a-late-commit": ["every process is finished, or shown as needing attention", HELD],
    "forget-what-was-told": ["others are told each published fact exactly once"],
}
"""Bugs, and claims of which one at least must not hold any more; of what is skipped it depends which."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The parts that are killed, how many checkouts begin before each blow and before the end, and how people are.

    With a publisher there has to be a broker, and more seconds from one blow to the next (`every`) than it takes to
    come up again: what was never told is not told twice.
    """

    victims: Sequence[str] = ()
    checkouts: int = 10
    manners: Manners = USUAL
    every: float = 1.0
    kafka: bool = False


SHOPS: Mapping[str, Scene] = {
    "acknowledge-before-commit,checkpoint-before-projection,repeat-a-charge": Scene(
        ("write-api", "projections", "processes") * 2, 2, Manners(methods=("pm_card_ok", "pm_card_timeout"))
    ),
    "forget-a-release": Scene(manners=Manners(cancels=1.0)),
    "skip-a-late-commit,forget-what-was-told": Scene(("publisher",) * 3, 4, every=5.0, kafka=True),
}


async def tortured(bugs: str) -> Outcome:
    scene = SHOPS[bugs]
    blows = [Blow(scene.every * at, KILL, part) for at, part in enumerate(scene.victims, 1)]
    seconds = scene.every * (1 + len(blows))
    with empty_folder() as folder:
        wish = Wish(
            7,
            seconds,
            blows,
            bug=bugs,
            patience=3.0,
            checkouts=scene.checkouts,
            manners=scene.manners,
            kafka=scene.kafka,
        )
        return await torture(wish, folder, print)


@pytest.fixture(scope="module")
def outcomes() -> Mapping[str, Outcome]:
    async def all_at_once() -> list[Outcome]:
        return await asyncio.gather(*map(tortured, SHOPS))

    found = dict(zip(SHOPS, asyncio.run(all_at_once()), strict=True))
    return {bug: outcome for bugs, outcome in found.items() for bug in bugs.split(",")}


@pytest.mark.parametrize("bug", FOUND_BY)
def test_the_witness_finds(bug: str, outcomes: Mapping[str, Outcome]) -> None:
    if outcomes[bug].left_out and "told" in bug:
        pytest.skip(outcomes[bug].left_out)
    found = failed(outcomes[bug].checks)
    assert not found.keys().isdisjoint(FOUND_BY[bug]), json.dumps(found, indent=2)
