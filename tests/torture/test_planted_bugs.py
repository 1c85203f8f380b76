"""The witness is only worth her time if she finds bugs: here are five that real shops have had, each planted once."""

import json
from collections.abc import Sequence

import pytest

from tests.torture.plan import KILL
from tests.torture.record import Blow
from tests.torture.run import Outcome, Wish, empty_folder, torture
from tests.torture.verdict import failed

ONCE, READS = "each acknowledged command is in the log exactly once", "no read is behind a position it was promised"
TIDY, TWICE = "nothing is held for nobody: no unit, no cart, no cent", "nobody is charged twice"
FINISHED = "every process is finished, or shown as needing attention"

FOUND_BY: Sequence[tuple[str, str, str, float]] = (
    ("acknowledge-before-commit", "write-api", ONCE, 8),
    ("checkpoint-before-projection", "projections", READS, 4),
    ("forget-a-release", "", TIDY, 6),
    ("repeat-a-charge", "processes", TWICE, 6),
    ("skip-a-late-commit", "", FINISHED, 4),
)
"""The bug, the part that is killed meanwhile, the claim that must not hold any more, and seconds."""


async def tortured(bug: str, victim: str, seconds: float) -> Outcome:
    blows = [Blow(at, KILL, victim) for at in range(1, int(seconds), 3)] if victim else []
    with empty_folder() as folder:
        return await torture(Wish(7, seconds, blows, bug=bug, patience=5.0), folder, print)


@pytest.mark.parametrize(("bug", "victim", "claim", "seconds"), FOUND_BY, ids=[bug for bug, *_ in FOUND_BY])
async def test_the_witness_finds(bug: str, victim: str, claim: str, seconds: float) -> None:
    outcome = await tortured(bug, victim, seconds)
    assert claim in failed(outcome.checks), json.dumps(failed(outcome.checks), indent=2)
