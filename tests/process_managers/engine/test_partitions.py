"""Several runners, each with partitions of its own."""

from dataclasses import replace

from domain.shared.recorded import START, Metadata
from process_managers.engine.partitions import ALL, partition_of
from tests.support.fixtures.virtual_time import run
from tests.support.harness.counter import SellTicket
from tests.support.harness.process_harness import ProcessHarness, forgetful


def test_a_runner_works_for_the_instances_of_its_partitions_only() -> None:
    async def story() -> None:
        harness = ProcessHarness(partitions=frozenset({partition_of("anna")}))
        assert partition_of("anna") != partition_of("ben")
        await harness.sell("anna/play", 1)
        await harness.sell("ben/play", 2)
        await harness.run_for(2)
        assert [entry.phase for entry in await harness.heard("anna")] == ["half planned", "planned"]
        assert await harness.heard("ben") == []

        harness.progress.at = START
        await replace(harness, partitions=ALL - harness.partitions).run_for(2)
        assert [entry.phase for entry in await harness.heard("ben")] == ["half planned", "planned"]
        assert len(await harness.heard("anna")) == 2

    run(story())


def test_what_is_done_of_a_partition_is_not_asked_for_again_because_another_lags() -> None:
    async def story() -> None:
        harness = ProcessHarness(around=lambda _: forgetful)
        await harness.sell("anna/play", 1)
        await harness.sell("ben/play", 2)
        await harness.run_for(2)
        asked = list[object]()

        async def note(command: object, _: Metadata) -> None:
            asked.append(command)

        # The runner starts before both journals, but all of Ben's partition is done.
        harness.progress.further = {partition_of("ben"): harness.progress.at}
        harness.progress.at = START
        await replace(harness, around=lambda _: note).run_for(2)
        assert asked == [SellTicket(show="anna/dinner")]

    run(story())
