"""Local times across changes of the clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from write_api.http.local_time import instant

ZURICH, LORD_HOWE = ZoneInfo("Europe/Zurich"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("local", "zone", "first", "last"),
    [
        ("2026-07-01T00:00", ZURICH, "2026-06-30T22:00", "2026-06-30T22:00"),
        ("2026-12-01T00:00", ZURICH, "2026-11-30T23:00", "2026-11-30T23:00"),
        ("2026-03-29T01:59:59", ZURICH, "2026-03-29T00:59:59", "2026-03-29T00:59:59"),
        ("2026-03-29T02:00", ZURICH, "2026-03-29T01:00", "2026-03-29T01:00"),
        ("2026-03-29T02:30", ZURICH, "2026-03-29T01:00", "2026-03-29T01:00"),
        ("2026-03-29T03:00", ZURICH, "2026-03-29T01:00", "2026-03-29T01:00"),
        ("2026-10-25T02:30", ZURICH, "2026-10-25T00:30", "2026-10-25T01:30"),
        ("2026-10-04T02:10", LORD_HOWE, "2026-10-03T15:30", "2026-10-03T15:30"),
    ],
)
def test_a_skipped_time_is_the_skip_and_of_a_double_time_a_start_is_the_first_and_an_end_the_last(
    local: str, zone: ZoneInfo, first: str, last: str
) -> None:
    meant = datetime.fromisoformat(local)
    assert instant(meant, zone) == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert instant(meant, zone, last=True) == datetime.fromisoformat(last).replace(tzinfo=UTC)
