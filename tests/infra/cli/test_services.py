"""`counterfoil services`, as a person uses it."""

import os
import re

import pytest

from tests.e2e.shop import counterfoil, data_folder


def test_a_service_is_started_listed_and_stopped() -> None:
    with data_folder() as data:
        here = ("--data", str(data))
        started = counterfoil("services", "start", "redis", "--port", "0", *here)
        assert re.fullmatch(r"COUNTERFOIL_REDIS=redis://127\.0\.0\.1:\d+/0\n", started.stdout), started
        try:
            assert counterfoil("services", "list", *here).stdout == started.stdout
        finally:
            stopped = counterfoil("services", "stop", *here)
        assert (stopped.returncode, stopped.stderr) == (0, "Stopping redis\n")
        assert counterfoil("services", "list", *here).stdout == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as somebody else")
def test_a_folder_that_servers_cannot_reach_is_named() -> None:
    with data_folder() as data:
        data.mkdir(mode=0o700)
        refused = counterfoil("services", "start", "redis", "--port", "0", "--data", str(data))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1] == (
        f"counterfoil: Servers run as the user nobody, who needs the right to enter {data} (chmod o+x), or choose"
        " another data folder."
    )


def test_an_unknown_service_is_refused() -> None:
    refused = counterfoil("services", "start", "rediss")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (
        refused.stderr == "counterfoil: There is no service 'rediss'; there are redis, kafka, registry, opensearch.\n"
    )
