"""Local times of a zone as instants, across changes of its clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def instant(local: datetime, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """The instant of a local time without offset.

    Of a time that is there twice it is the first, or the `last`. A time that is skipped means the instant of the skip.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return second if last else first
    return _skip(second, first, zone)


def _skip(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second of the new offset between two instants."""
    new = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after
